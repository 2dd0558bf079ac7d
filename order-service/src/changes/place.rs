//! Orders are stored whose stock is held: each takes the place of its checkout's intent.

use super::slice::Slice;
use crate::{
    domain::{Agreed, Intent, NewOrder, Order, total},
    error::Error,
    state::App,
    store::{
        carts,
        new_orders::{self, NewRow},
        order_lists::{LineRow, OrderRow},
    },
};
use contracts::{
    CartId, Money,
    api::{
        order::OrderStatus,
        product::{Reservation, ReservedLine},
    },
    events::order::{Created, Line},
};
use service_kit::{Cause, Tx, cure, wait_shortly};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// A wish whose stock is held.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) intent: Intent,
    pub(crate) new: NewOrder,
    pub(crate) reservation: Reservation,
    pub(crate) cause: Cause,
}

/// Each order as it was placed, in the order of `held`. [`Error::CheckoutEnded`] where the checkout is taken or has
/// expired.
pub(crate) async fn place(app: &App, tx: &mut Tx, held: Vec<Held>) -> Result<Vec<Result<OrderRow, Error>>, Error> {
    wait_shortly(tx, held.len()).await?;
    let carts = lock_carts(tx, &held).await?;
    // First what can be refused without a look: what is claimed is stored.
    let decided: Vec<Result<(NewRow, Cause), Error>> = held.iter().map(|held| decide(app, held, &carts)).collect();
    let rows: Vec<NewRow> = decided.iter().flatten().map(|(row, _)| row.clone()).collect();
    let numbers = if rows.is_empty() { HashMap::new() } else { new_orders::insert(tx, &rows).await? };
    let mut slice = Slice::default();
    let mut placed = Vec::with_capacity(decided.len());
    for decided in decided {
        placed.push(decided.and_then(|(row, cause)| {
            let number = numbers.get(&row.id).copied().ok_or(Error::CheckoutEnded)?;
            slice.decide(cause, Order::placed(created_event(&row, number), row.deadline));
            Ok(shown(row, number))
        }));
    }
    slice.record(app, tx).await?;
    empty_carts(app, tx, &held, &placed).await?;
    Ok(placed)
}

/// Of the carts that are ordered, those that are still as their shoppers agreed to them.
async fn lock_carts(tx: &mut Tx, held: &[Held]) -> Result<HashSet<CartId>, Error> {
    let agreed: Vec<&Agreed> = held.iter().filter_map(|held| held.new.agreed.as_ref()).collect();
    if agreed.is_empty() { Ok(HashSet::new()) } else { carts::lock_agreed(tx, &agreed).await }
}

/// What was ordered is in its cart no longer: who ordered it in another tab as well finds another cart.
async fn empty_carts(app: &App, tx: &mut Tx, held: &[Held], placed: &[Result<OrderRow, Error>]) -> Result<(), Error> {
    let ordered = held.iter().zip(placed).filter(|(_, placed)| placed.is_ok());
    let ids: Vec<Uuid> =
        ordered.filter_map(|(held, _)| held.new.agreed.as_ref()).map(|agreed| agreed.cart_id.uuid()).collect();
    if !ids.is_empty() {
        carts::clear(tx, &ids, app.kit.clock.now()).await?;
    }
    Ok(())
}

fn decide(app: &App, held: &Held, carts: &HashSet<CartId>) -> Result<(NewRow, Cause), Error> {
    let Held { intent, new, reservation, cause } = held;
    if new.agreed.as_ref().is_some_and(|agreed| !carts.contains(&agreed.cart_id)) {
        return Err(Error::CartChanged);
    }
    let address = serde_json::to_value(&new.shipping_address).map_err(|cause| Error::Corrupt(cause.to_string()))?;
    let now = app.kit.clock.now();
    let row = NewRow {
        id: reservation.order_id,
        customer_id: intent.customer_id,
        checkout_id: intent.checkout_id,
        payment_method: new.payment_method.clone(),
        total: price(&reservation.lines)?,
        shipping_address: address,
        deadline: now + app.payment_deadline,
        created_at: now,
        lines: reservation.lines.clone(),
    };
    Ok((row, cause.clone()))
}

/// All lines, at the reserved prices.
#[cure(total_of_lines, spoil = crate::labs::first_line)]
fn price(lines: &[ReservedLine]) -> Result<Money, Error> {
    total(lines)?.ok_or_else(|| Error::Corrupt("a reservation without lines".to_owned()))
}

/// Events are read by everybody and kept for ever: no word in them about the person.
#[cure(no_personal_data, instead = crate::labs::created_with_the_name)]
pub(crate) fn created_event(row: &NewRow, number: i64) -> Created {
    let lines = row.lines.iter().map(|line| Line {
        sku: line.sku.clone(),
        name: line.name.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price,
    });
    Created {
        order_id: row.id,
        customer_id: row.customer_id,
        number,
        checkout_id: row.checkout_id,
        lines: lines.collect(),
        total: row.total,
        payment_method: row.payment_method.clone(),
    }
}

/// As it stands now, without another look at what was written.
fn shown(row: NewRow, number: i64) -> OrderRow {
    let lines = row.lines.into_iter().map(|line| LineRow {
        sku: line.sku,
        name: line.name,
        quantity: line.quantity.get(),
        unit_price: line.unit_price,
    });
    OrderRow {
        id: row.id,
        number,
        customer_id: row.customer_id,
        status: OrderStatus::Pending,
        cancel_reason: None,
        total: row.total,
        refunded: Money::zero(row.total.currency),
        payment_method: row.payment_method,
        shipping_address: row.shipping_address,
        created_at: row.created_at,
        updated_at: row.created_at,
        lines: lines.collect(),
    }
}
