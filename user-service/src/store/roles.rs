//! Roles: what staff may do.

use contracts::access::{Permission, Permissions};
use sqlx::PgConnection;

/// A role as it is for those who have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) permissions: Permissions,
    pub(crate) needs_second_factor: bool,
    pub(crate) built_in: bool,
    pub(crate) version: i64,
}

pub(crate) const CUSTOMER: &str = "customer";
pub(crate) const ADMIN: &str = "admin";

/// What a role of this name permits: an administrator may do all there is.
pub(super) fn permitted(name: &str, stored: &[String]) -> Permissions {
    if name == ADMIN {
        return Permissions::all();
    }
    stored.iter().filter_map(|text| text.parse::<Permission>().ok()).collect()
}

struct Row {
    name: String,
    title: String,
    permissions: Vec<String>,
    needs_second_factor: bool,
    built_in: bool,
    version: i64,
}

impl From<Row> for Role {
    fn from(row: Row) -> Self {
        let Row { name, title, permissions, needs_second_factor, built_in, version } = row;
        let permissions = permitted(&name, &permissions);
        Self { name, title, permissions, needs_second_factor, built_in, version }
    }
}

/// All of them, by name: a shop has few.
pub(crate) async fn list(connection: &mut PgConnection) -> Result<Vec<Role>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT name, title, permissions, needs_second_factor, built_in, version FROM roles ORDER BY name"
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Role::from).collect())
}

pub(crate) async fn find(connection: &mut PgConnection, name: &str) -> Result<Option<Role>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT name, title, permissions, needs_second_factor, built_in, version FROM roles WHERE name = $1",
        name
    );
    Ok(row.fetch_optional(connection).await?.map(Role::from))
}

pub(crate) async fn lock(connection: &mut PgConnection, name: &str) -> Result<Option<Role>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT name, title, permissions, needs_second_factor, built_in, version FROM roles WHERE name = $1 FOR UPDATE",
        name
    );
    Ok(row.fetch_optional(connection).await?.map(Role::from))
}

/// Stores a role, new or changed.
pub(crate) async fn save(connection: &mut PgConnection, role: &Role) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO roles (name, title, permissions, needs_second_factor, version) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO UPDATE SET title = excluded.title, permissions = excluded.permissions,
             needs_second_factor = excluded.needs_second_factor, version = excluded.version",
        role.name,
        role.title,
        &role.permissions.names(),
        role.needs_second_factor,
        role.version
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes a role that nobody has; false where somebody does.
pub(crate) async fn delete(connection: &mut PgConnection, name: &str) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query!(
        "DELETE FROM roles WHERE name = $1 AND NOT built_in AND NOT EXISTS (SELECT FROM accounts WHERE role = $1)",
        name
    );
    Ok(deleted.execute(connection).await?.rows_affected() == 1)
}
