//! `POST /notifications/{id}/read`: marks one as read.

use super::list_notifications::view;
use crate::{changes::read, error::Error, state::App};
use axum::{Json, extract::State};
use contracts::{AccountId, MessageId, api::notify::NotificationView};
use service_kit::{Problem, auth::SignedIn, each, extract::Path, one};

/// Marks a notification of the caller as read. The time of the first reading stays.
#[utoipa::path(
    post, path = "/notifications/{id}/read", tag = "notifications", security(("bearer" = [])),
    params(("id" = MessageId, Path)),
    responses((status = 200, description = "The notification, read.", body = NotificationView))
)]
pub(crate) async fn mark_read(
    person: SignedIn,
    State(app): State<App>,
    Path(id): Path<MessageId>,
) -> Result<Json<NotificationView>, Problem> {
    Ok(Json(one(mark(&app, vec![(person.account_id, id)]).await)?))
}

async fn mark(app: &App, owned: Vec<(AccountId, MessageId)>) -> Vec<Result<NotificationView, Error>> {
    let marked = async {
        let mut tx = app.kit.database.begin("mark_read").await?;
        let marked = read::mark(app, &mut tx, &owned).await?;
        let _committed = tx.commit().await?;
        Ok(marked.into_iter().map(|message| message.map(view)).collect())
    };
    each(marked.await, owned.len())
}
