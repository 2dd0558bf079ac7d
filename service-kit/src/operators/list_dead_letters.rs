//! `GET …/dead-letters`: what the service gave up acting on.

use super::letter;
use crate::{
    Kit, Problem,
    auth::Staff,
    extract::Listed,
    inbox::by_hand::{self, Place},
    paging::{List, Page, PageQuery},
};
use axum::{Json, extract::State};
use contracts::{access::ReadEvents, api::operators::DeadLetterView};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LetterFilter {
    /// What was dropped instead.
    dropped: Option<bool>,
}

/// What this service gave up acting on, the newest first, without what was received.
#[utoipa::path(
    get, path = "/dead-letters", tag = "operators", security(("bearer" = ["events:read"])), params(PageQuery, LetterFilter),
    responses((status = 200, description = "A page of dead letters.", body = Page<DeadLetterView>))
)]
pub(super) async fn list_dead_letters(
    _staff: Staff<ReadEvents>,
    State(kit): State<Kit>,
    Listed { page, filter }: Listed<LetterFilter>,
) -> Result<Json<Page<DeadLetterView>>, Problem> {
    let dropped = filter.dropped.unwrap_or(false);
    let (limit, list) = (page.limit()?, List::new("dead_letters", &dropped));
    let before = list.after::<Place>(page.after.as_deref())?;
    let mut connection = kit.database.acquire().await?;
    let rows = by_hand::given_up(&mut connection, dropped, before, limit + 1).await?;
    let Page { items, next } = list.page(rows, limit, Place::of);
    Ok(Json(Page { items: items.into_iter().filter_map(letter::view).collect(), next }))
}
