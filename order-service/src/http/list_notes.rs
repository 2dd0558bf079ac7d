//! `GET /orders/{id}/notes`: what staff wrote about an order.

use super::write_note::view;
use crate::{
    error::Error,
    state::App,
    store::{notes, order_lists},
};
use axum::{Json, extract::State};
use contracts::{NoteId, OrderId, access::ReadOrders, api::order::NoteView};
use serde::Deserialize;
use service_kit::{
    Problem,
    auth::Staff,
    extract::{Listed, Path},
    paging::{List, Page, PageQuery},
};

/// There is no filter.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct All {}

/// An order's notes, newest first.
#[utoipa::path(
    get, path = "/orders/{id}/notes", tag = "orders", security(("bearer" = ["orders:read"])),
    params(("id" = OrderId, Path), PageQuery),
    responses((status = 200, description = "A page of notes.", body = Page<NoteView>))
)]
pub(crate) async fn list_notes(
    _staff: Staff<ReadOrders>,
    State(app): State<App>,
    Path(id): Path<OrderId>,
    Listed { page, filter: All {} }: Listed<All>,
) -> Result<Json<Page<NoteView>>, Problem> {
    let limit = page.limit()?;
    let list = List::new("notes", &id);
    let after: Option<NoteId> = list.after(page.after.as_deref())?;
    let mut connection = app.kit.database.acquire().await?;
    order_lists::find(&mut connection, id, None).await?.ok_or(Error::NotFound)?;
    let rows = notes::of_order(&mut connection, id, after, limit + 1).await.map_err(Error::from)?;
    Ok(Json(list.page(rows, limit, |note| note.id).map(view)))
}
