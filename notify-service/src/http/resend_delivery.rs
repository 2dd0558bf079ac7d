//! `POST /notifications/deliveries/{id}/resend`: a mail that was given up is sent after all.

use super::delivery_view::view;
use crate::{changes::resend, error::Error, state::App};
use axum::{Json, extract::State};
use contracts::{access::SendNotifications, api::notify::DeliveryView};
use service_kit::{
    By, ClientAddress, Problem,
    auth::Staff,
    each,
    extract::{NoBody, Path},
    one,
};
use uuid::Uuid;

/// Has a mail that was given up sent after all, its attempts counted anew. What was sent, or is still being sent, is left
/// alone: nobody gets a mail twice by this.
#[utoipa::path(
    post, path = "/notifications/deliveries/{id}/resend", tag = "notifications",
    security(("bearer" = ["notifications:send"])), params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "It waits to be sent.", body = DeliveryView),
        (status = 404, description = "`delivery_not_found`"),
        (status = 409, description = "`delivery_not_failed`: it was sent, or is being sent. `recipient_erased`: there is nobody to tell any more.")
    )
)]
pub(crate) async fn resend_delivery(
    staff: Staff<SendNotifications>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<Uuid>,
    _body: NoBody,
) -> Result<Json<DeliveryView>, Problem> {
    Ok(Json(one(resend(&app, vec![(By { actor: staff.actor, client }, id)]).await)?))
}

async fn resend(app: &App, wishes: Vec<(By, Uuid)>) -> Vec<Result<DeliveryView, Error>> {
    let done = async {
        let mut tx = app.kit.database.begin("resend_delivery").await?;
        let resent = resend::resend(app, &mut tx, &wishes).await?;
        let _committed = tx.commit().await?;
        Ok(resent.into_iter().map(|delivery| delivery.and_then(view)).collect())
    };
    each(done.await, wishes.len())
}
