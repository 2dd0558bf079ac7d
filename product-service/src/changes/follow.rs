//! A reservation follows its order: paid, cancelled, fulfilled, or lapsed. The one way a reservation changes after it was
//! made; reactions, the expiry job and mending all come through here, so that they contend on the same rows.

use crate::{
    domain::{Booked, Decided, Fact, Next, Reservation, StockEffect},
    error::Error,
    store::{
        movements::NewMovement,
        reservations,
        stock::{self, HeldLine, Move},
    },
};
use contracts::{CheckoutId, OrderId, VariantId};
use service_kit::{agreement::agree, cure};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;
use uuid::Uuid;

/// What is learned about the order behind a reservation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard {
    pub(crate) checkout_id: CheckoutId,
    pub(crate) order_id: OrderId,
    pub(crate) fact: Fact,
}

/// What became of a reservation.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) from: Reservation,
    pub(crate) to: Booked,
    effect: StockEffect,
}

/// What became of many.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    pub(crate) changes: Vec<Change>,
    /// Whose availability changed.
    pub(crate) available_again: Vec<VariantId>,
}

/// In the caller's transaction. What changes nothing is passed over; what comes too early fails, and all of it with it.
pub(crate) async fn follow(
    connection: &mut PgConnection,
    heard: &[Heard],
    at: OffsetDateTime,
) -> Result<Followed, Error> {
    let mut known = load(connection, heard).await?;
    let mut changes = Vec::new();
    for heard in heard {
        changes.extend(known.learn(heard)?);
    }
    record(connection, &known.lines, changes, at).await
}

/// Reservations under their locks, with what they hold.
struct Known {
    lines: Vec<HeldLine>,
    booked: BTreeMap<CheckoutId, Booked>,
}

async fn load(connection: &mut PgConnection, heard: &[Heard]) -> Result<Known, Error> {
    let ids: BTreeSet<Uuid> = heard.iter().map(|heard| heard.checkout_id.uuid()).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    // A payment touches no stock.
    let touches_stock = heard.iter().any(|heard| heard.fact != Fact::Paid);
    let lines = if touches_stock { stock::lock_held(connection, &ids).await? } else { Vec::new() };
    let booked = reservations::lock(connection, &ids).await?;
    Ok(Known { lines, booked: booked.into_iter().map(|booked| (booked.checkout_id, booked)).collect() })
}

impl Known {
    fn learn(&mut self, heard: &Heard) -> Result<Option<Change>, Error> {
        let &Heard { checkout_id, order_id, fact } = heard;
        let found = self.booked.get(&checkout_id).cloned();
        let unknown = || Booked { checkout_id, order_id, status: Reservation::Unknown, version: 0 };
        let found = found.unwrap_or_else(unknown);
        agree("order", order_id, found.order_id)?;
        let (from, status) = (found.status, found.status.as_str());
        match from.after(fact) {
            Next::Early => Err(Error::Early { event: name(fact), checkout_id, found: status }),
            Next::TooLate => {
                tracing::warn!(checkout.id = %checkout_id, order.id = %order_id, found = status, ?fact, "stock was given back before");
                Ok(None)
            }
            Next::Stay => Ok(None),
            Next::Become(status, effect) => {
                let to = Booked { status, version: found.version + 1, ..found };
                self.booked.insert(checkout_id, to.clone());
                Ok(Some(Change { from, to, effect }))
            }
        }
    }
}

const fn name(fact: Fact) -> &'static str {
    match fact {
        Fact::Paid => "order.paid",
        Fact::Fulfilled => "order.fulfilled",
        Fact::Cancelled | Fact::Lapsed => "a change",
    }
}

/// Stores changes: the reservations, and what of their stock goes back or leaves.
async fn record(
    connection: &mut PgConnection,
    lines: &[HeldLine],
    changes: Vec<Change>,
    at: OffsetDateTime,
) -> Result<Followed, Error> {
    // Each as it is in the end.
    let ends: BTreeMap<CheckoutId, &Change> = changes.iter().map(|change| (change.to.checkout_id, change)).collect();
    let (buried, advanced): (Vec<&Change>, Vec<&Change>) =
        ends.into_values().partition(|change| change.from == Reservation::Unknown);
    bury(connection, &buried, at).await?;
    let advanced: Vec<&Booked> = advanced.iter().map(|change| &change.to).collect();
    reservations::update(connection, &advanced, at).await?;
    let given_back = touched(lines, &changes, StockEffect::GiveBack);
    let mut moves: Vec<Move> = given_back.iter().map(|(_, line)| moved(line, 0)).collect();
    let mut movements = Vec::new();
    ship(&touched(lines, &changes, StockEffect::Ship), at, &mut moves, &mut movements);
    stock::write(connection, &moves, &movements).await?;
    for Change { from, to, .. } in &changes {
        let (from, status) = (from.as_str(), to.status.as_str());
        tracing::info!(checkout.id = %to.checkout_id, order.id = %to.order_id, from, to = status, "a reservation changed");
    }
    let available_again = given_back.iter().map(|(_, line)| line.variant_id).collect();
    Ok(Followed { changes, available_again })
}

/// Leaves tombstones: a request to reserve that comes behind its cancellation takes nothing. One that won the race
/// meanwhile makes this change start again.
async fn bury(connection: &mut PgConnection, buried: &[&Change], at: OffsetDateTime) -> Result<(), Error> {
    let tombstone = |change: &&Change| Decided {
        checkout_id: change.to.checkout_id,
        order_id: change.to.order_id,
        status: change.to.status,
        lines: None,
        held: Vec::new(),
        short: Vec::new(),
        expires_at: at,
    };
    let tombstones: Vec<Decided> = buried.iter().map(tombstone).collect();
    let first = reservations::insert(connection, &tombstones, at).await?;
    let lost = tombstones.iter().find(|one| !first.contains(&one.checkout_id));
    lost.map_or(Ok(()), |one| Err(Error::Contended(one.checkout_id)))
}

/// What the reservations that are changed with this effect hold, and for which order.
fn touched<'k>(lines: &'k [HeldLine], changes: &[Change], effect: StockEffect) -> Vec<(OrderId, &'k HeldLine)> {
    let changes = changes.iter().filter(|change| change.effect == effect);
    let of = |change: &Change| {
        let Booked { checkout_id, order_id, .. } = change.to;
        lines.iter().filter(move |line| line.checkout_id == checkout_id).map(move |line| (order_id, line))
    };
    changes.flat_map(of).collect()
}

/// What leaves the warehouse is no longer on its shelf.
#[cure(shipping_takes_stock, skip)]
fn ship(lines: &[(OrderId, &HeldLine)], at: OffsetDateTime, moves: &mut Vec<Move>, movements: &mut Vec<NewMovement>) {
    moves.extend(lines.iter().map(|(_, line)| moved(line, -line.quantity)));
    movements.extend(lines.iter().map(|&(order_id, line)| NewMovement {
        variant_id: line.variant_id,
        location: line.location.clone(),
        kind: "shipped",
        quantity: -line.quantity,
        reason: None,
        note: None,
        account_id: None,
        order_id: Some(order_id),
        at,
    }));
}

/// A line is held no longer.
fn moved(line: &HeldLine, on_hand: i64) -> Move {
    let HeldLine { variant_id, ref location, quantity, .. } = *line;
    Move { variant_id, location: location.clone(), on_hand, reserved: -quantity }
}
