//! What somebody wants to order, as it goes from the door through all steps.

use super::{Intent, NewOrder, cart_checkout_id, checkout_id};
use contracts::AccountId;
use service_kit::{Cause, gather::Item, idempotency::Keyed};
use uuid::Uuid;

#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) keyed: Keyed,
    pub(crate) intent: Intent,
    pub(crate) new: NewOrder,
    pub(crate) cause: Cause,
}

impl Wish {
    pub(crate) fn new(customer_id: AccountId, keyed: Keyed, new: NewOrder) -> Self {
        let checkout_id =
            new.agreed.as_ref().map_or_else(|| checkout_id(customer_id, keyed.key.as_str()), cart_checkout_id);
        let intent = Intent { customer_id, checkout_id, pieces: new.pieces() };
        Self { keyed, intent, new, cause: Cause::current() }
    }
}

impl Item for Wish {
    fn owner(&self) -> Uuid {
        self.intent.customer_id.into()
    }

    /// The order with its lines, its checkout, history, event and answer, and its cart.
    fn rows(&self) -> usize {
        6 + self.new.lines.len() + usize::from(self.new.agreed.is_some())
    }
}
