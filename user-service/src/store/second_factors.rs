//! Second factors, and the tickets between a password and one of them.

use contracts::AccountId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// A secret for codes by time.
pub(crate) struct Kept {
    pub(crate) secret: Vec<u8>,
    pub(crate) confirmed_at: Option<OffsetDateTime>,
}

/// What somebody can show besides the password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Methods {
    pub(crate) totp: bool,
    pub(crate) recovery_codes: i64,
    pub(crate) passkeys: i64,
}

pub(crate) async fn methods(connection: &mut PgConnection, id: AccountId) -> Result<Methods, sqlx::Error> {
    sqlx::query_as!(
        Methods,
        r#"SELECT EXISTS (SELECT FROM totp_secrets WHERE account_id = $1 AND confirmed_at IS NOT NULL) AS "totp!",
                  (SELECT count(*) FROM recovery_codes WHERE account_id = $1 AND used_at IS NULL) AS "recovery_codes!",
                  (SELECT count(*) FROM passkeys WHERE account_id = $1) AS "passkeys!""#,
        id.uuid()
    )
    .fetch_one(connection)
    .await
}

/// A secret that is not confirmed yet, in the place of another such; false where there is a confirmed one.
pub(crate) async fn begin(
    connection: &mut PgConnection,
    id: AccountId,
    secret: &[u8],
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let begun = sqlx::query!(
        "INSERT INTO totp_secrets (account_id, secret, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at
         WHERE totp_secrets.confirmed_at IS NULL",
        id.uuid(),
        secret,
        now
    );
    Ok(begun.execute(connection).await?.rows_affected() == 1)
}

pub(crate) async fn find(connection: &mut PgConnection, id: AccountId) -> Result<Option<Kept>, sqlx::Error> {
    sqlx::query_as!(Kept, "SELECT secret, confirmed_at FROM totp_secrets WHERE account_id = $1", id.uuid())
        .fetch_optional(connection)
        .await
}

/// Notes that a code of this step was used, and that the secret is confirmed; false where one of it, or of a later one, was
/// before.
pub(crate) async fn use_step(
    connection: &mut PgConnection,
    id: AccountId,
    step: i64,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let used = sqlx::query!(
        "UPDATE totp_secrets SET last_step = $2, confirmed_at = coalesce(confirmed_at, $3)
         WHERE account_id = $1 AND last_step < $2",
        id.uuid(),
        step,
        now
    );
    Ok(used.execute(connection).await?.rows_affected() == 1)
}

/// Other recovery codes in the place of those there were.
pub(crate) async fn replace_recovery_codes(
    connection: &mut PgConnection,
    id: AccountId,
    macs: &[Vec<u8>],
) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM recovery_codes WHERE account_id = $1", id.uuid()).execute(&mut *connection).await?;
    sqlx::query!("INSERT INTO recovery_codes (account_id, code_mac) SELECT $1, unnest($2::bytea[])", id.uuid(), macs)
        .execute(connection)
        .await?;
    Ok(())
}

/// Uses one up; false where there is none such.
pub(crate) async fn use_recovery_code(
    connection: &mut PgConnection,
    id: AccountId,
    mac: &[u8],
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let used = sqlx::query!(
        "UPDATE recovery_codes SET used_at = $3 WHERE account_id = $1 AND code_mac = $2 AND used_at IS NULL",
        id.uuid(),
        mac,
        now
    );
    Ok(used.execute(connection).await?.rows_affected() == 1)
}

/// All that an account had; false where it had none.
pub(crate) async fn delete(connection: &mut PgConnection, id: AccountId) -> Result<bool, sqlx::Error> {
    sqlx::query!("DELETE FROM recovery_codes WHERE account_id = $1", id.uuid()).execute(&mut *connection).await?;
    let deleted = sqlx::query!("DELETE FROM totp_secrets WHERE account_id = $1", id.uuid());
    Ok(deleted.execute(connection).await?.rows_affected() == 1)
}

pub(crate) async fn insert_ticket(
    connection: &mut PgConnection,
    hash: &[u8],
    account_id: AccountId,
    expires_at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO login_tickets (token_hash, account_id, expires_at) VALUES ($1, $2, $3)",
        hash,
        account_id.uuid(),
        expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts a try with a ticket, unless it is over or `most` were; gives whose it is.
pub(crate) async fn try_ticket(
    connection: &mut PgConnection,
    hash: &[u8],
    now: OffsetDateTime,
    most: i32,
) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "UPDATE login_tickets SET tries = tries + 1 WHERE token_hash = $1 AND expires_at > $2 AND tries < $3
         RETURNING account_id",
        hash,
        now,
        most
    )
    .fetch_optional(connection)
    .await
}

/// Whose a ticket is, unless it is over or `most` tries were made with it.
pub(crate) async fn ticket_owner(
    connection: &mut PgConnection,
    hash: &[u8],
    now: OffsetDateTime,
    most: i32,
) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT account_id FROM login_tickets WHERE token_hash = $1 AND expires_at > $2 AND tries < $3",
        hash,
        now,
        most
    )
    .fetch_optional(connection)
    .await
}

/// It has led to a session.
pub(crate) async fn delete_ticket(connection: &mut PgConnection, hash: &[u8]) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query!("DELETE FROM login_tickets WHERE token_hash = $1", hash);
    Ok(deleted.execute(connection).await?.rows_affected() == 1)
}

/// Deletes up to `limit` tickets that were over before `now`; gives how many.
pub(crate) async fn delete_expired_tickets(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "DELETE FROM login_tickets WHERE token_hash = ANY (ARRAY (
             SELECT token_hash FROM login_tickets WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2
             FOR UPDATE SKIP LOCKED))",
        now,
        limit
    );
    Ok(deleted.execute(connection).await?.rows_affected())
}
