//! The subscription table: what people are told about, and who is to be forgotten.

mod order_cancelled;
mod order_created;
mod order_fulfilled;
pub(crate) mod order_paid;
mod payment_refunded;
pub(crate) mod told;
mod user_email_change_requested;
mod user_email_changed;
mod user_erased;
mod user_erasure_requested;
mod user_export_ready;
mod user_export_requested;
mod user_guest_joined;
mod user_invited;
mod user_logins_slowed_down;
mod user_passkeys_changed;
mod user_password_changed;
mod user_password_reset_requested;
mod user_provider_linked;
mod user_registered;
mod user_registration_repeated;
mod user_verification_requested;
mod user_verified;
mod withdrawal_declared;

use crate::state::App;
use contracts::ServiceName;
use service_kit::Subscriptions;

pub(crate) fn subscriptions() -> Subscriptions<App> {
    Subscriptions::new(ServiceName::Notify)
        .on(user_registered::react)
        .on(user_verification_requested::react)
        .on(user_registration_repeated::react)
        .on(user_verified::react)
        .on(user_password_reset_requested::react)
        .on(user_password_changed::react)
        .on(user_email_change_requested::react)
        .on(user_email_changed::react)
        .on(user_invited::react)
        .on(user_logins_slowed_down::react)
        .on(user_provider_linked::react)
        .on(user_passkeys_changed::react)
        .on(user_erasure_requested::react)
        .on(user_export_ready::react)
        .on(user_export_requested::react)
        .on(user_guest_joined::react)
        .on(user_erased::react)
        .on(order_created::react)
        .on(order_paid::react)
        .on(order_cancelled::react)
        .on(order_fulfilled::react)
        .on(payment_refunded::react)
        .on(withdrawal_declared::react)
}
