//! `POST /internal/exports/{id}/pieces`: a service hands over some of what it keeps of a person.

use crate::{Error, changes::export, state::App};
use axum::{Json, extract::State};
use contracts::{
    ExportId, ServiceName,
    api::user::{ExportPiece, PieceTaken},
};
use service_kit::{
    Problem,
    auth::{Caller, Callers},
    extract::{Body, Path},
};

/// A service asks for no more at once than it is told to.
const MOST: usize = 100;

/// Who keeps something of people, besides user-service.
pub(crate) struct Keepers;

impl Callers for Keepers {
    const ALLOWED: &'static [ServiceName] =
        &[ServiceName::Product, ServiceName::Order, ServiceName::Payment, ServiceName::Notify];
}

/// Takes a piece of an export; the same one again takes the place of the first.
#[utoipa::path(
    post, path = "/internal/exports/{id}/pieces", tag = "services",
    security(("service" = ["product-service", "order-service", "payment-service", "notify-service"])),
    params(("id" = ExportId, Path)), request_body = ExportPiece,
    responses((status = 200, description = "Whether anybody waits for it.", body = PieceTaken))
)]
pub(crate) async fn take_export_piece(
    caller: Caller<Keepers>,
    State(app): State<App>,
    Path(id): Path<ExportId>,
    Body(piece): Body<ExportPiece>,
) -> Result<Json<PieceTaken>, Problem> {
    let named = (1..=50).contains(&piece.kind.len())
        && piece.kind.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'_');
    if !named {
        return Err(Problem::field("/kind", "must be 1 to 50 letters from a to z, or _"));
    }
    if !(0..=1_000_000).contains(&piece.number) {
        return Err(Problem::field("/number", "must be 0 to 1000000"));
    }
    if piece.items.len() > MOST || piece.items.iter().any(|item| !item.is_object()) {
        return Err(Problem::field("/items", format!("must be up to {MOST} objects")));
    }
    let mut tx = app.kit.database.begin("take_export_piece").await?;
    let wanted = export::take(&app, &mut tx, id, caller.service, &piece).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(Json(PieceTaken { wanted }))
}
