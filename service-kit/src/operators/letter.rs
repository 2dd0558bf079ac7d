//! A dead letter as it is shown, and what is said of one that is none.

use crate::{
    Kind, Problem,
    inbox::by_hand::{Row, Status},
};
use contracts::api::operators::{DeadLetterStatus, DeadLetterView};
use uuid::Uuid;

/// With whatever of its envelope was read. None for what is done: it was acted on.
pub(super) fn view(row: Row) -> Option<DeadLetterView> {
    let status = match row.status {
        Status::Done => return None,
        Status::Waiting => DeadLetterStatus::Waiting,
        Status::Dead => DeadLetterStatus::Dead,
        Status::Dropped => DeadLetterStatus::Dropped,
    };
    Some(DeadLetterView {
        id: row.event_id,
        can_be_replayed: status != DeadLetterStatus::Waiting && row.is_readable(),
        kind: row.kind,
        subject: row.subject,
        sequence: row.sequence,
        received_at: row.received_at,
        status,
        attempts: row.attempts,
        reason: row.reason,
        envelope: row.envelope,
    })
}

/// The row, if it is a dead or dropped letter.
pub(super) fn given_up(row: Option<Row>, id: Uuid) -> Result<Row, Problem> {
    match row {
        Some(row) if matches!(row.status, Status::Dead | Status::Dropped) => Ok(row),
        Some(row) => {
            let detail = format!("Event {id} is no dead letter: it is {}. Somebody had it tried again.", row.status);
            Err(Problem::new(Kind::Conflict, "no_dead_letter", detail))
        }
        None => Err(unknown(id)),
    }
}

pub(super) fn unknown(id: Uuid) -> Problem {
    Problem::new(Kind::NotFound, "dead_letter_not_found", format!("There is no dead letter {id} here."))
}
