//! Work without input and output whose instructions the gate counts (`bench/counted`).

use crate::domain::{Checkout, Offer, ReserveLines, Shelf};
use contracts::{Currency, Money, Quantity, api::product::ReserveLine};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// How many of so many checkouts, each of a line, get what they want: with what is loaded for them and what is stored.
#[must_use]
pub fn checkouts_are_decided(checkouts: u32) -> usize {
    let id = |number: u32| Uuid::from_u128(number.into());
    let sku = |number: u32| format!("BENCH-{:03}", number % 100);
    let offer = |number: u32| Offer {
        sku: sku(number),
        variant_id: id(number).into(),
        product_id: id(number).into(),
        name: "A mug".to_owned(),
        unit_price: Money::new(1999, Currency::EUR),
        available: 1_000_000,
    };
    let checkout = |number: u32| {
        let quantity = Quantity::try_from(1_i64).ok()?;
        let lines = ReserveLines::parse(&[ReserveLine { sku: sku(number), quantity }]).ok()?;
        Some(Checkout { checkout_id: id(number).into(), order_id: id(number).into(), lines, prices: BTreeMap::new() })
    };
    let mut shelf = Shelf::of((0..checkouts).map(offer).collect(), Vec::new());
    let decided = (0..checkouts).filter_map(checkout);
    let held = decided.filter(|checkout| shelf.decide(checkout, OffsetDateTime::UNIX_EPOCH).is_ok()).count();
    held.min(shelf.news().len())
}
