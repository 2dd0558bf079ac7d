//! Copies of what is kept of people, as their pieces come.

use contracts::{AccountId, ExportId, ServiceName, api::user::ExportPiece};
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Clone, Debug)]
pub(crate) struct Export {
    pub(crate) id: ExportId,
    pub(crate) account_id: AccountId,
    pub(crate) asked_at: OffsetDateTime,
    pub(crate) ready_at: Option<OffsetDateTime>,
    pub(crate) expires_at: OffsetDateTime,
}

pub(crate) async fn insert(connection: &mut PgConnection, new: &Export) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO exports (id, account_id, asked_at, expires_at) VALUES ($1, $2, $3, $4)",
        new.id.uuid(),
        new.account_id.uuid(),
        new.asked_at,
        new.expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Newest first.
pub(crate) async fn list(connection: &mut PgConnection, account_id: AccountId) -> Result<Vec<Export>, sqlx::Error> {
    sqlx::query_as!(
        Export,
        "SELECT id, account_id, asked_at, ready_at, expires_at FROM exports WHERE account_id = $1 ORDER BY id DESC",
        account_id.uuid()
    )
    .fetch_all(connection)
    .await
}

pub(crate) async fn find(connection: &mut PgConnection, id: ExportId) -> Result<Option<Export>, sqlx::Error> {
    sqlx::query_as!(
        Export,
        "SELECT id, account_id, asked_at, ready_at, expires_at FROM exports WHERE id = $1",
        id.uuid()
    )
    .fetch_optional(connection)
    .await
}

/// Locked until the transaction ends: of two last pieces one comes after the other.
pub(crate) async fn lock(connection: &mut PgConnection, id: ExportId) -> Result<Option<Export>, sqlx::Error> {
    sqlx::query_as!(
        Export,
        "SELECT id, account_id, asked_at, ready_at, expires_at FROM exports WHERE id = $1 FOR UPDATE",
        id.uuid()
    )
    .fetch_optional(connection)
    .await
}

/// In place of the one with the same number.
pub(crate) async fn store(
    connection: &mut PgConnection,
    export_id: ExportId,
    service: ServiceName,
    piece: &ExportPiece,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO export_pieces (export_id, service, number, kind, items, last, came_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (export_id, service, number)
         DO UPDATE SET kind = excluded.kind, items = excluded.items, last = excluded.last, came_at = excluded.came_at",
        export_id.uuid(),
        service.as_str(),
        piece.number,
        piece.kind,
        Value::Array(piece.items.clone()),
        piece.last,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Which services have handed over their last piece of these, and when.
pub(crate) async fn ended(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, String, OffsetDateTime)>, sqlx::Error> {
    let rows =
        sqlx::query!("SELECT export_id, service, came_at FROM export_pieces WHERE export_id = ANY($1) AND last", ids);
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.export_id, row.service, row.came_at)).collect())
}

pub(crate) async fn ready(connection: &mut PgConnection, id: ExportId, now: OffsetDateTime) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE exports SET ready_at = $2 WHERE id = $1", id.uuid(), now).execute(connection).await?;
    Ok(())
}

/// A piece as it is read.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) service: String,
    pub(crate) number: i32,
    pub(crate) kind: String,
    pub(crate) items: Value,
}

/// The piece after `after`, service by service.
pub(crate) async fn next(
    connection: &mut PgConnection,
    id: ExportId,
    (service, number): (&str, i32),
) -> Result<Option<Stored>, sqlx::Error> {
    sqlx::query_as!(
        Stored,
        "SELECT service, number, kind, items FROM export_pieces
         WHERE export_id = $1 AND (service, number) > ($2, $3) ORDER BY service, number LIMIT 1",
        id.uuid(),
        service,
        number
    )
    .fetch_optional(connection)
    .await
}

/// Deletes up to `limit` that are over; gives how many.
pub(crate) async fn delete_expired(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "DELETE FROM exports WHERE id = ANY (ARRAY (
             SELECT id FROM exports WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        now,
        limit
    );
    Ok(deleted.execute(connection).await?.rows_affected())
}

/// What user-service itself keeps of a person, kind by kind. Secrets are no data of theirs: hashes stay.
pub(crate) async fn own(
    connection: &mut PgConnection,
    account_id: AccountId,
    activities: i64,
) -> Result<Vec<(&'static str, Vec<Value>)>, sqlx::Error> {
    let id = account_id.uuid();
    let account = sqlx::query_scalar!(
        r#"SELECT jsonb_build_object('id', id, 'first_name', first_name, 'last_name', last_name, 'email', email,
               'phone', phone, 'address', address, 'role', role, 'created_at', created_at, 'verified_at', verified_at,
               'second_factor', EXISTS (SELECT FROM totp_secrets WHERE account_id = accounts.id
                   AND confirmed_at IS NOT NULL)) AS "item!"
           FROM accounts WHERE id = $1"#,
        id
    );
    let account = account.fetch_all(&mut *connection).await?;
    let addresses = sqlx::query_scalar!(
        r#"SELECT address || jsonb_build_object('id', id, 'created_at', created_at) AS "item!"
           FROM addresses WHERE account_id = $1 ORDER BY id"#,
        id
    );
    let addresses = addresses.fetch_all(&mut *connection).await?;
    let sessions = sqlx::query_scalar!(
        r#"SELECT jsonb_build_object('device', device, 'client', client, 'created_at', created_at, 'last_seen_at',
               last_seen_at, 'second_factor', second_factor) AS "item!"
           FROM sessions WHERE account_id = $1 ORDER BY last_seen_at DESC, id DESC"#,
        id
    );
    let sessions = sessions.fetch_all(&mut *connection).await?;
    let identities = sqlx::query_scalar!(
        r#"SELECT jsonb_build_object('issuer', issuer, 'subject', subject, 'linked_at', linked_at) AS "item!"
           FROM outside_identities WHERE account_id = $1 ORDER BY linked_at"#,
        id
    );
    let identities = identities.fetch_all(&mut *connection).await?;
    let passkeys = sqlx::query_scalar!(
        r#"SELECT jsonb_build_object('name', name, 'created_at', created_at, 'last_used_at', last_used_at) AS "item!"
           FROM passkeys WHERE account_id = $1 ORDER BY id"#,
        id
    );
    let passkeys = passkeys.fetch_all(&mut *connection).await?;
    let guests = sqlx::query_scalar!(
        r#"SELECT jsonb_build_object('email', email, 'created_at', created_at) AS "item!"
           FROM guests WHERE account_id = $1 ORDER BY id"#,
        id
    );
    let guests = guests.fetch_all(&mut *connection).await?;
    let requests = sqlx::query_scalar!(
        r#"SELECT jsonb_build_object('purpose', purpose, 'email', email, 'previous_email', previous_email, 'created_at',
               created_at, 'used_at', used_at) AS "item!"
           FROM account_requests WHERE account_id = $1 ORDER BY id"#,
        id
    );
    let requests = requests.fetch_all(&mut *connection).await?;
    let activity = sqlx::query_scalar!(
        r#"SELECT jsonb_build_object('at', at, 'action', action, 'subject', subject, 'allowed', allowed, 'network',
               network) AS "item!"
           FROM audit_entries WHERE actor = $1 ORDER BY id DESC LIMIT $2"#,
        id,
        activities
    );
    let activity = activity.fetch_all(connection).await?;
    Ok(vec![
        ("account", account),
        ("addresses", addresses),
        ("sessions", sessions),
        ("identities", identities),
        ("passkeys", passkeys),
        ("guests", guests),
        ("requests", requests),
        ("activity", activity),
    ])
}
