//! `POST …/dead-letters/{id}/drop`: decides that a letter is never acted on.

use super::letter;
use crate::{
    ClientAddress, Kind, Kit, Problem,
    audit::Entry,
    auth::Staff,
    extract::{Body, Path},
    inbox::by_hand::{self, Status},
    operator_log, text,
};
use axum::{Json, extract::State};
use contracts::{
    access::ReplayEvents,
    api::operators::{DeadLetterView, DropBody},
};
use serde_json::json;
use uuid::Uuid;

/// So many characters may a reason have.
const LONGEST_REASON: usize = 1000;

/// Drops a dead letter for good: it stays, so that it is not acted on when it arrives again either. The reason is kept in
/// the operator's log.
#[utoipa::path(
    post, path = "/dead-letters/{id}/drop", tag = "operators", security(("bearer" = ["events:replay"])),
    params(("id" = Uuid, Path)), request_body = DropBody,
    responses(
        (status = 200, description = "The letter, dropped.", body = DeadLetterView),
        (status = 404, description = "`dead_letter_not_found`"),
        (status = 409, description = "`dead_letter_dropped`: it was dropped before. `no_dead_letter`: somebody had it tried again.")
    )
)]
pub(super) async fn drop_dead_letter(
    staff: Staff<ReplayEvents>,
    client: ClientAddress,
    State(kit): State<Kit>,
    Path(id): Path<Uuid>,
    Body(body): Body<DropBody>,
) -> Result<Json<DeadLetterView>, Problem> {
    let reason = text::line(&body.reason, LONGEST_REASON);
    let reason = reason.map_err(|why| Problem::field("/reason", why.to_string()))?;
    let mut tx = kit.database.begin("drop_dead_letter").await?;
    let row = letter::given_up(by_hand::lock(&mut tx, id).await?, id)?;
    if row.status == Status::Dropped {
        return Err(Problem::new(Kind::Conflict, "dead_letter_dropped", format!("{id} was dropped before.")));
    }
    by_hand::drop_letter(&mut tx, id).await?;
    let operator = staff.actor.uuid().to_string();
    operator_log::note(&mut tx, &kit.clock, &operator, "dropped", &id.to_string(), &reason).await?;
    let (before, after) = (json!({ "status": row.status }), json!({ "status": Status::Dropped }));
    kit.audit(&mut tx, Entry::new(staff.actor, "dead_letter.dropped").on(id).from(client).changed(before, after));
    let row = by_hand::find(&mut tx, id).await?;
    let _committed = tx.commit().await?;
    row.and_then(letter::view).map(Json).ok_or_else(|| letter::unknown(id))
}
