//! What one shopper wants, decided by the seed alone.

use super::dice::Dice;

/// A line's quantities and its product, by the product's place in the assortment.
pub(crate) type Line = (usize, u64);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Intent {
    pub(crate) number: u64,
    /// Which customer, by their place.
    pub(crate) customer: usize,
    pub(crate) lines: Vec<Line>,
    pub(crate) method: &'static str,
    /// So many identical requests are sent at once.
    pub(crate) clicks: u64,
    /// So often it is tried before the shopper gives up.
    pub(crate) tries: u64,
    pub(crate) after: After,
    /// They are no customer: a guest collects it in a cart and orders that.
    pub(crate) by_cart: bool,
}

/// What happens to an order that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Nothing,
    /// The shopper thinks better of it, after so many milliseconds.
    Cancelled(u64),
    /// Staff send it, once it is paid.
    Fulfilled,
}

/// Of a hundred shoppers so many pay like this; each method is a kind of day the provider has.
const METHODS: [(&str, u64); 5] =
    [("sim_ok", 70), ("sim_declined", 10), ("sim_slow", 4), ("sim_error", 6), ("sim_lost", 10)];
/// Of a hundred shoppers.
const BY_CART: u64 = 30;
/// As long as anything can be away, and longer.
const PATIENT: u64 = 60;

impl Intent {
    pub(crate) fn new(seed: u64, number: u64, products: usize, customers: usize) -> Self {
        let mut dice = Dice::of(seed, "intent", number);
        let (products, customers) = (products as u64, customers as u64);
        let mut place = |bound: u64| usize::try_from(dice.below(bound)).unwrap_or_default();
        let customer = place(customers);
        let wanted = 1 + place(3);
        let lines = (0..wanted).map(|_| (place(products), 1 + place(3) as u64)).collect();
        let method = method(&mut dice);
        // Two hands full of double clicks among a hundred.
        let clicks = if dice.chance(10) { dice.between(2, 8) } else { 1 };
        let tries = if dice.chance(5) { dice.between(1, 2) } else { PATIENT };
        let after = match dice.below(100) {
            0..8 => After::Cancelled(dice.below(400)),
            8..40 => After::Fulfilled,
            _ => After::Nothing,
        };
        let by_cart = dice.chance(BY_CART);
        Self { number, customer, lines, method, clicks, tries, after, by_cart }
    }
}

fn method(dice: &mut Dice) -> &'static str {
    let mut roll = dice.below(METHODS.iter().map(|(_, share)| share).sum());
    for (method, share) in METHODS {
        if roll < share {
            return method;
        }
        roll -= share;
    }
    METHODS[0].0
}

#[cfg(test)]
mod tests {
    use super::{Intent, METHODS};

    #[test]
    fn a_seed_repeats_its_intents_and_another_has_others() {
        let intents = |seed| (0..200).map(|number| Intent::new(seed, number, 12, 4)).collect::<Vec<_>>();
        assert_eq!(intents(5), intents(5));
        assert_ne!(intents(5), intents(6));
    }

    #[test]
    fn every_kind_of_payment_and_of_shopper_comes() {
        let intents: Vec<_> = (0..500).map(|number| Intent::new(1, number, 12, 4)).collect();
        for (method, _) in METHODS {
            assert!(intents.iter().any(|intent| intent.method == method), "{method}");
        }
        assert!(intents.iter().any(|intent| intent.clicks > 1) && intents.iter().any(|intent| intent.tries < 3));
        assert!(intents.iter().all(|intent| (1..=3).contains(&intent.lines.len())));
    }
}
