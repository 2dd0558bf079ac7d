//! The subscription table: the receipts of erasures.

mod person_erased;

use crate::state::App;
use contracts::{
    ServiceName,
    events::{notification, order, payment, product},
};
use service_kit::Subscriptions;

pub(crate) fn subscriptions() -> Subscriptions<App> {
    Subscriptions::new(ServiceName::User)
        .on(person_erased::react::<product::PersonErased>)
        .on(person_erased::react::<order::PersonErased>)
        .on(person_erased::react::<payment::PersonErased>)
        .on(person_erased::react::<notification::PersonErased>)
}
