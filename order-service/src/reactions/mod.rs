//! The subscription table.

mod payment_completed;
mod payment_failed;
mod payment_refunded;
mod reservation_expired;

use crate::state::App;
use contracts::ServiceName;
use service_kit::Subscriptions;

pub(crate) fn subscriptions() -> Subscriptions<App> {
    Subscriptions::new(ServiceName::Order)
        .on(payment_completed::react)
        .on(payment_failed::react)
        .on(payment_refunded::react)
        .on(reservation_expired::react)
}
