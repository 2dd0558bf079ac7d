//! Money arithmetic as properties.

use contracts::{Currency, Money, MoneyError, Quantity};
use proptest::prelude::*;

fn currency() -> impl Strategy<Value = Currency> {
    prop_oneof![Just("EUR"), Just("JPY"), Just("KWD")].prop_map(|code| code.parse().unwrap())
}

fn quantity() -> impl Strategy<Value = Quantity> {
    (1..=i64::from(Quantity::MAX)).prop_map(|number| Quantity::try_from(number).unwrap())
}

/// What an exact result must come to: itself, or a refusal beyond what JSON's numbers tell exactly.
fn exactly(exact: i128, currency: Currency) -> Result<Money, MoneyError> {
    let amount = i64::try_from(exact).ok().filter(|amount| amount.unsigned_abs() < 1 << 53);
    amount.map(|amount| Money::new(amount, currency)).ok_or(MoneyError::Overflow)
}

/// Of any size, and often around the bounds.
fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), -10_i64..10, (1_i64 << 53) - 10..(1 << 53) + 10, Just(i64::MAX), Just(i64::MIN + 1)]
}

proptest! {
    #[test]
    fn adding_is_exact_or_refused(a in amount(), b in amount(), currency in currency()) {
        let sum = Money::new(a, currency).plus(Money::new(b, currency));
        prop_assert_eq!(sum, exactly(i128::from(a) + i128::from(b), currency));
    }

    #[test]
    fn what_is_added_can_be_taken_away(a in -1_000_000_000_000_i64..1_000_000_000_000, b in 0_i64..1_000_000_000_000,
        currency in currency()
    ) {
        let (a, b) = (Money::new(a, currency), Money::new(b, currency));
        prop_assert_eq!(a.plus(b).and_then(|sum| sum.minus(b)), Ok(a));
    }

    #[test]
    fn taking_away_is_exact_or_refused(a in amount(), b in amount(), currency in currency()) {
        let difference = Money::new(a, currency).minus(Money::new(b, currency));
        prop_assert_eq!(difference, exactly(i128::from(a) - i128::from(b), currency));
    }

    #[test]
    fn n_pieces_cost_n_times_one(price in 0_i64..1_000_000_000, quantity in quantity(), currency in currency()) {
        let one = Money::new(price, currency);
        let pieces = (0..quantity.get()).map(|_| one);
        prop_assert_eq!(one.times(quantity), Money::sum(pieces).map(Option::unwrap));
    }

    #[test]
    fn a_price_times_a_quantity_is_exact_or_refused(
        price in prop_oneof![amount(), (1_i64 << 53) / 999 - 2..(1 << 53) / 999 + 2], quantity in quantity()
    ) {
        let total = Money::new(price, Currency::EUR).times(quantity);
        prop_assert_eq!(total, exactly(i128::from(price) * i128::from(quantity.get()), Currency::EUR));
    }

    #[test]
    fn the_sum_does_not_depend_on_the_order(mut amounts in proptest::collection::vec(-1_000_000_i64..1_000_000, 1..20)) {
        let sum = |amounts: &[i64]| Money::sum(amounts.iter().map(|amount| Money::new(*amount, Currency::EUR)));
        let forwards = sum(&amounts);
        amounts.reverse();
        prop_assert_eq!(forwards, sum(&amounts));
    }

    /// Added from the left: a sum that leaves the range on its way is refused, whatever comes after.
    #[test]
    fn a_sum_is_exact_or_refused(amounts in proptest::collection::vec(
        amount(), 1..6)
    ) {
        // One amount alone is nobody's sum.
        let mut exact = Ok(Money::new(amounts[0], Currency::EUR));
        for amount in &amounts[1..] {
            exact = exact.and_then(|sum| exactly(i128::from(sum.amount) + i128::from(*amount), Currency::EUR));
        }
        let sum = Money::sum(amounts.iter().map(|amount| Money::new(*amount, Currency::EUR)));
        prop_assert_eq!(sum, exact.map(Some));
    }

    #[test]
    fn a_sum_of_several_currencies_is_refused(
        amounts in proptest::collection::vec((-1_000_i64..1_000, currency()), 1..8)
    ) {
        let first = amounts[0].1;
        let other = amounts.iter().map(|(_, currency)| *currency).find(|currency| *currency != first);
        let sum = Money::sum(amounts.iter().map(|(amount, currency)| Money::new(*amount, *currency)));
        match other {
            Some(right) => prop_assert_eq!(sum, Err(MoneyError::MixedCurrencies { left: first, right })),
            None => prop_assert_eq!(sum.unwrap().unwrap().currency, first),
        }
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
fn the_extremes_are_not_passed() {
    let euro = |amount| Money::new(amount, Currency::EUR);
    assert_eq!(euro(i64::MIN).minus(euro(1)), Err(MoneyError::Overflow));
    assert_eq!(euro(0).minus(euro(i64::MIN)), Err(MoneyError::Overflow));
    assert_eq!(euro(i64::MIN).minus(euro(i64::MIN)), Ok(euro(0)));
    assert_eq!(euro(Money::MOST).minus(euro(0)), Ok(euro(Money::MOST)));
    assert_eq!(euro(Money::MOST).plus(euro(1)), Err(MoneyError::Overflow));
    assert_eq!(euro(-Money::MOST).minus(euro(1)), Err(MoneyError::Overflow));
    let (one, two) = (Quantity::try_from(1).unwrap(), Quantity::try_from(2).unwrap());
    assert_eq!(euro(Money::MOST).times(one), Ok(euro(Money::MOST)));
    assert_eq!(euro(Money::MOST / 2 + 1).times(two), Err(MoneyError::Overflow));
    assert_eq!(Money::sum([euro(i64::MAX), euro(1)]), Err(MoneyError::Overflow));
    assert_eq!(Money::sum([]), Ok(None));
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
fn money_with_a_fraction_or_a_currency_that_is_none_is_refused() {
    for wrong in [
        r#"{"amount": 19.99, "currency": "EUR"}"#,
        r#"{"amount": "1999", "currency": "EUR"}"#,
        r#"{"amount": 1999, "currency": "XYZW"}"#,
    ] {
        assert!(serde_json::from_str::<Money>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn funds_metals_test_codes_and_withdrawn_money_are_no_legal_tender() {
    let tender = |code: &str| code.parse::<Currency>().unwrap().is_legal_tender();
    for code in
        ["EUR", "USD", "GBP", "JPY", "KWD", "XAF", "XCD", "XCG", "XOF", "XPF", "VED", "VES", "ZWG", "SLE", "CUP"]
    {
        assert!(tender(code), "{code}");
    }
    let none = [
        "XXX", "XTS", "XAU", "XAG", "XPD", "XPT", "XDR", "XSU", "XUA", "XBA", "XAD", "ZWL", "HRK", "SLL", "CUC", "BGN",
        "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW", "BOV",
    ];
    for code in none {
        assert!(!tender(code), "{code}");
    }
}
