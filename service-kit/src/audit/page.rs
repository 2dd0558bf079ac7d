//! The log as it is read: newest first, by who, what and to what.

use crate::{
    Kit, Problem,
    paging::{List, Page, PageQuery},
};
use contracts::api::operators::AuditView;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};
use time::OffsetDateTime;
use utoipa::IntoParams;
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

/// Whether it is written as actions are, whichever there are.
fn is_an_action(text: &str) -> bool {
    (1..=100).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_' | b'.'))
}

/// A page of the service's log, newest first.
///
/// # Errors
/// The page cannot be asked for like this, or the database is away.
pub async fn page(kit: &Kit, query: &PageQuery, filter: &AuditFilter) -> Result<Page<AuditView>, Problem> {
    if filter.action.as_deref().is_some_and(|action| !is_an_action(action)) {
        return Err(Problem::field("action", "is no action: expected one such as account.suspended"));
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
