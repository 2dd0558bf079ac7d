//! Accounts as staff see them.

use contracts::AccountId;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
pub(crate) struct User {
    pub(crate) id: Uuid,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: String,
    pub(crate) phone: Option<String>,
    pub(crate) role: String,
    pub(crate) suspended_at: Option<OffsetDateTime>,
    pub(crate) created_at: OffsetDateTime,
}

/// Which of them.
#[derive(Default)]
pub(crate) struct Which {
    pub(crate) id: Option<AccountId>,
    pub(crate) email_keys: Option<Vec<String>>,
    pub(crate) role: Option<String>,
    pub(crate) staff: bool,
}

/// Confirmed accounts, the newest first, after `after`.
pub(crate) async fn list(
    connection: &mut PgConnection,
    which: &Which,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<User>, sqlx::Error> {
    // Each filter has its index: what is not asked for is not in the statement.
    let mut statement = QueryBuilder::<Postgres>::new(
        "SELECT id, first_name, last_name, email, phone, role, suspended_at, created_at FROM accounts
         WHERE verified_at IS NOT NULL",
    );
    if let Some(id) = which.id {
        statement.push(" AND id = ").push_bind(id.uuid());
    }
    if let Some(keys) = &which.email_keys {
        statement.push(" AND email_key = ANY(").push_bind(keys.clone()).push(")");
    }
    if let Some(role) = &which.role {
        statement.push(" AND role = ").push_bind(role.clone());
    }
    if which.staff {
        statement.push(" AND role <> 'customer'");
    }
    if let Some(after) = after {
        statement.push(" AND id < ").push_bind(after);
    }
    statement.push(" ORDER BY id DESC LIMIT ").push_bind(limit);
    statement.build_query_as().fetch_all(connection).await
}

/// Confirmed accounts whose address begins so, in the order of their addresses, after that of `after`.
pub(crate) async fn beginning(
    connection: &mut PgConnection,
    begins: &str,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<User>, sqlx::Error> {
    // Byte by byte, as the index has them; nothing is behind U+10FFFF.
    let mut statement = QueryBuilder::<Postgres>::new(
        "SELECT id, first_name, last_name, email, phone, role, suspended_at, created_at FROM accounts
         WHERE verified_at IS NOT NULL AND email_key ~>=~ ",
    );
    statement.push_bind(begins.to_owned());
    statement.push(" AND email_key ~<~ ").push_bind(format!("{begins}\u{10FFFF}"));
    if let Some(after) = after {
        statement.push(" AND email_key ~>~ (SELECT email_key FROM accounts WHERE id = ").push_bind(after).push(")");
    }
    statement.push(" ORDER BY email_key USING ~<~ LIMIT ").push_bind(limit);
    statement.build_query_as().fetch_all(connection).await
}

/// Who has a role, locked in their order.
pub(crate) async fn lock_with_role(connection: &mut PgConnection, role: &str) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!("SELECT id FROM accounts WHERE role = $1 ORDER BY id FOR UPDATE", role)
        .fetch_all(connection)
        .await
}

/// Whether somebody else than `id` may do everything: the last one must stay. Locks the role, so that of two who go at
/// once one stays.
pub(crate) async fn has_another_administrator(
    connection: &mut PgConnection,
    id: AccountId,
) -> Result<bool, sqlx::Error> {
    sqlx::query!("SELECT FROM roles WHERE name = 'admin' FOR UPDATE").execute(&mut *connection).await?;
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM accounts WHERE role = 'admin' AND id <> $1 AND suspended_at IS NULL) AS "another!""#,
        id.uuid()
    )
    .fetch_one(connection)
    .await
}
