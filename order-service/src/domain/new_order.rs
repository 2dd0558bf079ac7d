//! What a customer asks for, once it is checked.

use super::cart::Agreed;
use aws_lc_rs::digest;
use contracts::{AccountId, CheckoutId, api::product::ReserveLine};
use service_kit::{card_number, postal_address::PostalAddress};

/// The shortest card numbers have so many digits: what has as many in a row may be one.
const CARD_DIGITS: usize = 12;

/// A valid wish: at most one line per SKU, in the order of SKUs.
#[derive(Clone, Debug)]
pub(crate) struct NewOrder {
    pub(crate) lines: Vec<ReserveLine>,
    pub(crate) payment_method: String,
    pub(crate) shipping_address: PostalAddress,
    /// The cart it comes out of, if any.
    pub(crate) agreed: Option<Agreed>,
}

impl NewOrder {
    /// Of all lines.
    pub(crate) fn pieces(&self) -> i64 {
        self.lines.iter().map(|line| i64::from(line.quantity.get())).sum()
    }
}

pub(crate) fn sku(text: &str) -> Result<String, &'static str> {
    let valid = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if valid { Ok(text.to_owned()) } else { Err("must hold 1 to 64 visible ASCII characters without spaces") }
}

/// What is accepted here goes into an event that is kept for ever, and to the provider: no card number may get so far.
pub(crate) fn method(text: &str) -> Result<String, &'static str> {
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
pub(crate) fn checkout_id(customer: AccountId, key: &str) -> CheckoutId {
    id_of(customer.uuid().as_bytes(), key.as_bytes())
}

/// One try to check out a cart as it stands: from two tabs, under two keys, it is the same reservation and one order.
pub(crate) fn cart_checkout_id(agreed: &Agreed) -> CheckoutId {
    id_of(agreed.cart_id.uuid().as_bytes(), &agreed.version.to_be_bytes())
}

fn id_of(whose: &[u8], which: &[u8]) -> CheckoutId {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(whose);
    context.update(which);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&context.finish().as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().into()
}

#[cfg(test)]
mod tests {
    use super::method;

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
}
