//! The log as it is read: newest first, by who, what and to what.

use crate::{
    Kit, Problem,
    paging::{List, Page, PageQuery},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which entries are asked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditFilter {
    /// Who did it: an account, or an API key.
    pub actor: Option<Uuid>,
    /// What it was done to.
    pub subject: Option<Uuid>,
    /// What was done.
    #[param(max_length = 100, pattern = "^[a-z_.]+$", example = "account.suspended")]
    pub action: Option<String>,
}

/// An entry of the audit log.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct AuditView {
    id: Uuid,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// `person`, `machine`, or `service` by itself.
    actor_kind: String,
    /// The account, or the API key.
    actor: Option<Uuid>,
    action: String,
    /// What it was done to.
    subject: Option<Uuid>,
    /// False for what they were not let.
    allowed: bool,
    /// What changed, as it was.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// And as it is.
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
    /// The network it came from.
    network: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    at: OffsetDateTime,
    actor_kind: String,
    actor: Option<Uuid>,
    action: String,
    subject: Option<Uuid>,
    allowed: bool,
    before: Option<Value>,
    after: Option<Value>,
    network: Option<String>,
}

/// A page of the service's log, newest first.
///
/// # Errors
/// The page cannot be asked for like this, or the database is away.
pub async fn page(kit: &Kit, query: &PageQuery, filter: &AuditFilter) -> Result<Page<AuditView>, Problem> {
    if filter.action.as_ref().is_some_and(|action| action.contains('\0')) {
        return Err(Problem::field("action", "holds a zero byte"));
    }
    let (limit, list) = (query.limit()?, List::new("audit", filter));
    let after: Option<Uuid> = list.after(query.after.as_deref())?;
    // Each filter has its index: what is not asked for is not in the statement.
    let mut statement = QueryBuilder::<Postgres>::new(
        "SELECT id, at, actor_kind, actor, action, subject, allowed, before, after, network FROM audit_entries WHERE true",
    );
    if let Some(actor) = filter.actor {
        statement.push(" AND actor = ").push_bind(actor);
    }
    if let Some(subject) = filter.subject {
        statement.push(" AND subject = ").push_bind(subject);
    }
    if let Some(action) = &filter.action {
        statement.push(" AND action = ").push_bind(action.clone());
    }
    if let Some(after) = after {
        statement.push(" AND id < ").push_bind(after);
    }
    statement.push(" ORDER BY id DESC LIMIT ").push_bind(limit + 1);
    let mut connection = kit.database.acquire().await?;
    let rows: Vec<Row> = statement.build_query_as().fetch_all(&mut *connection).await.map_err(crate::KitError::from)?;
    let page = list.page(rows, limit, |row| row.id);
    Ok(page.map(|row| AuditView {
        id: row.id,
        at: row.at,
        actor_kind: row.actor_kind,
        actor: row.actor,
        action: row.action,
        subject: row.subject,
        allowed: row.allowed,
        before: row.before,
        after: row.after,
        network: row.network,
    }))
}
