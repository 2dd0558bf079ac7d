//! What `POST /orders` is sent, and how it becomes a wish.

use crate::domain::{NewOrder, method, sku};
use contracts::{
    Quantity,
    api::{order::AddressBody, product::ReserveLine},
};
use serde::{Deserialize, Serialize};
use service_kit::{
    Kind, Problem,
    card_number::{self, CardNumber},
    idempotency::IdempotencyKey,
    postal_address::{Parts, PostalAddress},
    problem::Fields,
};
use std::collections::BTreeMap;
use utoipa::ToSchema;

const MOST_LINES: usize = 100;

/// Body of `POST /orders`. Prices and totals are the server's: they cannot be sent.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceOrderBody {
    /// 1 to 100. Lines with the same SKU are summed.
    #[schema(min_items = 1, max_items = 100)]
    pub(crate) lines: Vec<LineBody>,
    /// The payment provider's token of a payment method, never a card number: up to 64 letters, digits, `_` and `-`,
    /// the first a small letter. The simulated provider knows `sim_ok`, `sim_declined`, `sim_slow`, `sim_error`,
    /// `sim_lost`.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z][A-Za-z0-9_-]*$", examples("sim_ok"))]
    pub(crate) payment_method: String,
    pub(crate) shipping_address: AddressBody,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineBody {
    #[schema(min_length = 1, max_length = 64, pattern = "^[!-~]+$")]
    pub(crate) sku: String,
    /// 1 to 999 pieces of one SKU in all.
    #[schema(minimum = 1, maximum = 999)]
    pub(crate) quantity: i64,
}

impl PlaceOrderBody {
    /// The wish of a customer who may hold so many pieces, or everything that is wrong with it.
    pub(crate) fn parse(&self, most_pieces: i64) -> Result<NewOrder, Problem> {
        let mut fields = Fields::default();
        let lines = sum_lines(&self.lines, &mut fields);
        let payment_method = fields.check("/payment_method", method(&self.payment_method));
        let shipping_address = address(&self.shipping_address, &mut fields);
        let (Some(lines), Some(payment_method), Some(shipping_address)) = (lines, payment_method, shipping_address)
        else {
            return Err(fields.into_problem());
        };
        let new = NewOrder { lines, payment_method, shipping_address, agreed: None };
        if new.pieces() > most_pieces {
            return Err(Problem::field("/lines", format!("must hold no more than {most_pieces} pieces in all")));
        }
        Ok(new)
    }
}

/// Where an order goes, or everything that is wrong with it.
pub(crate) fn address(body: &AddressBody, fields: &mut Fields) -> Option<PostalAddress> {
    let parts = Parts {
        name: &body.name,
        line1: &body.line1,
        line2: body.line2.as_deref(),
        postal_code: &body.postal_code,
        city: &body.city,
        region: body.region.as_deref(),
        country: &body.country,
    };
    let wrong = match PostalAddress::parse(parts) {
        Ok(address) => return Some(address),
        Err(wrong) => wrong,
    };
    for (part, why) in wrong {
        fields.check::<(), _>(&format!("/shipping_address/{part}"), Err(why));
    }
    None
}

/// A key is stored, and logged by others.
pub(crate) fn refuse_card_number(key: &IdempotencyKey) -> Result<(), Problem> {
    if card_number::is_one(key.as_str()) {
        let detail = format!("The Idempotency-Key {CardNumber}. Send a fresh random value for each new intent.");
        return Err(Problem::new(Kind::Invalid, "invalid_idempotency_key", detail));
    }
    Ok(())
}

/// Two lines of one SKU are one wish: summed before anybody asks whether there is enough.
fn sum_lines(bodies: &[LineBody], fields: &mut Fields) -> Option<Vec<ReserveLine>> {
    if !(1..=MOST_LINES).contains(&bodies.len()) {
        let detail = format!("must hold 1 to {MOST_LINES} lines");
        return fields.check::<Vec<ReserveLine>, _>("/lines", Err(detail));
    }
    let mut by_sku: BTreeMap<String, Quantity> = BTreeMap::new();
    let mut complete = true;
    for (index, body) in bodies.iter().enumerate() {
        let sku = fields.check(&format!("/lines/{index}/sku"), sku(&body.sku));
        let quantity = Quantity::try_from(body.quantity);
        let quantity = match (&sku, quantity) {
            (Some(sku), Ok(quantity)) => by_sku.get(sku).map_or(Ok(quantity), |before| before.plus(quantity)),
            (_, quantity) => quantity,
        };
        let quantity = fields.check(&format!("/lines/{index}/quantity"), quantity);
        match (sku, quantity) {
            (Some(sku), Some(quantity)) => {
                by_sku.insert(sku, quantity);
            }
            _ => complete = false,
        }
    }
    complete.then(|| by_sku.into_iter().map(|(sku, quantity)| ReserveLine { sku, quantity }).collect())
}

#[cfg(test)]
mod tests {
    use super::PlaceOrderBody;
    use serde_json::{Value, json};

    fn body(lines: &Value) -> PlaceOrderBody {
        serde_json::from_value(json!({
            "lines": lines, "payment_method": "sim_ok",
            "shipping_address": {"name": "Ada", "line1": "1 Road", "postal_code": "1", "city": "Town", "country": "de"},
        }))
        .unwrap()
    }

    #[test]
    fn lines_with_the_same_sku_are_summed() {
        let lines = json!([
            {"sku": "B", "quantity": 1}, {"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 3}
        ]);
        let order = body(&lines).parse(2000).unwrap();
        let sums: Vec<_> = order.lines.iter().map(|line| (line.sku.as_str(), line.quantity.get())).collect();
        assert_eq!(sums, [("A", 2), ("B", 4)]);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let mut wrong = body(&json!([
            {"sku": "", "quantity": 1}, {"sku": "A", "quantity": 0}, {"sku": "B", "quantity": 999},
            {"sku": "B", "quantity": 1}, {"sku": "C", "quantity": -1}
        ]));
        wrong.payment_method = "Sim OK".to_owned();
        let problem = wrong.parse(2000).unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        let expected =
            ["/lines/0/sku", "/lines/1/quantity", "/lines/3/quantity", "/lines/4/quantity", "/payment_method"];
        assert_eq!(pointers, expected);
    }

    #[test]
    fn an_order_without_lines_is_refused() {
        let problem = body(&json!([])).parse(2000).unwrap_err();
        assert_eq!(problem.errors[0].pointer, "/lines");
    }
}
