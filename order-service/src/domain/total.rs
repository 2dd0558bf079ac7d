//! What an order costs: the sum of its lines, at the prices they were reserved for.

use contracts::{Money, MoneyError, api::product::ReservedLine};

/// None for no lines, since nothing says their currency.
pub(crate) fn total(lines: &[ReservedLine]) -> Result<Option<Money>, MoneyError> {
    let prices = lines.iter().map(|line| line.unit_price.times(line.quantity));
    Money::sum(prices.collect::<Result<Vec<_>, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::total;
    use contracts::{Currency, Money, MoneyError, Quantity, api::product::ReservedLine};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn line(unit_price: i64, quantity: i64, currency: Currency) -> ReservedLine {
        ReservedLine {
            product_id: Uuid::nil().into(),
            variant_id: Uuid::nil().into(),
            sku: "MUG".to_owned(),
            name: "A mug".to_owned(),
            quantity: Quantity::try_from(quantity).unwrap(),
            unit_price: Money::new(unit_price, currency),
        }
    }

    fn price() -> impl Strategy<Value = i64> {
        prop_oneof![0_i64..1_000_000, 0..=i64::MAX, Just(i64::MAX / 999), (1_i64 << 53) / 999 - 2..(1 << 53) / 999 + 2]
    }

    proptest! {
        #[test]
        fn the_total_is_the_sum_of_the_lines_or_refused(
            lines in proptest::collection::vec((price(), 1..=i64::from(Quantity::MAX)), 0..12)
        ) {
            let exact: i128 = lines.iter().map(|(price, quantity)| i128::from(*price) * i128::from(*quantity)).sum();
            let given: Vec<_> = lines.iter().map(|(price, quantity)| line(*price, *quantity, Currency::EUR)).collect();
            let expected = match i64::try_from(exact) {
                _ if lines.is_empty() => Ok(None),
                Ok(amount @ ..=Money::MOST) => Ok(Some(Money::new(amount, Currency::EUR))),
                _ => Err(MoneyError::Overflow),
            };
            prop_assert_eq!(total(&given), expected);
        }
    }

    #[test]
    fn the_largest_total_is_what_every_reader_holds() {
        let one = |amount| total(&[line(amount, 1, Currency::EUR)]);
        assert!(one((1 << 53) - 1).is_ok());
        assert_eq!(one(1 << 53), Err(MoneyError::Overflow));
    }

    #[test]
    fn lines_in_several_currencies_have_no_total() {
        let yen = "JPY".parse().unwrap();
        let refused = total(&[line(1, 1, Currency::EUR), line(1, 1, yen)]);
        assert_eq!(refused, Err(MoneyError::MixedCurrencies { left: Currency::EUR, right: yen }));
    }
}
