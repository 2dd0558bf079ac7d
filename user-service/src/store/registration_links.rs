//! The mailed links of registrations: what each one's token leads to.

use contracts::{AccountId, EventId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) struct Link {
    pub(crate) registration_id: Uuid,
    pub(crate) expires_at: OffsetDateTime,
    pub(crate) tries: i32,
    /// The account that the address has since the link was mailed.
    pub(crate) account_id: Option<Uuid>,
}

/// Whom the mail of an event goes to.
pub(crate) struct Addressee {
    /// None once the registration has ended and nothing came of it.
    pub(crate) email: Option<String>,
    /// Whether an account has the address: another one than the registration itself became.
    pub(crate) taken: bool,
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    event_id: EventId,
    registration_id: AccountId,
    token_hash: &[u8],
    expires_at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO registration_links (event_id, registration_id, subject, token_hash, expires_at)
         VALUES ($1, $2, $2, $3, $4)",
        event_id.uuid(),
        registration_id.uuid(),
        token_hash,
        expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn find(connection: &mut PgConnection, token_hash: &[u8]) -> Result<Option<Link>, sqlx::Error> {
    sqlx::query_as!(
        Link,
        "SELECT registration_id, expires_at, tries, account_id FROM registration_links WHERE token_hash = $1",
        token_hash
    )
    .fetch_optional(connection)
    .await
}

/// Counts one more password tried with the token, unless `most` were; gives how many that makes.
pub(crate) async fn count_try(
    connection: &mut PgConnection,
    token_hash: &[u8],
    most: i32,
) -> Result<Option<i32>, sqlx::Error> {
    sqlx::query_scalar!(
        "UPDATE registration_links SET tries = tries + 1 WHERE token_hash = $1 AND tries < $2 RETURNING tries",
        token_hash,
        most
    )
    .fetch_optional(connection)
    .await
}

/// Whom the mail goes to that `event_id` about `subject` asked for. A mail that is sent again after its link was used is
/// the same mail.
pub(crate) async fn addressee(
    connection: &mut PgConnection,
    event_id: EventId,
    subject: AccountId,
) -> Result<Option<Addressee>, sqlx::Error> {
    sqlx::query_as!(
        Addressee,
        r#"SELECT coalesce(holder.email, registration.email) AS email,
                  CASE WHEN link.account_id IS NULL
                      THEN EXISTS (SELECT FROM accounts WHERE email_key = registration.email_key
                          AND verified_at IS NOT NULL)
                      ELSE link.account_id <> link.registration_id END AS "taken!"
           FROM registration_links link
           LEFT JOIN registrations registration ON registration.id = link.registration_id
           LEFT JOIN accounts holder ON holder.id = link.account_id
           WHERE link.event_id = $1 AND link.subject = $2"#,
        event_id.uuid(),
        subject.uuid()
    )
    .fetch_optional(connection)
    .await
}

/// Deletes up to `limit` links that expired before `before`; gives how many.
pub(crate) async fn delete_expired(
    connection: &mut PgConnection,
    before: OffsetDateTime,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    // Locked in order and without waiting: several instances may run this.
    let result = sqlx::query!(
        "DELETE FROM registration_links WHERE event_id IN (
             SELECT event_id FROM registration_links WHERE expires_at < $1 ORDER BY event_id LIMIT $2
             FOR UPDATE SKIP LOCKED)",
        before,
        limit
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}
