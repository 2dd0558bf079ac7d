//! A cart as it is answered: what it holds, and what of it is not as its shopper was told.

use crate::{
    changes::carts::Seen,
    domain::{CartChange as Change, CartLine},
    error::Error,
};
use contracts::api::{
    order::{CartChange, CartLineView, CartView},
    product::Offer,
};

/// # Errors
/// A line costs more than can be written.
pub(crate) fn view(seen: Seen) -> Result<CartView, Error> {
    let Seen { cart, offers } = seen;
    let total = cart.total();
    let changes = offers.as_ref().map_or_else(|| vec![Vec::new(); cart.lines.len()], |offers| cart.changes(offers));
    let changed = changes.iter().any(|changes| !changes.is_empty());
    let lines = cart.lines.into_iter().zip(changes).map(|(line, changes)| {
        let offer = offers.as_ref().and_then(|offers| offers.get(&line.sku));
        shown(line, offer, changes)
    });
    Ok(CartView {
        id: cart.id,
        version: cart.version,
        lines: lines.collect::<Result<_, Error>>()?,
        total,
        changed,
        checked: offers.is_some(),
        expires_at: cart.expires_at,
    })
}

fn shown(line: CartLine, offer: Option<&Offer>, changes: Vec<Change>) -> Result<CartLineView, Error> {
    let line_total = line.unit_price.times(line.quantity)?;
    Ok(CartLineView {
        sku: line.sku,
        name: line.name,
        quantity: line.quantity.get(),
        unit_price: line.unit_price,
        line_total,
        product_id: offer.map(|offer| offer.product_id),
        picture: offer.and_then(|offer| offer.picture.clone()),
        changes: changes.into_iter().map(told).collect(),
    })
}

fn told(change: Change) -> CartChange {
    match change {
        Change::Price { now } => CartChange::Price { now },
        Change::Short { available } => CartChange::Short { available },
        Change::NotSold => CartChange::NotSold,
    }
}
