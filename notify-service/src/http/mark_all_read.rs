//! `POST /notifications/read-all`: marks all as read.

use crate::{app::App, store::messages};
use axum::{Json, extract::State};
use serde::Serialize;
use service_kit::{Problem, auth::SignedIn};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub(crate) struct MarkedRead {
    /// How many were not read before.
    marked: u64,
}

/// Marks all notifications of the caller as read.
#[utoipa::path(
    post, path = "/notifications/read-all", tag = "notifications", security(("bearer" = [])),
    responses((status = 200, description = "How many were marked.", body = MarkedRead))
)]
pub(crate) async fn mark_all_read(person: SignedIn, State(app): State<App>) -> Result<Json<MarkedRead>, Problem> {
    let mut connection = app.kit.database.pool().acquire().await?;
    let marked = messages::mark_all_read(&mut connection, person.account_id, app.kit.clock.now()).await?;
    Ok(Json(MarkedRead { marked }))
}
