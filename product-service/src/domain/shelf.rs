//! Who gets what there is: many checkouts, one after the other, each on what those before it left. All of a checkout's
//! lines are held or none, and a checkout is decided once.

use super::{
    reservation::Reservation,
    reserve_lines::{ReserveLines, Short},
};
use contracts::{
    CheckoutId, Money, OrderId, ProductId, VariantId,
    api::product::{ChangedPrice, Reservation as Held, ReservedLine},
};
use service_kit::gather::Item;
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;
use uuid::Uuid;

/// A shopper's wish.
#[derive(Clone, Debug)]
pub(crate) struct Checkout {
    pub(crate) checkout_id: CheckoutId,
    pub(crate) order_id: OrderId,
    pub(crate) lines: ReserveLines,
    /// What the shopper was told that a piece costs, where they were told.
    pub(crate) prices: BTreeMap<String, Money>,
}

impl Item for Checkout {
    /// Nobody's but its own: the one caller brings everybody's.
    fn owner(&self) -> Uuid {
        self.checkout_id.into()
    }

    /// The reservation, and of each line what it holds and its stock.
    fn rows(&self) -> usize {
        1 + 2 * self.lines.skus.len()
    }
}

/// What can be bought under a SKU at this moment.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) sku: String,
    pub(crate) variant_id: VariantId,
    pub(crate) product_id: ProductId,
    pub(crate) name: String,
    pub(crate) unit_price: Money,
    pub(crate) available: i64,
}

/// A checkout that was decided, now or before.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    pub(crate) checkout_id: CheckoutId,
    pub(crate) order_id: OrderId,
    pub(crate) status: Reservation,
    /// What was asked for; none for a tombstone, which knows no lines.
    pub(crate) lines: Option<ReserveLines>,
    /// What was taken, with names and prices as they were.
    pub(crate) held: Vec<ReservedLine>,
    /// What there was not enough of.
    pub(crate) short: Vec<Short>,
    pub(crate) expires_at: OffsetDateTime,
}

/// Why a checkout holds nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    NotSold(Vec<String>),
    MixedCurrencies(Vec<String>),
    TotalTooLarge,
    PriceChanged(Vec<ChangedPrice>),
    OutOfStock(Vec<Short>),
    /// Decided before, with other lines.
    Reused(CheckoutId),
    /// Its stock was given back.
    Ended(CheckoutId),
}

impl Decided {
    /// The same to every repeat.
    fn answer(&self, lines: &ReserveLines) -> Result<Held, Refusal> {
        if self.lines.as_ref().is_some_and(|known| known != lines) {
            return Err(Refusal::Reused(self.checkout_id));
        }
        match self.status {
            Reservation::Held | Reservation::Committed | Reservation::Shipped => Ok(Held {
                checkout_id: self.checkout_id,
                order_id: self.order_id,
                lines: self.held.clone(),
                expires_at: self.expires_at,
            }),
            Reservation::Refused => Err(Refusal::OutOfStock(self.short.clone())),
            Reservation::Released | Reservation::Expired | Reservation::Unknown => {
                Err(Refusal::Ended(self.checkout_id))
            }
        }
    }
}

/// What there is, while it is given away.
pub(crate) struct Shelf {
    offers: BTreeMap<String, Offer>,
    decided: BTreeMap<CheckoutId, Decided>,
    /// Which of these were decided here.
    new: BTreeSet<CheckoutId>,
}

impl Shelf {
    pub(crate) fn of(offers: Vec<Offer>, decided: Vec<Decided>) -> Self {
        Self {
            offers: offers.into_iter().map(|offer| (offer.sku.clone(), offer)).collect(),
            decided: decided.into_iter().map(|decided| (decided.checkout_id, decided)).collect(),
            new: BTreeSet::new(),
        }
    }

