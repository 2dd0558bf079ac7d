//! `GET …/dead-letters/{id}`: one of them whole.

use super::letter;
use crate::{Kit, Problem, auth::Staff, extract::Path, inbox::by_hand};
use axum::{Json, extract::State};
use contracts::{access::ReadEvents, api::operators::DeadLetterView};
use uuid::Uuid;

/// One letter whole, as it was received, and why it failed. One that somebody had tried again is shown while it waits.
#[utoipa::path(
    get, path = "/dead-letters/{id}", tag = "operators", security(("bearer" = ["events:read"])),
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "The dead letter.", body = DeadLetterView),
        (status = 404, description = "`dead_letter_not_found`")
    )
)]
pub(super) async fn show_dead_letter(
    _staff: Staff<ReadEvents>,
    State(kit): State<Kit>,
    Path(id): Path<Uuid>,
) -> Result<Json<DeadLetterView>, Problem> {
    let mut connection = kit.database.acquire().await?;
    let row = by_hand::find(&mut connection, id).await?;
    row.and_then(letter::view).map(Json).ok_or_else(|| letter::unknown(id))
}
