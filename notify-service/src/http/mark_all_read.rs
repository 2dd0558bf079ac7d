//! `POST /notifications/read-all`: marks all as read.

use crate::{changes::read, error::Error, state::App};
use axum::{Json, extract::State};
use contracts::AccountId;
use serde::Serialize;
use service_kit::{Problem, auth::SignedIn, each, one};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub(crate) struct MarkedReadView {
    /// How many were not read before.
    #[schema(value_type = u64)]
    marked: i64,
}

/// Marks all notifications of the caller as read.
#[utoipa::path(
    post, path = "/notifications/read-all", tag = "notifications", security(("bearer" = [])),
    responses((status = 200, description = "How many were marked.", body = MarkedReadView))
)]
pub(crate) async fn mark_all_read(person: SignedIn, State(app): State<App>) -> Result<Json<MarkedReadView>, Problem> {
    Ok(Json(one(mark_all(&app, vec![person.account_id]).await)?))
}

async fn mark_all(app: &App, owners: Vec<AccountId>) -> Vec<Result<MarkedReadView, Error>> {
    let marked = async {
        let mut tx = app.kit.database.begin("mark_all_read").await?;
        let marked = read::mark_all(app, &mut tx, &owners).await?;
        let _committed = tx.commit().await?;
        Ok(marked.into_iter().map(|marked| Ok(MarkedReadView { marked })).collect())
    };
    each(marked.await, owners.len())
}
