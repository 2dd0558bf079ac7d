//! The subscription table.

mod order_cancelled;
mod order_created;
mod user_erased;
mod user_export_requested;
mod user_guest_joined;

use crate::state::App;
use contracts::ServiceName;
use service_kit::Subscriptions;

pub(crate) fn subscriptions() -> Subscriptions<App> {
    Subscriptions::new(ServiceName::Payment)
        .on(order_created::react)
        .on(order_cancelled::react)
        .on(user_erased::react)
        .on(user_export_requested::react)
        .on(user_guest_joined::react)
}
