//! The subscription table.

mod payment_completed;
mod payment_failed;
mod payment_refunded;
mod reservation_expired;
mod user_erased;
mod user_export_requested;
mod user_guest_joined;

use crate::state::App;
use contracts::ServiceName;
use service_kit::Subscriptions;

pub(crate) fn subscriptions() -> Subscriptions<App> {
    Subscriptions::new(ServiceName::Order)
        .on(payment_completed::react)
        .on(payment_failed::react)
        .on(payment_refunded::react)
        .on(reservation_expired::react)
        .on(user_erased::react)
        .on(user_export_requested::react)
        .on(user_guest_joined::react)
}
