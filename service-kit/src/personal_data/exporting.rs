//! A service's part of an export is handed to user-service, a piece at a time. A piece that is handed over twice is one.

use super::{
    declared::{BoxedError, PersonalData, Things},
    store::{self, Piece},
};
use crate::{Cause, Kit, KitError, Tx, spans::conventions, trace};
use contracts::{
    Event, ExportId, ServiceName,
    api::user::{ExportPiece, PieceTaken},
    events::user::ExportRequested,
};
use time::Duration;

/// Longer than a call takes; after it another instance goes on.
const LEASE: Duration = Duration::seconds(60);

impl Kit {
    /// Writes down whose data are to be handed over: the reaction to `user.export_requested`, in its transaction.
    ///
    /// # Errors
    /// The database refuses.
    pub async fn note_exports(&self, tx: &mut Tx, events: Vec<Event<ExportRequested>>) -> Result<(), KitError> {
        let now = self.clock.now();
        for event in events {
            let traceparent = Cause::of(&event).traceparent;
            let ExportRequested { account_id, export_id } = event.data;
            store::note_export(tx, export_id, account_id, &traceparent, now).await?;
        }
        tx.wake_after_commit(&self.people_wake);
        Ok(())
    }
}

/// Whether there was a piece to be made.
pub(super) async fn run<App>(kit: &Kit, app: &App, data: &PersonalData<App>) -> Result<bool, BoxedError> {
    let now = kit.clock.now();
    let mut connection = kit.database.acquire().await?;
    let Some(piece) = store::take_piece(&mut connection, now, now + LEASE).await? else { return Ok(false) };
    let kind = usize::try_from(piece.kind).ok().and_then(|kind| data.kinds.get(kind));
    let Things { items, next } = match kind {
        Some(kind) => (kind.read)(app, &mut connection, piece.account_id.into(), piece.after).await?,
        None => Things::default(),
    };
    drop(connection);
    let after = match next {
        Some(next) => (piece.kind, Some(next)),
        None => (piece.kind + 1, None),
    };
    let last = usize::try_from(after.0).is_ok_and(|kind| kind >= data.kinds.len());
    let name = kind.map_or("nothing", |kind| kind.name).to_owned();
    let taken = hand_over(kit, &piece, ExportPiece { number: piece.number, kind: name, items, last }).await?;
    let mut connection = kit.database.acquire().await?;
    if last || !taken.wanted {
        store::end_export(&mut connection, piece.export_id, piece.number).await?;
    } else {
        let next = Piece { number: piece.number + 1, kind: after.0, after: after.1, ..piece };
        store::go_on(&mut connection, &next, now).await?;
    }
    Ok(true)
}

async fn hand_over(kit: &Kit, piece: &Piece, body: ExportPiece) -> Result<PieceTaken, KitError> {
    let (mut span, context) = kit.spans.begin(Some(&piece.traceparent), || conventions::work("hand over an export"));
    let export_id = ExportId::from(piece.export_id);
    let path = format!("/internal/exports/{export_id}/pieces");
    let taken = trace::within(context, kit.peers.post(ServiceName::User, &path, &body)).await;
    span.judge(&taken);
    taken
}
