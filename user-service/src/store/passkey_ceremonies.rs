//! What browsers were asked about passkeys, until they answer.

use contracts::AccountId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// What comes of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Add,
    LogIn,
    SecondFactor,
    StepUp,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::LogIn => "log_in",
            Self::SecondFactor => "second_factor",
            Self::StepUp => "step_up",
        }
    }
}

/// For what, and of whom. Nobody in particular at a login.
#[derive(Clone, Copy)]
pub(crate) struct About {
    pub(crate) purpose: Purpose,
    pub(crate) account: Option<AccountId>,
}

impl About {
    fn account(self) -> Option<Uuid> {
        self.account.map(AccountId::uuid)
    }
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    token_hash: &[u8],
    about: About,
    state: &[u8],
    expires_at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO passkey_ceremonies (token_hash, purpose, account_id, state, expires_at) VALUES ($1, $2, $3, $4, $5)",
        token_hash,
        about.purpose.as_str(),
        about.account(),
        state,
        expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Of one account's for one purpose only the newest are kept.
pub(crate) async fn delete_beyond(connection: &mut PgConnection, about: About, most: i64) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM passkey_ceremonies WHERE token_hash = ANY (ARRAY (
             SELECT token_hash FROM passkey_ceremonies WHERE account_id = $1 AND purpose = $2
             ORDER BY expires_at DESC OFFSET $3))",
        about.account(),
        about.purpose.as_str(),
        most
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes it: of two who answer at once, one is too late. What is asked of one is answered by no other, and for nothing else.
pub(crate) async fn take(
    connection: &mut PgConnection,
    token_hash: &[u8],
    about: About,
    now: OffsetDateTime,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let taken = sqlx::query!(
        "DELETE FROM passkey_ceremonies
         WHERE token_hash = $1 AND purpose = $2 AND account_id IS NOT DISTINCT FROM $3 RETURNING state, expires_at",
        token_hash,
        about.purpose.as_str(),
        about.account()
    );
    let taken = taken.fetch_optional(connection).await?.filter(|taken| taken.expires_at > now);
    Ok(taken.map(|taken| taken.state))
}

/// Deletes up to `limit` that are over; gives how many.
pub(crate) async fn delete_expired(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "DELETE FROM passkey_ceremonies WHERE token_hash = ANY (ARRAY (
             SELECT token_hash FROM passkey_ceremonies WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2
             FOR UPDATE SKIP LOCKED))",
        now,
        limit
    );
    Ok(deleted.execute(connection).await?.rows_affected())
}
