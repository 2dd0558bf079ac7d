//! A word with the provider about a charge, and what its answer says.

use crate::{
    changes::settle::Told,
    domain::{Fact, Step},
    provider::{ChargeAnswer, ChargeOrder, Provider},
    store::payments::Stored,
};
use service_kit::cure;

pub(super) fn order(Stored { payment, provider_key, .. }: &Stored) -> ChargeOrder {
    ChargeOrder {
        key: provider_key.clone(),
        amount: payment.total,
        method: payment.method.clone().unwrap_or_default(),
        reference: payment.order_id,
    }
}

/// The key was stored before the first call and is the same for ever; the amount is what the order costs, to the cent.
#[cure(charge_key_kept, spoil = crate::labs::key_of_this_attempt)]
#[cure(charge_the_total, spoil = crate::labs::a_cent_less)]
pub(super) async fn say(provider: &Provider, step: Step, order: ChargeOrder) -> ChargeAnswer {
    match step {
        Step::Charge => provider.charge(&order).await,
        Step::Ask => provider.find_charge(&order).await,
        Step::Abandon => provider.abandon_charge(&order).await,
    }
}

/// No answer is not a no: the money may have moved.
#[cure(unknown_is_asked, spoil = crate::labs::silence_is_a_no)]
pub(super) fn told(answer: ChargeAnswer) -> Told {
    match answer {
        ChargeAnswer::Captured { reference } => Told::Fact(Fact::Captured { reference }),
        ChargeAnswer::Declined { reason } => Told::Fact(Fact::Declined { reason }),
        ChargeAnswer::Abandoned => Told::Fact(Fact::Abandoned),
        ChargeAnswer::NoSuchCharge => Told::NoCharge,
        ChargeAnswer::Unclear { trouble } => Told::Nothing { trouble },
    }
}
