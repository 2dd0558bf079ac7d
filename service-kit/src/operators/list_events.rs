//! `GET …/events`: what the service announced.

use crate::{
    Kit, Problem,
    auth::Staff,
    event_log::{self, Wanted},
    extract::Listed,
    paging::{List, Page, PageQuery},
};
use axum::{Json, extract::State};
use contracts::{access::ReadEvents, api::operators::AnnouncedEventView};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventFilter {
    /// About this aggregate.
    subject: Option<Uuid>,
    /// Of this journey: an order's id, for all that followed from the order.
    journey: Option<Uuid>,
    /// Of this type.
    #[param(max_length = 100, pattern = "^[a-z0-9_.]+$", example = "order.paid")]
    r#type: Option<String>,
}

/// The events this service announced, the newest first. Of a type alone ten thousand events are looked at for one page: it
/// may have fewer, or none, and still a `next`.
#[utoipa::path(
    get, path = "/events", tag = "operators", security(("bearer" = ["events:read"])), params(PageQuery, EventFilter),
    responses((status = 200, description = "A page of events.", body = Page<AnnouncedEventView>))
)]
pub(super) async fn list_events(
    _staff: Staff<ReadEvents>,
    State(kit): State<Kit>,
    Listed { page, filter }: Listed<EventFilter>,
) -> Result<Json<Page<AnnouncedEventView>>, Problem> {
    if filter.r#type.as_deref().is_some_and(|kind| !is_a_type(kind)) {
        return Err(Problem::field("type", "is no type of event: expected one such as order.paid"));
    }
    let (limit, list) = (page.limit()?, List::new("events", &filter));
    let before = list.after::<i64>(page.after.as_deref())?;
    let wanted = Wanted { subject: filter.subject, journey: filter.journey, kind: filter.r#type };
    let mut connection = kit.database.acquire().await?;
    let rows = event_log::newest(&mut connection, &wanted, before, limit + 1).await?;
    let mut page = list.page(rows, limit, |row| row.place);
    if page.next.is_none() {
        let end = event_log::end_of_look(&mut connection, &wanted, before).await?;
        page.next = end.map(|place| list.place(&place));
    }
    Ok(Json(page.map(AnnouncedEventView::from)))
}

/// Whether it is written as types of events are, whichever there are.
fn is_a_type(text: &str) -> bool {
    let may_be = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.');
    (1..=100).contains(&text.len()) && text.bytes().all(may_be)
}