    /// Decides a checkout and takes what it gets. What cannot be sold at all, or at that price, is not decided: the
    /// shopper leaves it out, or agrees, and goes on. That there was not enough is, so that a repeat hears the same.
    pub(crate) fn decide(&mut self, checkout: &Checkout, expires_at: OffsetDateTime) -> Result<Held, Refusal> {
        let &Checkout { checkout_id, order_id, ref lines, ref prices } = checkout;
        if let Some(decided) = self.decided.get(&checkout_id) {
            return decided.answer(lines);
        }
        let offers = self.for_sale(lines)?;
        at_prices_told(prices, &offers)?;
        let short: Vec<Short> =
            offers.iter().filter_map(|(wanted, offer)| short(offer, wanted.quantity.get())).collect();
        let (status, held) = if short.is_empty() {
            (Reservation::Held, offers.into_iter().map(|(wanted, _offer)| wanted).collect())
        } else {
            (Reservation::Refused, Vec::new())
        };
        for line in &held {
            self.take(line);
        }
        let lines_asked = Some(lines.clone());
        let decided = Decided { checkout_id, order_id, status, lines: lines_asked, held, short, expires_at };
        let answer = decided.answer(lines);
        self.decided.insert(checkout_id, decided);
        self.new.insert(checkout_id);
        answer
    }

    /// Each line as it would be held, with its offer.
    fn for_sale(&self, lines: &ReserveLines) -> Result<Vec<(ReservedLine, &Offer)>, Refusal> {
        let not_sold: Vec<String> = lines.skus.iter().filter(|sku| !self.offers.contains_key(*sku)).cloned().collect();
        if !not_sold.is_empty() {
            return Err(Refusal::NotSold(not_sold));
        }
        let wanted = lines.skus.iter().zip(&lines.quantities);
        let offers: Vec<_> = wanted
            .filter_map(|(sku, &quantity)| {
                let offer = self.offers.get(sku)?;
                let &Offer { product_id, variant_id, unit_price, .. } = offer;
                let (sku, name) = (offer.sku.clone(), offer.name.clone());
                Some((ReservedLine { product_id, variant_id, sku, name, quantity, unit_price }, offer))
            })
            .collect();
        let currencies: BTreeSet<&str> = offers.iter().map(|(line, _)| line.unit_price.currency.code()).collect();
        if currencies.len() > 1 {
            return Err(Refusal::MixedCurrencies(currencies.into_iter().map(str::to_owned).collect()));
        }
        let price = |line: &ReservedLine| i128::from(line.unit_price.amount) * i128::from(line.quantity.get());
        if offers.iter().map(|(line, _)| price(line)).sum::<i128>() > i128::from(Money::MOST) {
            return Err(Refusal::TotalTooLarge);
        }
        Ok(offers)
    }

    fn take(&mut self, line: &ReservedLine) {
        if let Some(offer) = self.offers.get_mut(&line.sku) {
            offer.available -= i64::from(line.quantity.get());
        }
    }

    /// What was decided here and is to be stored, by checkout.
    pub(crate) fn news(self) -> Vec<Decided> {
        let Self { decided, new, .. } = self;
        decided.into_values().filter(|decided| new.contains(&decided.checkout_id)).collect()
    }
}

/// A price that the shopper was not told is none they agreed to.
fn at_prices_told(told: &BTreeMap<String, Money>, offers: &[(ReservedLine, &Offer)]) -> Result<(), Refusal> {
    let changed = offers.iter().filter_map(|(line, _offer)| {
        let told = *told.get(&line.sku)?;
        (told != line.unit_price).then(|| ChangedPrice { sku: line.sku.clone(), told, now: line.unit_price })
    });
    let changed: Vec<ChangedPrice> = changed.collect();
    if changed.is_empty() { Ok(()) } else { Err(Refusal::PriceChanged(changed)) }
}

fn short(offer: &Offer, wanted: i32) -> Option<Short> {
    let (requested, available) = (i64::from(wanted), offer.available);
    (available < requested).then(|| Short { sku: offer.sku.clone(), requested, available })
}

#[cfg(test)]
mod tests {
    use super::{Checkout, Offer, Refusal, Shelf};
    use crate::domain::reserve_lines::ReserveLines;
    use contracts::{
        Currency, Money,
        api::product::{ChangedPrice, ReserveLine},
    };
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
    use std::collections::BTreeMap;
    use time::OffsetDateTime;
    use uuid::Uuid;

    const AT: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn offer(number: usize, available: i64) -> Offer {
        let id = Uuid::from_u128(number as u128);
        Offer {
            sku: format!("S{number}"),
            variant_id: id.into(),
            product_id: id.into(),
            name: "Any".to_owned(),
            unit_price: Money::new(1000, Currency::EUR),
            available,
        }
    }

