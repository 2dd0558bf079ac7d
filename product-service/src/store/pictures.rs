//! Pictures, by the hash of their content.

use crate::domain::Picture;
use sqlx::PgConnection;

pub(crate) struct Stored {
    pub(crate) content_type: String,
    pub(crate) bytes: Vec<u8>,
}

/// The same picture twice is one.
pub(crate) async fn insert(connection: &mut PgConnection, pictures: &[&Picture]) -> Result<(), sqlx::Error> {
    let names: Vec<String> = pictures.iter().map(|picture| picture.name()).collect();
    let content_types: Vec<&str> = pictures.iter().map(|picture| picture.content_type).collect();
    let bytes: Vec<&[u8]> = pictures.iter().map(|picture| picture.bytes.as_slice()).collect();
    sqlx::query!(
        "INSERT INTO pictures (name, content_type, bytes)
         SELECT name, content_type, bytes
         FROM unnest($1::text[], $2::text[], $3::bytea[]) AS picture (name, content_type, bytes)
         ORDER BY name ON CONFLICT (name) DO NOTHING",
        &names,
        &content_types as &[&str],
        &bytes as &[&[u8]]
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn find(connection: &mut PgConnection, name: &str) -> Result<Option<Stored>, sqlx::Error> {
    sqlx::query_as!(Stored, "SELECT content_type, bytes FROM pictures WHERE name = $1", name)
        .fetch_optional(connection)
        .await
}
