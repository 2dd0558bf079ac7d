//! How people register, log in and out, and change what they are known by: forms over user-service's public API. What
//! is valid is said there. A link of a mail shows a form; only its button changes something, since mail scanners open
//! links.

mod accept_invitation;
pub(crate) mod addresses;
mod change_email;
mod change_password;
mod change_profile;
mod confirm_email;
mod data;
mod device;
mod erasure;
mod forgot_password;
mod guest;
mod login;
mod login_passkey;
mod login_second_factor;
mod logout;
mod mailed;
mod messages;
pub(crate) mod moment;
mod passkeys;
pub(crate) mod progress;
mod provider;
mod register;
mod resend_verification;
mod reset_password;
mod second_factor;
mod sessions;
mod show_account;
mod shown_passkey;
pub(crate) mod step_up;
mod verify_email;

use crate::state::App;
use axum::{
    Router,
    routing::{get, post},
};
use http::{HeaderValue, header};
use second_factor::recovery_codes;
use tower_http::set_header::SetResponseHeaderLayer;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        // Anybody
        .route("/login", get(login::ask).post(login::log_in))
        .route("/login/second-factor", get(login_second_factor::ask).post(login_second_factor::prove))
        .route("/login/passkey", get(login_passkey::ask).post(login_passkey::log_in))
        .route("/login/provider", get(provider::finish))
        .route("/login/provider/begin", get(provider::begin))
        .route("/register", get(register::ask).post(register::register))
        .route("/resend-verification", get(resend_verification::ask).post(resend_verification::resend))
        .route("/forgot-password", get(forgot_password::ask).post(forgot_password::forgot))
        // Who opens a link of a mail
        .route("/verify-email", get(verify_email::ask).post(verify_email::confirm))
        .route("/reset-password", get(reset_password::ask).post(reset_password::reset))
        .route("/confirm-email", get(confirm_email::ask).post(confirm_email::confirm))
        .route("/accept-invitation", get(accept_invitation::ask).post(accept_invitation::accept))
        .route("/erasure", get(erasure::show).post(erasure::keep))
        .route("/guest", get(guest::ask).post(guest::act))
        // Who is logged in
        .route("/account", get(show_account::show))
        .route("/account/profile", get(change_profile::ask).post(change_profile::change))
        .route("/account/addresses", get(addresses::list::list).post(addresses::list::act))
        .route("/account/addresses/new", get(addresses::add::ask).post(addresses::add::add))
        .route("/account/addresses/{id}", get(addresses::change::ask).post(addresses::change::change))
        .route("/account/sessions", get(sessions::list).post(sessions::end))
        .route("/account/password", get(change_password::ask).post(change_password::change))
        .route("/account/email", get(change_email::ask).post(change_email::change))
        .route("/account/passkeys", get(passkeys::list))
        .route("/account/passkeys/new", get(passkeys::add::ask).post(passkeys::add::begin))
        .route("/account/passkeys/add", get(passkeys::add::begin_again).post(passkeys::add::finish))
        .route("/account/passkeys/{id}", get(passkeys::rename::ask).post(passkeys::rename::rename))
        .route("/account/passkeys/{id}/remove", get(passkeys::remove::ask).post(passkeys::remove::remove))
        .route("/account/second-factor", get(second_factor::show))
        .route("/account/second-factor/begin", get(second_factor::begin::ask).post(second_factor::begin::begin))
        .route("/account/second-factor/confirm", get(second_factor::confirm::ask).post(second_factor::confirm::confirm))
        .route("/account/second-factor/recovery-codes", get(recovery_codes::ask).post(recovery_codes::renew))
        .route("/account/second-factor/give-up", get(second_factor::give_up::ask).post(second_factor::give_up::give_up))
        .route("/account/messages", get(messages::list).post(messages::act))
        .route("/account/messages/{id}", get(messages::show))
        .route("/account/data", get(data::show).post(data::keep))
        .route("/account/data/copy", get(data::copy::ask).post(data::copy::copy))
        .route("/account/data/erasure", get(data::erase::ask).post(data::erase::erase))
        .route("/logout", post(logout::log_out))
        // Pages say so by themselves; this is for what leads from one to another, with cookies.
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
}
