//! What somebody means to order, as they were told of it. What has changed since is told again, and never taken for agreed.

use contracts::{
    CartId, Money, Quantity,
    api::product::{Offer, ReserveLine},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// SKUs that somebody puts in one by one: as many as an order has.
pub(crate) const MOST_LINES: usize = 100;
/// Additions whose repeats are known: more than an order has lines, which may all be added again at once.
const KNOWN_KEYS: usize = 128;

/// What can be bought now, by SKU.
pub(crate) type Offers = BTreeMap<String, Offer>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cart {
    pub(crate) id: CartId,
    pub(crate) lines: Vec<CartLine>,
    /// Keys of the last additions, the newest last.
    pub(crate) added_by: Vec<String>,
    pub(crate) version: i64,
    pub(crate) expires_at: OffsetDateTime,
}

/// With name and price as the shopper was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CartLine {
    pub(crate) sku: String,
    pub(crate) name: String,
    pub(crate) quantity: Quantity,
    pub(crate) unit_price: Money,
}

/// Why something cannot be in a cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    NotSold,
    MixedCurrencies,
    TooManyLines,
    TooManyPieces,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Price { now: Money },
    Short { available: i64 },
    NotSold,
}

/// The cart a checkout is of, as its shopper agreed to it.
#[derive(Clone, Debug)]
pub(crate) struct Agreed {
    pub(crate) cart_id: CartId,
    pub(crate) version: i64,
    /// What a piece costs, by SKU.
    pub(crate) prices: BTreeMap<String, Money>,
}

impl Cart {
    pub(crate) fn empty(id: CartId, expires_at: OffsetDateTime) -> Self {
        Self { id, lines: Vec::new(), added_by: Vec::new(), version: 1, expires_at }
    }

    pub(crate) fn skus(&self) -> Vec<String> {
        self.lines.iter().map(|line| line.sku.clone()).collect()
    }

    /// Adds pieces, at the price of now, once per key.
    pub(crate) fn add(&mut self, sku: &str, quantity: Quantity, key: &str, offers: &Offers) -> Result<(), Unfit> {
        if self.added_by.iter().any(|known| known == key) {
            return Ok(());
        }
        let before = self.lines.iter().find(|line| line.sku == sku).map(|line| line.quantity);
        let quantity = before.map_or(Ok(quantity), |before| before.plus(quantity)).map_err(|_| Unfit::TooManyPieces)?;
        self.put(sku, quantity, offers)?;
        self.added_by.push(key.to_owned());
        let forgotten = self.added_by.len().saturating_sub(KNOWN_KEYS);
        self.added_by.drain(..forgotten);
        Ok(())
    }

    /// So many pieces, at the price of now, whatever there were.
    pub(crate) fn put(&mut self, sku: &str, quantity: Quantity, offers: &Offers) -> Result<(), Unfit> {
        let offer = offers.get(sku).ok_or(Unfit::NotSold)?;
        let others = || self.lines.iter().filter(|line| line.sku != sku);
        if others().any(|line| line.unit_price.currency != offer.unit_price.currency) {
            return Err(Unfit::MixedCurrencies);
        }
        let line = CartLine { sku: sku.to_owned(), name: offer.name.clone(), quantity, unit_price: offer.unit_price };
        if let Some(known) = self.lines.iter_mut().find(|line| line.sku == sku) {
            *known = line;
        } else if self.lines.len() < MOST_LINES {
            self.lines.push(line);
        } else {
            return Err(Unfit::TooManyLines);
        }
        Ok(())
    }

    pub(crate) fn remove(&mut self, sku: &str) {
        self.lines.retain(|line| line.sku != sku);
    }

    /// The shopper was told of all changes, and goes on: prices and names are those of now, of what is short there is as
    /// much as can be had, and what is not sold is out.
    pub(crate) fn agree(&mut self, offers: &Offers) {
        self.lines.retain_mut(|line| {
            let Some(offer) = offers.get(&line.sku) else { return false };
            let Ok(available) = Quantity::try_from(offer.available.min(i64::from(Quantity::MAX))) else { return false };
            line.quantity = line.quantity.min(available);
            line.name.clone_from(&offer.name);
            line.unit_price = offer.unit_price;
            true
        });
    }

    /// Takes in what the same person put into another cart before they said who they are. Quantities are added, as far as
    /// there is enough; nothing gets less or lost, also where a cart of two is longer than an order may be.
    pub(crate) fn merge(&mut self, other: Self, offers: &Offers) {
        for line in other.lines {
            let Some(own) = self.lines.iter_mut().find(|own| own.sku == line.sku) else {
                self.lines.push(line);
                continue;
            };
            let (one, two) = (i64::from(own.quantity.get()), i64::from(line.quantity.get()));
            let sellable = offers.get(&line.sku).map_or(0, |offer| offer.available);
            let sum = (one + two).min(sellable.max(one).max(two)).min(Quantity::MAX.into());
            own.quantity = Quantity::try_from(sum).unwrap_or(own.quantity);
        }
    }

    /// What became of its lines, by their place.
    pub(crate) fn changes(&self, offers: &Offers) -> Vec<Vec<Change>> {
        self.lines.iter().map(|line| line.changes(offers)).collect()
    }

    /// At the prices as told; none for no lines and for several currencies.
    pub(crate) fn total(&self) -> Option<Money> {
        let prices = self.lines.iter().map(|line| line.unit_price.times(line.quantity));
        Money::sum(prices.collect::<Result<Vec<_>, _>>().ok()?).ok()?
    }

    /// What is to be reserved, in the order of the SKUs.
    pub(crate) fn wanted(&self) -> Vec<ReserveLine> {
        let mut lines: Vec<ReserveLine> =
            self.lines.iter().map(|line| ReserveLine { sku: line.sku.clone(), quantity: line.quantity }).collect();
        lines.sort_by(|one, other| one.sku.cmp(&other.sku));
        lines
    }

    pub(crate) fn agreed(&self) -> Agreed {
        let prices = self.lines.iter().map(|line| (line.sku.clone(), line.unit_price));
        Agreed { cart_id: self.id, version: self.version, prices: prices.collect() }
    }
}

impl CartLine {
    fn changes(&self, offers: &Offers) -> Vec<Change> {
        let Some(offer) = offers.get(&self.sku) else { return vec![Change::NotSold] };
        let price = (offer.unit_price != self.unit_price).then_some(Change::Price { now: offer.unit_price });
        let is_short = offer.available < i64::from(self.quantity.get());
        price.into_iter().chain(is_short.then_some(Change::Short { available: offer.available })).collect()
    }
}

#[cfg(test)]
mod tests;
