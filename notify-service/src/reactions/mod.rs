//! The subscription table: what people are told about.

mod order_cancelled;
mod order_created;
mod order_fulfilled;
pub(crate) mod order_paid;
mod payment_refunded;
pub(crate) mod told;
mod user_registered;
mod user_registration_repeated;
mod user_verification_requested;
mod user_verified;

use crate::state::App;
use contracts::ServiceName;
use service_kit::Subscriptions;

pub(crate) fn subscriptions() -> Subscriptions<App> {
    Subscriptions::new(ServiceName::Notify)
        .on(user_registered::react)
        .on(user_verification_requested::react)
        .on(user_registration_repeated::react)
        .on(user_verified::react)
        .on(order_created::react)
        .on(order_paid::react)
        .on(order_cancelled::react)
        .on(order_fulfilled::react)
        .on(payment_refunded::react)
}
