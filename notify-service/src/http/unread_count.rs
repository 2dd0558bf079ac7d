//! `GET /notifications/unread-count`: the number on the bell.

use crate::{state::App, store::messages};
use axum::{Json, extract::State};
use contracts::api::notify::UnreadCountView;
use service_kit::{Problem, auth::SignedIn};

/// How many of the caller's notifications are not read yet.
#[utoipa::path(
    get, path = "/notifications/unread-count", tag = "notifications", security(("bearer" = [])),
    responses((status = 200, description = "Their number.", body = UnreadCountView))
)]
pub(crate) async fn unread_count(person: SignedIn, State(app): State<App>) -> Result<Json<UnreadCountView>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let unread = messages::unread_count(&mut connection, person.account_id).await?;
    Ok(Json(UnreadCountView { unread }))
}
