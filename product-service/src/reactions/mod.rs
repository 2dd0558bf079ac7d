//! The subscription table.

mod order_cancelled;
mod order_fulfilled;
mod order_paid;

use crate::state::App;
use contracts::ServiceName;
use service_kit::Subscriptions;

pub(crate) fn subscriptions() -> Subscriptions<App> {
    Subscriptions::new(ServiceName::Product).on(order_paid::react).on(order_cancelled::react).on(order_fulfilled::react)
}
