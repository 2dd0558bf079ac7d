//! `POST …/dead-letters/{id}/replay`: has a letter tried again, once its cause is mended.

use super::letter;
use crate::{
    ClientAddress, Kind, Kit, Problem,
    audit::Entry,
    auth::Staff,
    extract::{NoBody, Path},
    inbox::by_hand::{self, Status},
    operator_log,
};
use axum::{Json, extract::State};
use contracts::{access::ReplayEvents, api::operators::DeadLetterView};
use serde_json::json;
use uuid::Uuid;

/// Has a dead or dropped letter tried again within half a second, its attempts counted anew. What its effect needs must be
/// mended before.
#[utoipa::path(
    post, path = "/dead-letters/{id}/replay", tag = "operators", security(("bearer" = ["events:replay"])),
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "It waits to be tried.", body = DeadLetterView),
        (status = 404, description = "`dead_letter_not_found`"),
        (status = 409, description = "`no_dead_letter`: somebody had it tried again. `dead_letter_unreadable`: nobody can read it; it can only be dropped.")
    )
)]
pub(super) async fn replay_dead_letter(
    staff: Staff<ReplayEvents>,
    client: ClientAddress,
    State(kit): State<Kit>,
    Path(id): Path<Uuid>,
    _body: NoBody,
) -> Result<Json<DeadLetterView>, Problem> {
    let mut tx = kit.database.begin("replay_dead_letter").await?;
    let row = letter::given_up(by_hand::lock(&mut tx, id).await?, id)?;
    if !row.is_readable() {
        let detail = format!("{id} is a message that nobody can read: it can only be dropped.");
        return Err(Problem::new(Kind::Conflict, "dead_letter_unreadable", detail));
    }
    by_hand::revive(&mut tx, id).await?;
    let operator = staff.actor.uuid().to_string();
    operator_log::note(&mut tx, &kit.clock, &operator, "replayed", &id.to_string(), &row.why_replayed()).await?;
    let (before, after) = (json!({ "status": row.status }), json!({ "status": Status::Waiting }));
    kit.audit(&mut tx, Entry::new(staff.actor, "dead_letter.replayed").on(id).from(client).changed(before, after));
    let row = by_hand::find(&mut tx, id).await?;
    let _committed = tx.commit().await?;
    row.and_then(letter::view).map(Json).ok_or_else(|| letter::unknown(id))
}
