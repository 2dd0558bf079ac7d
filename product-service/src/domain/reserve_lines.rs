//! The lines of a reservation: one per SKU, in one order.

use super::sku::Sku;
use contracts::{Quantity, api::product::ReserveLine};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// At most so many different SKUs.
const MOST: usize = 100;

/// What a shopper wanted, summed per SKU and sorted by it: two requests for the same are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReserveLines {
    pub(crate) skus: Vec<String>,
    pub(crate) quantities: Vec<Quantity>,
}

/// A SKU of which there is not enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Short {
    pub sku: String,
    pub requested: i64,
    pub available: i64,
}

impl ReserveLines {
    /// Texts that cannot be a SKU of ours; the database must not see them (it refuses zero bytes).
    pub(crate) fn impossible_skus(lines: &[ReserveLine]) -> Vec<String> {
        lines.iter().filter(|line| Sku::parse(&line.sku).is_err()).map(|line| line.sku.clone()).collect()
    }

    /// The error names the field and says what is wrong with it.
    pub(crate) fn parse(lines: &[ReserveLine]) -> Result<Self, (String, String)> {
        if lines.is_empty() || lines.len() > MOST {
            return Err(("/lines".to_owned(), format!("must hold 1 to {MOST} lines")));
        }
        let mut by_sku = BTreeMap::<&str, Quantity>::new();
        for (index, line) in lines.iter().enumerate() {
            let sum = match by_sku.get(line.sku.as_str()) {
                Some(quantity) => quantity.plus(line.quantity),
                None => Ok(line.quantity),
            };
            let sum = sum.map_err(|why| (format!("/lines/{index}/quantity"), why.to_string()))?;
            by_sku.insert(&line.sku, sum);
        }
        let (skus, quantities) = by_sku.into_iter().map(|(sku, quantity)| (sku.to_owned(), quantity)).unzip();
        Ok(Self { skus, quantities })
    }
}

#[cfg(test)]
mod tests {
    use super::ReserveLines;
    use contracts::api::product::ReserveLine;

    fn lines(wanted: &[(&str, i64)]) -> Vec<ReserveLine> {
        let line = |&(sku, quantity): &(&str, i64)| ReserveLine {
            sku: sku.to_owned(),
            quantity: quantity.try_into().unwrap(),
        };
        wanted.iter().map(line).collect()
    }

    #[test]
    fn two_lines_with_one_sku_are_summed_and_their_order_does_not_matter() {
        let one = ReserveLines::parse(&lines(&[("B", 1), ("A", 2), ("B", 3)])).unwrap();
        assert_eq!(one, ReserveLines::parse(&lines(&[("A", 2), ("B", 4)])).unwrap());
        let quantities: Vec<i32> = one.quantities.iter().map(|quantity| quantity.get()).collect();
        assert_eq!((one.skus, quantities), (vec!["A".to_owned(), "B".to_owned()], vec![2, 4]));
    }

    #[test]
    fn a_sum_past_the_largest_quantity_is_refused_where_it_happens() {
        let (pointer, _) = ReserveLines::parse(&lines(&[("A", 999), ("A", 1)])).unwrap_err();
        assert_eq!(pointer, "/lines/1/quantity");
    }

    #[test]
    fn no_lines_and_too_many_are_refused() {
        assert!(ReserveLines::parse(&[]).is_err());
        let names: Vec<String> = (0..101).map(|number| format!("S{number}")).collect();
        let many: Vec<(&str, i64)> = names.iter().map(|name| (name.as_str(), 1)).collect();
        assert!(ReserveLines::parse(&lines(&many)).is_err());
        assert!(ReserveLines::parse(&lines(&many[..100])).is_ok());
    }
}
