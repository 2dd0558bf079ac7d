//! What a list of orders is asked for, as its address says it.

use crate::office::address::address;
use serde::Deserialize;
use time::{Date, macros::format_description};

/// Of the address.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Wish {
    /// A number, a mail or a SKU that is still to be told apart: the field that leads anywhere sends it here.
    #[serde(default)]
    pub(super) q: String,
    #[serde(default)]
    pub(super) sku: String,
    /// Ids with commas between.
    #[serde(default)]
    pub(super) customer: String,
    /// One, or several with commas between.
    #[serde(default)]
    pub(super) status: String,
    /// A day.
    #[serde(default)]
    pub(super) from: String,
    /// The last day.
    #[serde(default)]
    pub(super) to: String,
    #[serde(default)]
    pub(super) after: String,
    /// How many were fulfilled a moment ago.
    #[serde(default)]
    pub(super) fulfilled: String,
}

/// What a day was typed as that is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoDay(pub(super) String);

impl Wish {
    /// The list's address, without a place in it.
    pub(super) fn address(&self) -> String {
        self.going_on("")
    }

    pub(super) fn going_on(&self, after: &str) -> String {
        let Self { sku, customer, status, from, to, .. } = self;
        let query = [("sku", sku), ("customer", customer), ("status", status), ("from", from), ("to", to)];
        let mut query: Vec<_> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        query.push(("after", after));
        address("/office/orders", &query)
    }

    /// What the service is asked.
    pub(super) fn query(&self) -> Result<Vec<(&'static str, String)>, NoDay> {
        let mut query = vec![("limit", "25".to_owned())];
        for (name, value) in
            [("sku", &self.sku), ("customer_id", &self.customer), ("status", &self.status), ("after", &self.after)]
        {
            if !value.is_empty() {
                query.push((name, value.clone()));
            }
        }
        if !self.from.is_empty() {
            let day = day(&self.from).ok_or_else(|| NoDay(self.from.clone()))?;
            query.push(("from", format!("{day}T00:00:00Z")));
        }
        if !self.to.is_empty() {
            // The day itself is part of it.
            let behind = day(&self.to).and_then(Date::next_day).ok_or_else(|| NoDay(self.to.clone()))?;
            query.push(("to", format!("{behind}T00:00:00Z")));
        }
        Ok(query)
    }

    pub(super) fn customers(&self) -> usize {
        self.customer.split(',').filter(|id| !id.is_empty()).count()
    }

    pub(super) fn is_narrowed(&self) -> bool {
        self.address() != Self::default().address()
    }

    /// After something was done.
    pub(super) fn done(&self) -> Option<String> {
        match self.fulfilled.parse::<usize>().ok()? {
            0 => None,
            1 => Some("One order is on its way.".to_owned()),
            many => Some(format!("{many} orders are on their way.")),
        }
    }
}

fn day(text: &str) -> Option<Date> {
    Date::parse(text.trim(), format_description!("[year]-[month]-[day]")).ok()
}

#[cfg(test)]
mod tests {
    use super::{NoDay, Wish};

    #[test]
    fn a_list_to_a_day_holds_that_day() {
        let wish = Wish { from: "2026-11-01".into(), to: "2026-11-30".into(), ..Wish::default() };
        let query = wish.query().unwrap();
        assert!(query.contains(&("from", "2026-11-01T00:00:00Z".to_owned())), "{query:?}");
        assert!(query.contains(&("to", "2026-12-01T00:00:00Z".to_owned())), "{query:?}");
        assert_eq!(wish.going_on("x"), "/office/orders?from=2026-11-01&to=2026-11-30&after=x");
        for wrong in ["1.11.2026", "2026-13-01", "+12345-01-01"] {
            let wish = Wish { from: wrong.into(), ..Wish::default() };
            assert_eq!(wish.query(), Err(NoDay(wrong.to_owned())), "{wrong}");
        }
    }
}
