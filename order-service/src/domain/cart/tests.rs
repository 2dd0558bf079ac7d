//! Carts.

use super::{Cart, Change, MOST_LINES, Offers, Unfit};
use contracts::{Currency, Money, Quantity, api::product::Offer};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use time::OffsetDateTime;
use uuid::Uuid;

fn cart() -> Cart {
    Cart::empty(Uuid::nil().into(), OffsetDateTime::UNIX_EPOCH)
}

fn pieces(count: i64) -> Quantity {
    Quantity::try_from(count).unwrap()
}

fn euro(amount: i64) -> Money {
    Money::new(amount, Currency::EUR)
}

fn offers(offered: &[(&str, Money, i64)]) -> Offers {
    let offer = |&(sku, unit_price, available): &(&str, Money, i64)| {
        let offer =
            Offer { product_id: Uuid::nil().into(), name: format!("The {sku}"), unit_price, available, picture: None };
        (sku.to_owned(), offer)
    };
    offered.iter().map(offer).collect()
}

fn told(cart: &Cart) -> Vec<(&str, i32, i64)> {
    cart.lines.iter().map(|line| (line.sku.as_str(), line.quantity.get(), line.unit_price.amount)).collect()
}

#[test]
fn pieces_are_added_once_per_key_at_the_price_of_now() {
    let mut cart = cart();
    let before = offers(&[("A", euro(100), 9), ("B", euro(50), 9)]);
    cart.add("B", pieces(1), "one", &before).unwrap();
    cart.add("A", pieces(2), "two", &before).unwrap();
    cart.add("A", pieces(2), "two", &before).unwrap();
    cart.add("A", pieces(3), "three", &offers(&[("A", euro(120), 9)])).unwrap();
    assert_eq!(told(&cart), [("B", 1, 50), ("A", 5, 120)]);
    assert_eq!(cart.total(), Some(euro(650)));
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let mut cart = cart();
    let yen = Money::new(100, "JPY".parse().unwrap());
    let there = offers(&[("A", euro(100), 9), ("Y", yen, 9)]);
    cart.add("A", pieces(999), "one", &there).unwrap();
    let before = cart.clone();
    assert_eq!(cart.add("A", pieces(1), "two", &there), Err(Unfit::TooManyPieces));
    assert_eq!(cart.add("Y", pieces(1), "two", &there), Err(Unfit::MixedCurrencies));
    assert_eq!(cart.add("NOPE", pieces(1), "two", &there), Err(Unfit::NotSold));
    assert_eq!(cart, before);
    let names: Vec<String> = (0..=MOST_LINES).map(|number| format!("S{number}")).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), euro(1), 9)).collect();
    let many = offers(&many);
    let added: Vec<_> = names[..MOST_LINES].iter().map(|name| cart.put(name, pieces(1), &many)).collect();
    assert_eq!(added.iter().filter(|added| added.is_ok()).count(), MOST_LINES - 1);
    assert_eq!(added.last(), Some(&Err(Unfit::TooManyLines)));
    // Where one is in its number is still changed.
    assert_eq!(cart.put("S1", pieces(7), &many), Ok(()));
}

#[test]
fn what_has_changed_is_told_until_the_shopper_agrees() {
    let mut cart = cart();
    let before = offers(&[("A", euro(100), 9), ("B", euro(50), 9), ("C", euro(10), 9), ("D", euro(5), 9)]);
    for sku in ["A", "B", "C", "D"] {
        cart.put(sku, pieces(4), &before).unwrap();
    }
    assert_eq!(cart.changes(&before), [vec![], vec![], vec![], vec![]]);
    let now = offers(&[("A", euro(90), 3), ("B", euro(50), 0), ("D", euro(5), 4)]);
    let price = Change::Price { now: euro(90) };
    let changes = [
        vec![price, Change::Short { available: 3 }],
        vec![Change::Short { available: 0 }],
        vec![Change::NotSold],
        vec![],
    ];
    assert_eq!(cart.changes(&now), changes);
    assert_eq!(told(&cart)[0], ("A", 4, 100));
    cart.agree(&now);
    assert_eq!(told(&cart), [("A", 3, 90), ("D", 4, 5)]);
    assert_eq!(cart.changes(&now), [vec![], vec![]]);
}

#[test]
fn what_a_guest_chose_comes_to_what_the_account_has() {
    let there = offers(&[("A", euro(100), 5), ("B", euro(50), 9)]);
    let (mut own, mut guests) = (cart(), cart());
    own.put("A", pieces(3), &there).unwrap();
    guests.put("B", pieces(2), &there).unwrap();
    guests.put("A", pieces(4), &there).unwrap();
    own.merge(guests, &there);
    assert_eq!(told(&own), [("A", 5, 100), ("B", 2, 50)]);
}

proptest! {
    #[test]
    fn a_merge_loses_nothing_and_adds_no_more_than_there_is(one in 1_i64..1000, two in 1_i64..1000, there in 0_i64..2000) {
        let plenty = offers(&[("A", euro(1), 2000)]);
        let (mut own, mut guests) = (cart(), cart());
        own.put("A", pieces(one), &plenty).unwrap();
        guests.put("A", pieces(two), &plenty).unwrap();
        own.merge(guests, &offers(&[("A", euro(1), there)]));
        let merged = i64::from(own.lines[0].quantity.get());
        prop_assert!(merged >= one.max(two) && merged <= (one + two).min(999));
        prop_assert!(merged <= there.max(one).max(two));
        prop_assert_eq!(own.lines.len(), 1);
    }
}
