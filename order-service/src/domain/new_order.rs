//! What a customer asks for, checked.

use super::{Address, AddressBody, card_number};
use aws_lc_rs::digest;
use contracts::{AccountId, CheckoutId, Quantity, api::product::ReserveLine};
use serde::{Deserialize, Serialize};
use service_kit::{Problem, idempotency::IdempotencyKey, problem::Fields};
use std::collections::BTreeMap;
use utoipa::ToSchema;

const MOST_LINES: usize = 100;
/// The shortest card numbers have so many digits: what has as many in a row may be one.
const CARD_DIGITS: usize = 12;

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

/// A valid wish: at most one line per SKU, in the order of SKUs.
#[derive(Clone, Debug)]
pub(crate) struct NewOrder {
    pub(crate) lines: Vec<ReserveLine>,
    pub(crate) payment_method: String,
    pub(crate) shipping_address: Address,
}

impl TryFrom<&PlaceOrderBody> for NewOrder {
    type Error = Problem;

    fn try_from(body: &PlaceOrderBody) -> Result<Self, Problem> {
        let mut fields = Fields::default();
        let lines = sum_lines(&body.lines, &mut fields);
        let payment_method = fields.check("/payment_method", method(&body.payment_method));
        let shipping_address = Address::parse(&body.shipping_address, &mut fields);
        match (lines, payment_method, shipping_address) {
            (Some(lines), Some(payment_method), Some(shipping_address)) => {
                Ok(Self { lines, payment_method, shipping_address })
            }
            _ => Err(fields.into_problem()),
        }
    }
}

impl NewOrder {
    /// The wish of a customer who may hold so many pieces.
    pub(crate) fn within(body: &PlaceOrderBody, most_pieces: i64) -> Result<Self, Problem> {
        let new = Self::try_from(body)?;
        if new.pieces() > most_pieces {
            return Err(Problem::field("/lines", format!("must hold no more than {most_pieces} pieces in all")));
        }
        Ok(new)
    }

    /// Of all lines.
    pub(crate) fn pieces(&self) -> i64 {
        self.lines.iter().map(|line| i64::from(line.quantity.get())).sum()
    }
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

fn sku(text: &str) -> Result<String, &'static str> {
    let valid = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if valid { Ok(text.to_owned()) } else { Err("must hold 1 to 64 visible ASCII characters without spaces") }
}

/// What is accepted here goes into an event that is kept for ever, and to the provider: no card number may get so far.
fn method(text: &str) -> Result<String, &'static str> {
    let token = text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let card = text.split(|character: char| !character.is_ascii_digit()).any(|digits| digits.len() >= CARD_DIGITS);
    if token && !card && card_number::refuse(text).is_ok() {
        return Ok(text.to_owned());
    }
    // Without the text itself: the answer may be logged by whoever sent it.
    Err("must be the payment provider's token of a payment method, such as sim_ok: card numbers are never sent here")
}

/// One try to check out: the same customer with the same key always meets the same reservation.
pub(crate) fn checkout_id(customer: AccountId, key: &IdempotencyKey) -> CheckoutId {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(customer.uuid().as_bytes());
    context.update(key.as_str().as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&context.finish().as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().into()
}

#[cfg(test)]
mod tests {
    use super::{NewOrder, PlaceOrderBody, method};
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
        let order = NewOrder::try_from(&body(&lines)).unwrap();
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
        let problem = NewOrder::try_from(&wrong).unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        let expected =
            ["/lines/0/sku", "/lines/1/quantity", "/lines/3/quantity", "/lines/4/quantity", "/payment_method"];
        assert_eq!(pointers, expected);
    }

    #[test]
    fn a_payment_method_is_a_token_of_the_provider_and_never_a_card_number() {
        let longest = format!("t{}", "x".repeat(63));
        for token in ["sim_ok", "p", "pm_1NqXyZ2eZvKYlo2C", "tok-00000000001", longest.as_str()] {
            assert_eq!(method(token).as_deref(), Ok(token));
        }
        let card_numbers = [
            "4242424242424242",
            "4242-4242-4242-4242",
            "4242 4242 4242 4242",
            "card_424242424242",
            "card_4242_4242_4242_4242",
            "pm-3782-822463-10005",
            "tok_5555x5555x5555x4444",
            "v4-2-4-2-4-2-4-2-4-2-4-2-4-2-4-2",
        ];
        let no_tokens = ["", "Sim_ok", "_ok", "-ok", "7up", "sim ok", "sim.ok", "s\u{f6}k", "a\0b"];
        let too_long = format!("{longest}x");
        for refused in card_numbers.into_iter().chain(no_tokens).chain([too_long.as_str()]) {
            let why = method(refused).unwrap_err();
            assert!(why.contains("card numbers are never sent here"), "{refused}: {why}");
        }
    }

    #[test]
    fn an_order_without_lines_is_refused() {
        let problem = NewOrder::try_from(&body(&json!([]))).unwrap_err();
        assert_eq!(problem.errors[0].pointer, "/lines");
    }
}
