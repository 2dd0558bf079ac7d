//! What is kept of a person: erased, and handed over.

use contracts::AccountId;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// Why a mail to somebody who was erased is not sent.
const ERASED: &str = "the account was erased";

/// Takes the words and facts out of up to `limit` messages, and ends their mails. The rows stay, without a word: an event that
/// comes again must find that it was told. Gives how many messages there were, and whose mails may be in a folder.
pub(crate) async fn erase(
    connection: &mut PgConnection,
    ids: &[Uuid],
    limit: i64,
) -> Result<(u64, Vec<Uuid>), sqlx::Error> {
    let messages = sqlx::query_scalar!(
        r#"WITH mine AS (
               (SELECT id FROM messages WHERE account_id = ANY($1) AND in_inbox LIMIT $2)
               UNION ALL
               (SELECT id FROM messages WHERE account_id = ANY($1) AND NOT in_inbox AND title <> '' LIMIT $2))
           UPDATE messages SET title = '', body = '', content = '{"template": "erased"}', in_inbox = false
           WHERE id = ANY (ARRAY (SELECT id FROM mine LIMIT $2)) RETURNING id"#,
        ids,
        limit
    );
    let messages = messages.fetch_all(&mut *connection).await?;
    sqlx::query!(
        "UPDATE deliveries SET status = 'failed', next_at = NULL, last_error = $2
         WHERE message_id = ANY($1) AND status IN ('waiting', 'sending')",
        &messages,
        ERASED
    )
    .execute(&mut *connection)
    .await?;
    let mails = sqlx::query_scalar!("SELECT id FROM deliveries WHERE message_id = ANY($1)", &messages);
    let mails = mails.fetch_all(connection).await?;
    Ok((u64::try_from(messages.len()).unwrap_or(u64::MAX), mails))
}

/// Which of these mails, or of all mails to these people, are of messages without a word any more.
pub(crate) async fn emptied_mails(
    connection: &mut PgConnection,
    mails: &[Uuid],
    people: &[Uuid],
) -> Result<Vec<Uuid>, sqlx::Error> {
    let emptied = sqlx::query_scalar!(
        r#"SELECT delivery.id FROM deliveries AS delivery JOIN messages AS message ON message.id = delivery.message_id
           WHERE (delivery.id = ANY($1) OR message.account_id = ANY($2)) AND message.content ->> 'template' = 'erased'"#,
        mails,
        people
    );
    emptied.fetch_all(connection).await
}

/// Messages as the person read them in the app, the newest first.
pub(crate) async fn messages(
    connection: &mut PgConnection,
    account_id: AccountId,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<(Uuid, Value)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT id, jsonb_build_object('template', template, 'title', title, 'body', body, 'order_id', order_id,
               'created_at', created_at, 'read_at', read_at) AS "item!"
           FROM messages WHERE account_id = $1 AND in_inbox AND id < $2 ORDER BY id DESC LIMIT $3"#,
        account_id.uuid(),
        before.unwrap_or(Uuid::max()),
        limit
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.id, row.item)).collect())
}

/// What was told by mail alone, the newest first.
pub(crate) async fn mails(
    connection: &mut PgConnection,
    account_id: AccountId,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<(Uuid, Value)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT id, jsonb_build_object('template', template, 'title', title, 'body', body, 'created_at', created_at)
               AS "item!"
           FROM messages WHERE account_id = $1 AND NOT in_inbox AND id < $2 ORDER BY id DESC LIMIT $3"#,
        account_id.uuid(),
        before.unwrap_or(Uuid::max()),
        limit
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.id, row.item)).collect())
}

/// A guest's messages, and what is still to be sent of them, become an account's; gives how many.
pub(crate) async fn join(
    connection: &mut PgConnection,
    guest: AccountId,
    account: AccountId,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let joined = sqlx::query_scalar!(
        r#"WITH mine AS (
               (SELECT id FROM messages WHERE account_id = $1 AND in_inbox LIMIT $3)
               UNION ALL
               (SELECT id FROM messages WHERE account_id = $1 AND NOT in_inbox LIMIT $3))
           UPDATE messages SET account_id = $2 WHERE id = ANY (ARRAY (SELECT id FROM mine LIMIT $3))
           RETURNING messages.id"#,
        guest.uuid(),
        account.uuid(),
        limit
    );
    let joined = joined.fetch_all(&mut *connection).await?;
    sqlx::query!("UPDATE deliveries SET account_id = $2 WHERE message_id = ANY($1)", &joined, account.uuid())
        .execute(connection)
        .await?;
    Ok(u64::try_from(joined.len()).unwrap_or(u64::MAX))
}
