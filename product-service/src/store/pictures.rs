//! Pictures, by the hash of their content.

use crate::domain::{Narrower, Picture};
use sqlx::PgConnection;

pub(crate) struct Stored {
    pub(crate) content_type: String,
    /// None of the widest.
    pub(crate) width: Option<i32>,
    /// None where they lie in the bucket.
    pub(crate) bytes: Option<Vec<u8>>,
}

/// Where the bytes of a picture lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Here,
    /// In the bucket, already.
    Elsewhere,
}

impl Keep {
    fn bytes(self, bytes: &[u8]) -> Option<&[u8]> {
        match self {
            Self::Here => Some(bytes),
            Self::Elsewhere => None,
        }
    }
}

/// The same picture twice is one, which lies where it was put last.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    pictures: &[&Picture],
    keep: Keep,
) -> Result<(), sqlx::Error> {
    let names: Vec<String> = pictures.iter().map(|picture| picture.name()).collect();
    let content_types: Vec<&str> = pictures.iter().map(|picture| picture.content_type).collect();
    let bytes: Vec<Option<&[u8]>> = pictures.iter().map(|picture| keep.bytes(&picture.bytes)).collect();
    sqlx::query!(
        "INSERT INTO pictures (name, content_type, bytes)
         SELECT DISTINCT ON (name) name, content_type, bytes
         FROM unnest($1::text[], $2::text[], $3::bytea[]) AS picture (name, content_type, bytes)
         ORDER BY name ON CONFLICT (name) DO UPDATE SET bytes = EXCLUDED.bytes
         WHERE (pictures.bytes IS NULL) <> (EXCLUDED.bytes IS NULL)",
        &names,
        &content_types as &[&str],
        &bytes as &[Option<&[u8]>]
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The same picture, less wide.
pub(crate) async fn insert_narrower(
    connection: &mut PgConnection,
    name: &str,
    narrower: &[Narrower],
    keep: Keep,
) -> Result<(), sqlx::Error> {
    if narrower.is_empty() {
        return Ok(());
    }
    let widths: Vec<i32> = narrower.iter().map(|one| i32::try_from(one.width).unwrap_or(i32::MAX)).collect();
    let bytes: Vec<Option<&[u8]>> = narrower.iter().map(|one| keep.bytes(&one.bytes)).collect();
    sqlx::query!(
        "INSERT INTO picture_sizes (name, width, bytes)
         SELECT $1, width, bytes FROM unnest($2::integer[], $3::bytea[]) AS size (width, bytes)
         ORDER BY width ON CONFLICT (name, width) DO UPDATE SET bytes = EXCLUDED.bytes
         WHERE (picture_sizes.bytes IS NULL) <> (EXCLUDED.bytes IS NULL)",
        name,
        &widths,
        &bytes as &[Option<&[u8]>]
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The least wide one that is at least so wide; the widest where none is.
pub(crate) async fn find(
    connection: &mut PgConnection,
    name: &str,
    width: Option<i32>,
) -> Result<Option<Stored>, sqlx::Error> {
    sqlx::query_as!(
        Stored,
        r#"SELECT content_type, size.width AS "width?",
                  CASE WHEN size.width IS NULL THEN pictures.bytes ELSE size.bytes END AS "bytes?"
           FROM pictures LEFT JOIN LATERAL (
               SELECT width, bytes FROM picture_sizes
               WHERE picture_sizes.name = pictures.name AND width >= $2 ORDER BY width LIMIT 1
           ) AS size ON true
           WHERE pictures.name = $1"#,
        name,
        width
    )
    .fetch_optional(connection)
    .await
}
