//! `GET /notifications`: the caller's inbox.

use crate::{
    state::App,
    store::messages::{self, Message},
};
use axum::{Json, extract::State};
use contracts::{OrderId, api::notify::NotificationView};
use serde::Deserialize;
use service_kit::{
    Problem,
    auth::SignedIn,
    extract::Listed,
    paging::{List, Page, PageQuery},
};
use utoipa::IntoParams;
use uuid::Uuid;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NotificationsFilter {
    /// Only those not read yet.
    #[serde(default)]
    unread: bool,
}

/// For the caller.
pub(super) fn view(message: Message) -> NotificationView {
    NotificationView {
        id: message.id.into(),
        template: message.template,
        title: message.title,
        body: message.body,
        order_id: message.order_id.map(OrderId::from),
        read_at: message.read_at,
        created_at: message.created_at,
    }
}

/// The caller's notifications, newest first.
#[utoipa::path(
    get, path = "/notifications", tag = "notifications", security(("bearer" = [])), params(PageQuery, NotificationsFilter),
    responses((status = 200, description = "A page of notifications, newest first.", body = Page<NotificationView>))
)]
pub(crate) async fn list_notifications(
    person: SignedIn,
    State(app): State<App>,
    Listed { page, filter }: Listed<NotificationsFilter>,
) -> Result<Json<Page<NotificationView>>, Problem> {
    let limit = page.limit()?;
    let list = List::new("notifications", &(person.account_id, filter.unread));
    let after = list.after::<Uuid>(page.after.as_deref())?;
    let mut connection = app.kit.database.acquire().await?;
    let rows = if filter.unread {
        messages::list_unread(&mut connection, person.account_id, after, limit).await?
    } else {
        messages::list(&mut connection, person.account_id, after, limit).await?
    };
    Ok(Json(list.page(rows, limit, |message| message.id).map(view)))
}
