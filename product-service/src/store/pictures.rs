//! Pictures, by the hash of their content.

use crate::domain::Picture;
use sqlx::PgConnection;

pub(crate) struct Stored {
    pub(crate) content_type: String,
    pub(crate) bytes: Vec<u8>,
}

/// The same picture twice is one.
pub(crate) async fn insert(connection: &mut PgConnection, picture: &Picture) -> Result<String, sqlx::Error> {
    let name = picture.name();
    sqlx::query!(
        "INSERT INTO pictures (name, content_type, bytes) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
        name,
        picture.content_type,
        picture.bytes
    )
    .execute(connection)
    .await?;
    Ok(name)
}

pub(crate) async fn find(connection: &mut PgConnection, name: &str) -> Result<Option<Stored>, sqlx::Error> {
    sqlx::query_as!(Stored, "SELECT content_type, bytes FROM pictures WHERE name = $1", name)
        .fetch_optional(connection)
        .await
}
