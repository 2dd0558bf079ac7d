//! `POST /notifications/{id}/read`: marks one as read.

use super::list_notifications::Notification;
use crate::{Error, app::App, store::messages};
use axum::{Json, extract::State};
use contracts::MessageId;
use service_kit::{Problem, auth::SignedIn, extract::Path};

/// Marks a notification of the caller as read. The time of the first reading stays.
#[utoipa::path(
    post, path = "/notifications/{id}/read", tag = "notifications", security(("bearer" = [])),
    params(("id" = MessageId, Path)),
    responses((status = 200, description = "The notification, read.", body = Notification))
)]
pub(crate) async fn mark_read(
    person: SignedIn,
    State(app): State<App>,
    Path(id): Path<MessageId>,
) -> Result<Json<Notification>, Problem> {
    let mut connection = app.kit.database.pool().acquire().await?;
    let marked = messages::mark_read(&mut connection, person.account_id, id, app.kit.clock.now()).await?;
    Ok(Json(marked.ok_or(Error::NoSuchNotification)?.into()))
}
