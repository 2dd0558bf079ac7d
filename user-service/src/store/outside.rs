//! Logins by an outside provider on their way, and who is linked to whom there.

use contracts::AccountId;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// What a login was begun with. Without `Debug`: it would end up in a log.
pub(crate) struct Begun {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
}

pub(crate) async fn begin(
    connection: &mut PgConnection,
    token_hash: &[u8],
    begun: &Begun,
    expires_at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO outside_logins (token_hash, state, nonce, verifier, expires_at) VALUES ($1, $2, $3, $4, $5)",
        token_hash,
        begun.state,
        begun.nonce,
        begun.verifier,
        expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes it: of two who come back with it at once, one is too late.
pub(crate) async fn take(
    connection: &mut PgConnection,
    token_hash: &[u8],
    now: OffsetDateTime,
) -> Result<Option<Begun>, sqlx::Error> {
    let taken = sqlx::query!(
        "DELETE FROM outside_logins WHERE token_hash = $1 RETURNING state, nonce, verifier, expires_at",
        token_hash
    );
    let taken = taken.fetch_optional(connection).await?.filter(|taken| taken.expires_at > now);
    Ok(taken.map(|taken| Begun { state: taken.state, nonce: taken.nonce, verifier: taken.verifier }))
}

/// Deletes up to `limit` that are over; gives how many.
pub(crate) async fn delete_expired(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "DELETE FROM outside_logins WHERE token_hash = ANY (ARRAY (
             SELECT token_hash FROM outside_logins WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2
             FOR UPDATE SKIP LOCKED))",
        now,
        limit
    );
    Ok(deleted.execute(connection).await?.rows_affected())
}

/// Whose the identity is.
pub(crate) async fn account_of(
    connection: &mut PgConnection,
    issuer: &str,
    subject: &str,
) -> Result<Option<AccountId>, sqlx::Error> {
    let found = sqlx::query_scalar!(
        "SELECT account_id FROM outside_identities WHERE issuer = $1 AND subject = $2",
        issuer,
        subject
    );
    Ok(found.fetch_optional(connection).await?.map(AccountId::from))
}

/// Links it; false where it is linked already.
pub(crate) async fn link(
    connection: &mut PgConnection,
    (issuer, subject): (&str, &str),
    account_id: AccountId,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let linked = sqlx::query!(
        "INSERT INTO outside_identities (issuer, subject, account_id, linked_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (issuer, subject) DO NOTHING",
        issuer,
        subject,
        account_id.uuid(),
        now
    );
    Ok(linked.execute(connection).await?.rows_affected() == 1)
}
