//! `GET …/events/{id}`: one event whole.

use crate::{Kind, Kit, Problem, auth::Staff, event_log, extract::Path};
use axum::{Json, extract::State};
use contracts::{EventId, access::ReadEvents, api::operators::AnnouncedEventView};

/// One event that this service announced, whole.
#[utoipa::path(
    get, path = "/events/{id}", tag = "operators", security(("bearer" = ["events:read"])),
    params(("id" = EventId, Path)),
    responses(
        (status = 200, description = "The event.", body = AnnouncedEventView),
        (status = 404, description = "`event_not_found`: this service did not announce it, or its log has let it go.")
    )
)]
pub(super) async fn show_event(
    _staff: Staff<ReadEvents>,
    State(kit): State<Kit>,
    Path(id): Path<EventId>,
) -> Result<Json<AnnouncedEventView>, Problem> {
    let mut connection = kit.database.acquire().await?;
    let found = event_log::find(&mut connection, id).await?;
    found.map(|row| Json(row.into())).ok_or_else(|| {
        let detail = format!("{} announced no event {id}, or has let it go since.", kit.service);
        Problem::new(Kind::NotFound, "event_not_found", detail)
    })
}
