//! What was asked for about an account and is done by who has the mailed link.

use contracts::{AccountId, AccountRequestId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    PasswordReset,
    EmailChange,
    Invitation,
}

impl Purpose {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::EmailChange => "email_change",
            Self::Invitation => "invitation",
        }
    }
}

pub(crate) struct NewRequest {
    pub(crate) id: AccountRequestId,
    pub(crate) purpose: Purpose,
    pub(crate) account_id: Option<AccountId>,
    pub(crate) email: String,
    pub(crate) email_key: String,
    pub(crate) role: Option<String>,
    pub(crate) asked_by: Option<Uuid>,
    pub(crate) token_hash: Vec<u8>,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) expires_at: OffsetDateTime,
}

pub(crate) struct Request {
    pub(crate) id: AccountRequestId,
    purpose: String,
    pub(crate) account_id: Option<Uuid>,
    pub(crate) email: String,
    pub(crate) email_key: String,
    pub(crate) previous_email: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) expires_at: OffsetDateTime,
    pub(crate) used_at: Option<OffsetDateTime>,
}

impl Request {
    pub(crate) fn account(&self) -> Option<AccountId> {
        self.account_id.map(AccountId::from)
    }

    pub(crate) fn purpose(&self) -> Purpose {
        match self.purpose.as_str() {
            "password_reset" => Purpose::PasswordReset,
            "email_change" => Purpose::EmailChange,
            // The table knows no other.
            _ => Purpose::Invitation,
        }
    }

    /// Whether its link still does something.
    pub(crate) fn is_open(&self, now: OffsetDateTime) -> bool {
        self.used_at.is_none() && self.expires_at > now
    }
}

pub(crate) async fn insert(connection: &mut PgConnection, new: &NewRequest) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO account_requests (id, purpose, account_id, email, email_key, role, asked_by, token_hash, created_at,
             expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new.id.uuid(),
        new.purpose.as_str(),
        new.account_id.map(AccountId::uuid),
        new.email,
        new.email_key,
        new.role,
        new.asked_by,
        new.token_hash,
        new.created_at,
        new.expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn find(connection: &mut PgConnection, id: AccountRequestId) -> Result<Option<Request>, sqlx::Error> {
    sqlx::query_as!(
        Request,
        "SELECT id, purpose, account_id, email, email_key, previous_email, role, expires_at, used_at
         FROM account_requests WHERE id = $1",
        id.uuid()
    )
    .fetch_optional(connection)
    .await
}

/// By its token, for this purpose alone.
pub(crate) async fn find_by_token(
    connection: &mut PgConnection,
    purpose: Purpose,
    token_hash: &[u8],
) -> Result<Option<Request>, sqlx::Error> {
    sqlx::query_as!(
        Request,
        "SELECT id, purpose, account_id, email, email_key, previous_email, role, expires_at, used_at
         FROM account_requests WHERE token_hash = $1 AND purpose = $2",
        token_hash,
        purpose.as_str()
    )
    .fetch_optional(connection)
    .await
}

/// Uses it up, unless it was used or has expired; true when it was open. With where a change is told.
pub(crate) async fn use_up(
    connection: &mut PgConnection,
    id: AccountRequestId,
    now: OffsetDateTime,
    previous_email: Option<&str>,
) -> Result<bool, sqlx::Error> {
    let used = sqlx::query!(
        "UPDATE account_requests SET used_at = $2, previous_email = $3
         WHERE id = $1 AND used_at IS NULL AND expires_at > $2",
        id.uuid(),
        now,
        previous_email
    );
    Ok(used.execute(connection).await?.rows_affected() == 1)
}

/// All other open ones of an account end: its password or address is another now.
pub(crate) async fn end_of(
    connection: &mut PgConnection,
    account_id: AccountId,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE account_requests SET used_at = $2 WHERE id = ANY (ARRAY (
             SELECT id FROM account_requests WHERE account_id = $1 AND used_at IS NULL ORDER BY id FOR UPDATE))",
        account_id.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn is_any_unanswered(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let any = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM account_requests WHERE account_id IS NULL AND purpose = 'password_reset') AS "any!""#
    );
    any.fetch_one(connection).await
}

/// A password reset that nobody looked at yet, and the account of its address.
pub(crate) struct Unanswered {
    pub(crate) id: AccountRequestId,
    pub(crate) account_id: Option<Uuid>,
}

/// Some of those, locked; others are at work on the rest.
pub(crate) async fn lock_unanswered(connection: &mut PgConnection, limit: i64) -> Result<Vec<Unanswered>, sqlx::Error> {
    sqlx::query_as!(
        Unanswered,
        r#"SELECT request.id,
                  (SELECT account.id FROM accounts account WHERE account.email_key = request.email_key
                       AND account.verified_at IS NOT NULL AND account.suspended_at IS NULL) AS "account_id?"
           FROM account_requests request
           WHERE request.account_id IS NULL AND request.purpose = 'password_reset'
           ORDER BY request.id LIMIT $1 FOR UPDATE OF request SKIP LOCKED"#,
        limit
    )
    .fetch_all(connection)
    .await
}

/// Says whose they are.
pub(crate) async fn answer(
    connection: &mut PgConnection,
    answered: &[(AccountRequestId, AccountId)],
) -> Result<(), sqlx::Error> {
    let (ids, accounts): (Vec<_>, Vec<_>) =
        answered.iter().map(|(request, account)| (request.uuid(), account.uuid())).unzip();
    sqlx::query!(
        "UPDATE account_requests SET account_id = answer.account
         FROM unnest($1::uuid[], $2::uuid[]) AS answer (request, account) WHERE id = answer.request",
        &ids,
        &accounts
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Of addresses that have no account, nothing is kept.
pub(crate) async fn delete(connection: &mut PgConnection, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM account_requests WHERE id = ANY($1)", ids).execute(connection).await?;
    Ok(())
}

/// Deletes up to `limit` that expired before `before`; gives how many.
pub(crate) async fn delete_expired(
    connection: &mut PgConnection,
    before: OffsetDateTime,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "DELETE FROM account_requests WHERE id = ANY (ARRAY (
             SELECT id FROM account_requests WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        before,
        limit
    );
    Ok(deleted.execute(connection).await?.rows_affected())
}