    fn checkout(number: u128, wanted: &[(&str, i64)]) -> Checkout {
        let line = |&(sku, quantity): &(&str, i64)| ReserveLine {
            sku: sku.to_owned(),
            quantity: quantity.try_into().unwrap(),
        };
        let lines: Vec<_> = wanted.iter().map(line).collect();
        let id = Uuid::from_u128(number);
        let lines = ReserveLines::parse(&lines).unwrap();
        Checkout { checkout_id: id.into(), order_id: id.into(), lines, prices: BTreeMap::new() }
    }

    #[test]
    fn who_is_refused_takes_nothing_of_its_other_lines() {
        let mut shelf = Shelf::of(vec![offer(0, 1), offer(1, 0)], vec![]);
        let refused = shelf.decide(&checkout(1, &[("S0", 1), ("S1", 1)]), AT).unwrap_err();
        let Refusal::OutOfStock(short) = refused else { panic!("{refused:?}") };
        assert_eq!(short.iter().map(|short| short.sku.as_str()).collect::<Vec<_>>(), ["S1"]);
        assert!(shelf.decide(&checkout(2, &[("S0", 1)]), AT).is_ok());
        assert_eq!(shelf.news().len(), 2);
    }

    #[test]
    fn what_cannot_be_sold_is_not_decided() {
        let mut shelf = Shelf::of(vec![offer(0, 1)], vec![]);
        let refused = shelf.decide(&checkout(1, &[("S0", 1), ("NOPE", 1)]), AT);
        assert_eq!(refused, Err(Refusal::NotSold(vec!["NOPE".to_owned()])));
        assert!(shelf.decide(&checkout(1, &[("S0", 1)]), AT).is_ok());
        assert_eq!(shelf.news().len(), 1);
    }

    #[test]
    fn at_another_price_than_was_told_nothing_is_taken_or_decided() {
        let mut shelf = Shelf::of(vec![offer(0, 1), offer(1, 1)], vec![]);
        let (told, now) = (Money::new(900, Currency::EUR), Money::new(1000, Currency::EUR));
        let mut checkout = checkout(1, &[("S0", 1), ("S1", 1)]);
        checkout.prices = BTreeMap::from([("S0".to_owned(), told), ("S1".to_owned(), now)]);
        let changed = ChangedPrice { sku: "S0".to_owned(), told, now };
        assert_eq!(shelf.decide(&checkout, AT), Err(Refusal::PriceChanged(vec![changed])));
        checkout.prices.insert("S0".to_owned(), now);
        assert!(shelf.decide(&checkout, AT).is_ok());
        assert_eq!(shelf.news().len(), 1);
    }

    #[test]
    fn a_checkout_that_comes_again_takes_nothing_more() {
        let mut shelf = Shelf::of(vec![offer(0, 5)], vec![]);
        let first = shelf.decide(&checkout(1, &[("S0", 2)]), AT);
        assert_eq!(shelf.decide(&checkout(1, &[("S0", 2)]), AT), first);
        let other = checkout(1, &[("S0", 3)]);
        assert_eq!(shelf.decide(&other, AT), Err(Refusal::Reused(other.checkout_id)));
        assert!(shelf.decide(&checkout(2, &[("S0", 3)]), AT).is_ok());
        assert_eq!(shelf.news().len(), 2);
    }

    proptest! {
        #[test]
        fn no_more_is_given_away_than_there_is(
            stock in proptest::collection::vec(0_i64..6, 3),
            wishes in proptest::collection::vec((any::<u8>(), 0_usize..3, 1_i64..4, 0_usize..3, 1_i64..4), 1..20),
        ) {
            let offers = stock.iter().enumerate().map(|(number, pieces)| offer(number, *pieces)).collect();
            let mut shelf = Shelf::of(offers, vec![]);
            let mut held = BTreeMap::new();
            for (who, one, some, other, more) in wishes {
                let (one, other) = (format!("S{one}"), format!("S{other}"));
                let wish = checkout(u128::from(who % 8), &[(&one, some), (&other, more)]);
                if let Ok(answer) = shelf.decide(&wish, AT) {
                    held.insert(wish.checkout_id, answer);
                }
            }
            for (number, pieces) in stock.iter().enumerate() {
                let lines = held.values().flat_map(|answer| &answer.lines);
                let lines = lines.filter(|line| line.sku == format!("S{number}"));
                let taken: i64 = lines.map(|line| i64::from(line.quantity.get())).sum();
                prop_assert!(taken <= *pieces);
                prop_assert_eq!(shelf.offers[&format!("S{number}")].available, pieces - taken);
            }
        }
    }
}
