//! What all services are told to accept no more.

use contracts::api::user::Revocation;
use service_kit::AtCommit;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// A revocation that leaves with its transaction.
pub(crate) struct Revoked(pub(crate) Revocation);

impl AtCommit for Revoked {
    async fn write(revoked: Vec<Self>, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let ids: Vec<_> = revoked.iter().map(|revoked| revoked.0.id).collect();
        let least: Vec<_> = revoked.iter().map(|revoked| revoked.0.least_generation).collect();
        let at: Vec<_> = revoked.iter().map(|revoked| revoked.0.at).collect();
        sqlx::query!(
            "INSERT INTO revocations (id, least_generation, revoked_at)
             SELECT id, max(least_generation), max(revoked_at)
             FROM unnest($1::uuid[], $2::integer[], $3::timestamptz[]) AS revoked (id, least_generation, revoked_at)
             GROUP BY id ORDER BY id
             ON CONFLICT (id) DO UPDATE SET
                 least_generation = greatest(revocations.least_generation, excluded.least_generation),
                 revoked_at = greatest(revocations.revoked_at, excluded.revoked_at)",
            &ids,
            &least,
            &at
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}

pub(crate) async fn since(
    connection: &mut PgConnection,
    since: OffsetDateTime,
) -> Result<Vec<Revocation>, sqlx::Error> {
    let rows = sqlx::query!("SELECT id, least_generation, revoked_at FROM revocations WHERE revoked_at >= $1", since);
    let revoked = rows.fetch_all(connection).await?.into_iter().map(|row| Revocation {
        id: row.id,
        least_generation: row.least_generation,
        at: row.revoked_at,
    });
    Ok(revoked.collect())
}

/// Whether tokens of a session, or key, and generation are good no more.
pub(crate) async fn is_revoked(connection: &mut PgConnection, id: Uuid, generation: i32) -> Result<bool, sqlx::Error> {
    let revoked = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM revocations WHERE id = $1 AND least_generation > $2) AS "revoked!""#,
        id,
        generation
    );
    revoked.fetch_one(connection).await
}

/// Deletes up to `limit` that are older than `before`; gives how many.
pub(crate) async fn delete_older(
    connection: &mut PgConnection,
    before: OffsetDateTime,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "DELETE FROM revocations WHERE id = ANY (ARRAY (
             SELECT id FROM revocations WHERE revoked_at < $1 ORDER BY revoked_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        before,
        limit
    );
    Ok(deleted.execute(connection).await?.rows_affected())
}
