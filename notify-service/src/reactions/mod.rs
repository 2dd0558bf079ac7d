//! The subscription table: what people are told about.

mod order_cancelled;
mod order_created;
mod order_fulfilled;
mod order_paid;
mod payment_refunded;
mod tell;
mod user_registered;
mod user_registration_repeated;
mod user_verification_requested;
mod user_verified;

use crate::app::App;
use contracts::ServiceName;
use service_kit::Subscriptions;

pub(crate) fn subscriptions() -> Subscriptions<App> {
    Subscriptions::new(ServiceName::Notify)
        .on_one(user_registered::react)
        .on_one(user_verification_requested::react)
        .on_one(user_registration_repeated::react)
        .on_one(user_verified::react)
        .on_one(order_created::react)
        .on_one(order_paid::react)
        .on_one(order_cancelled::react)
        .on_one(order_fulfilled::react)
        .on_one(payment_refunded::react)
}
