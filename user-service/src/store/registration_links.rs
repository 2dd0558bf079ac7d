//! The mailed links of registrations: what each one's token leads to.

use contracts::{AccountId, EventId};
use service_kit::AtCommit;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) struct Link {
    pub(crate) registration_id: AccountId,
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

/// The link of a mail that was asked for.
pub(crate) struct NewLink {
    pub(crate) event_id: EventId,
    pub(crate) registration_id: AccountId,
    pub(crate) token_hash: Vec<u8>,
    pub(crate) expires_at: OffsetDateTime,
}

impl AtCommit for NewLink {
    async fn write(links: Vec<Self>, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let events: Vec<_> = links.iter().map(|link| link.event_id.uuid()).collect();
        let registrations: Vec<_> = links.iter().map(|link| link.registration_id.uuid()).collect();
        let hashes: Vec<_> = links.iter().map(|link| link.token_hash.as_slice()).collect();
        let expires: Vec<_> = links.iter().map(|link| link.expires_at).collect();
        sqlx::query!(
            "INSERT INTO registration_links (event_id, registration_id, subject, token_hash, expires_at)
             SELECT event_id, registration_id, registration_id, token_hash, expires_at
             FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::timestamptz[])
                 AS link (event_id, registration_id, token_hash, expires_at)",
            &events,
            &registrations,
            &hashes as &[&[u8]],
            &expires
        )
        .execute(connection)
        .await?;
        Ok(())
    }
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

/// Says of the links of each registration which account has the address since.
pub(crate) async fn lead_to(
    connection: &mut PgConnection,
    ended: &[(AccountId, AccountId)],
) -> Result<(), sqlx::Error> {
    let (registrations, accounts): (Vec<_>, Vec<_>) =
        ended.iter().map(|(registration, account)| (registration.uuid(), account.uuid())).unzip();
    sqlx::query!(
        "WITH ended AS (
             SELECT link.event_id, gone.account
             FROM registration_links link
             JOIN unnest($1::uuid[], $2::uuid[]) AS gone (registration, account) ON gone.registration = link.registration_id
             ORDER BY link.event_id FOR UPDATE OF link
         )
         UPDATE registration_links SET account_id = ended.account
         FROM ended WHERE ended.event_id = registration_links.event_id",
        &registrations,
        &accounts
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes up to `limit` links that expired before `before`; gives how many.
pub(crate) async fn delete_expired(
    connection: &mut PgConnection,
    before: OffsetDateTime,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    // Locked in order and without waiting: several instances may run this.
    let result = sqlx::query!(
        "DELETE FROM registration_links WHERE event_id = ANY (ARRAY (
             SELECT event_id FROM registration_links WHERE expires_at < $1 ORDER BY event_id LIMIT $2
             FOR UPDATE SKIP LOCKED))",
        before,
        limit
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}
