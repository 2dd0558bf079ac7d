//! The subscription table.

mod order_cancelled;
mod order_fulfilled;
mod order_paid;
mod user_erased;
mod user_export_requested;

use crate::state::App;
use contracts::ServiceName;
use service_kit::Subscriptions;

pub(crate) fn subscriptions() -> Subscriptions<App> {
    Subscriptions::new(ServiceName::Product)
        .on(order_paid::react)
        .on(order_cancelled::react)
        .on(order_fulfilled::react)
        .on(user_erased::react)
        .on(user_export_requested::react)
}
