//! Reservations that no live order holds any more end, and that is announced.

use super::follow::{Change, Followed, Heard, follow};
use crate::{domain::Fact, error::Error, metrics, store::reservations::Due};
use contracts::events::product::ReservationExpired;
use service_kit::{Cause, Kit, KitError, Tx, cure};

/// Contends with the reactions on the reservations' rows: whoever comes second finds one changed and stays away.
pub(crate) async fn expire(kit: &Kit, tx: &mut Tx, cause: &Cause, due: &[Due]) -> Result<Followed, Error> {
    let lapsed = |due: &Due| Heard { checkout_id: due.checkout_id, order_id: due.order_id, fact: Fact::Lapsed };
    let heard: Vec<Heard> = due.iter().map(lapsed).collect();
    let followed = follow(tx, &heard, kit.clock.now()).await?;
    announce(kit, tx, cause, &followed.changes)?;
    tx.count_after_commit(metrics::expired(), followed.changes.len() as u64);
    Ok(followed)
}

#[cure(expiry_announced, skip)]
fn announce(kit: &Kit, tx: &mut Tx, cause: &Cause, changes: &[Change]) -> Result<(), KitError> {
    for Change { to, .. } in changes {
        let expired = ReservationExpired { checkout_id: to.checkout_id, order_id: to.order_id };
        kit.announce(tx, cause, to.version, expired)?;
    }
    Ok(())
}
