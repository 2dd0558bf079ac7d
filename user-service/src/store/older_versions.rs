//! What versions that kept registrations among the accounts wrote, or still write beside us: accounts that were never
//! confirmed, and their links in `verifications`.

use sqlx::PgConnection;
use uuid::Uuid;

pub(crate) struct Unconfirmed {
    pub(crate) id: Uuid,
    pub(crate) email: String,
}

/// Such accounts, with their rows locked. Those that somebody else works on are left out.
pub(crate) async fn lock(connection: &mut PgConnection, limit: i64) -> Result<Vec<Unconfirmed>, sqlx::Error> {
    sqlx::query_as!(
        Unconfirmed,
        "SELECT id, email FROM accounts WHERE verified_at IS NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED",
        limit
    )
    .fetch_all(connection)
    .await
}

/// Makes registrations of locked ones, whose addresses and keys are `emails` and `keys`. Ids and links stay. What an
/// earlier mail's link would have confirmed is a registration of its own.
pub(crate) async fn adopt(
    connection: &mut PgConnection,
    ids: &[Uuid],
    emails: &[String],
    keys: &[String],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO registrations (id, first_name, last_name, email, email_key, phone, address, password_hash, created_at,
             expires_at, version)
         SELECT old.id, old.first_name, old.last_name, known.email, known.key, old.phone, old.address, old.password_hash,
             old.created_at,
             coalesce((SELECT max(link.expires_at) FROM verifications link WHERE link.account_id = old.id), old.created_at),
             old.version
         FROM accounts old JOIN unnest($1::uuid[], $2::text[], $3::text[]) AS known (id, email, key) ON known.id = old.id",
        ids,
        emails,
        keys
    )
    .execute(&mut *connection)
    .await?;
    // Hashes are salted: the same hash is the same registration.
    sqlx::query!(
        "INSERT INTO registrations (id, first_name, last_name, email, email_key, phone, address, password_hash, created_at,
             expires_at, version)
         SELECT DISTINCT ON (link.account_id, link.password_hash) link.event_id, link.first_name, link.last_name,
             adopted.email, adopted.email_key, link.phone, link.address, link.password_hash, adopted.created_at,
             max(link.expires_at) OVER (PARTITION BY link.account_id, link.password_hash), 0
         FROM verifications link JOIN registrations adopted ON adopted.id = link.account_id
         WHERE link.account_id = ANY($1) AND link.password_hash <> adopted.password_hash
         ORDER BY link.account_id, link.password_hash, link.event_id",
        ids
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO registration_links (event_id, registration_id, subject, token_hash, expires_at)
         SELECT link.event_id, own.id, link.account_id, link.token_hash, link.expires_at
         FROM verifications link
         JOIN registrations adopted ON adopted.id = link.account_id
         JOIN registrations own ON own.email_key = adopted.email_key AND own.password_hash = link.password_hash
         WHERE link.account_id = ANY($1)",
        ids
    )
    .execute(&mut *connection)
    .await?;
    delete(connection, ids).await
}

/// Those of these addresses, with their rows locked.
pub(crate) async fn lock_of(
    connection: &mut PgConnection,
    email_keys: &[String],
) -> Result<Vec<(Uuid, String)>, sqlx::Error> {
    let found = sqlx::query!(
        "SELECT id, email_key FROM accounts WHERE email_key = ANY($1) AND verified_at IS NULL ORDER BY id FOR UPDATE",
        email_keys
    );
    Ok(found.fetch_all(connection).await?.into_iter().map(|row| (row.id, row.email_key)).collect())
}

/// Ends locked ones, so that their keys are free.
pub(crate) async fn delete(connection: &mut PgConnection, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM verifications WHERE account_id = ANY($1)", ids).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM accounts WHERE id = ANY($1) AND verified_at IS NULL", ids).execute(connection).await?;
    Ok(())
}

/// Moves up to `limit` links of confirmed accounts: who opens an old mail is told that the address is confirmed.
pub(crate) async fn adopt_used_links(connection: &mut PgConnection, limit: i64) -> Result<u64, sqlx::Error> {
    let moved = sqlx::query!(
        "WITH moved AS (
             DELETE FROM verifications WHERE event_id IN (
                 SELECT link.event_id FROM verifications link JOIN accounts ON accounts.id = link.account_id
                 WHERE accounts.verified_at IS NOT NULL ORDER BY link.event_id LIMIT $1 FOR UPDATE OF link SKIP LOCKED)
             RETURNING event_id, account_id, token_hash, expires_at
         )
         INSERT INTO registration_links (event_id, registration_id, subject, token_hash, expires_at, account_id)
         SELECT event_id, account_id, account_id, token_hash, expires_at, account_id FROM moved",
        limit
    );
    Ok(moved.execute(connection).await?.rows_affected())
}
