//! The subscription table. user-service reacts to nothing yet; receipts of an erasure will come here.

use crate::state::App;
use contracts::ServiceName;
use service_kit::Subscriptions;

pub(crate) fn subscriptions() -> Subscriptions<App> {
    Subscriptions::new(ServiceName::User)
}
