//! Money arithmetic as properties.

use contracts::{Currency, Money, MoneyError, Quantity};
use proptest::prelude::*;

fn currency() -> impl Strategy<Value = Currency> {
    prop_oneof![Just("EUR"), Just("JPY"), Just("KWD")].prop_map(|code| code.parse().unwrap())
}

fn quantity() -> impl Strategy<Value = Quantity> {
    (1..=i64::from(Quantity::MAX)).prop_map(|number| Quantity::try_from(number).unwrap())
}

proptest! {
    #[test]
    fn adding_is_exact_or_refused(a: i64, b: i64, currency in currency()) {
        let sum = Money::new(a, currency).plus(Money::new(b, currency));
        match i64::try_from(i128::from(a) + i128::from(b)) {
            Ok(exact) => prop_assert_eq!(sum, Ok(Money::new(exact, currency))),
            Err(_) => prop_assert_eq!(sum, Err(MoneyError::Overflow)),
        }
    }

    #[test]
    fn what_is_added_can_be_taken_away(a in -1_000_000_000_000_i64..1_000_000_000_000, b in 0_i64..1_000_000_000_000,
        currency in currency()
    ) {
        let (a, b) = (Money::new(a, currency), Money::new(b, currency));
        prop_assert_eq!(a.plus(b).and_then(|sum| sum.minus(b)), Ok(a));
    }

    #[test]
    fn n_pieces_cost_n_times_one(price in 0_i64..1_000_000_000, quantity in quantity(), currency in currency()) {
        let one = Money::new(price, currency);
        let pieces = (0..quantity.get()).map(|_| one);
        prop_assert_eq!(one.times(quantity), Money::sum(pieces).map(Option::unwrap));
    }

    #[test]
    fn a_price_times_a_quantity_is_exact_or_refused(price: i64, quantity in quantity()) {
        let total = Money::new(price, Currency::EUR).times(quantity);
        match i64::try_from(i128::from(price) * i128::from(quantity.get())) {
            Ok(exact) => prop_assert_eq!(total, Ok(Money::new(exact, Currency::EUR))),
            Err(_) => prop_assert_eq!(total, Err(MoneyError::Overflow)),
        }
    }

    #[test]
    fn the_sum_does_not_depend_on_the_order(mut amounts in proptest::collection::vec(-1_000_000_i64..1_000_000, 1..20)) {
        let sum = |amounts: &[i64]| Money::sum(amounts.iter().map(|amount| Money::new(*amount, Currency::EUR)));
        let forwards = sum(&amounts);
        amounts.reverse();
        prop_assert_eq!(forwards, sum(&amounts));
    }

    #[test]
    fn money_reads_back_as_it_was_written(amount: i64, currency in currency()) {
        let money = Money::new(amount, currency);
        let read: Money = serde_json::from_str(&serde_json::to_string(&money).unwrap()).unwrap();
        prop_assert_eq!(read, money);
    }

    #[test]
    fn a_quantity_is_between_one_and_its_maximum(number: i64) {
        let parsed = Quantity::try_from(number);
        prop_assert_eq!(parsed.is_ok(), (1..=i64::from(Quantity::MAX)).contains(&number));
    }
}

#[test]
fn currencies_are_never_mixed() {
    let (euro, yen) = (Money::new(1, Currency::EUR), Money::new(1, "JPY".parse().unwrap()));
    let refused = Err(MoneyError::MixedCurrencies { left: euro.currency, right: yen.currency });
    assert_eq!((euro.plus(yen), euro.minus(yen)), (refused.clone(), refused));
}

#[test]
fn people_read_amounts_in_the_currencys_own_digits() {
    let shown = |amount, code: &str| Money::new(amount, code.parse().unwrap()).to_string();
    assert_eq!(
        [shown(1999, "EUR"), shown(-5, "EUR"), shown(500, "JPY"), shown(1234, "KWD")],
        ["19.99 EUR", "-0.05 EUR", "500 JPY", "1.234 KWD"]
    );
}

#[test]
fn money_with_a_fraction_or_an_unknown_field_is_refused() {
    for wrong in [
        r#"{"amount": 19.99, "currency": "EUR"}"#,
        r#"{"amount": "1999", "currency": "EUR"}"#,
        r#"{"amount": 1999, "currency": "XYZW"}"#,
        r#"{"amount": 1999, "currency": "EUR", "scale": 2}"#,
    ] {
        assert!(serde_json::from_str::<Money>(wrong).is_err(), "{wrong}");
    }
}
