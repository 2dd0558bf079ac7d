//! The subscription table.

mod order_cancelled;
mod order_fulfilled;
mod order_paid;

use crate::app::App;
use contracts::ServiceName;
use service_kit::Subscriptions;

pub(crate) fn subscriptions() -> Subscriptions<App> {
    Subscriptions::new(ServiceName::Product)
        .on_one(order_paid::react)
        .on_one(order_cancelled::react)
        .on_one(order_fulfilled::react)
}
