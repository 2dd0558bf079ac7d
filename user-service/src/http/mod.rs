//! The route table, grouped by who may call.

mod account_mail;
mod address_book;
mod api_keys;
mod change_email;
mod change_password;
mod change_profile;
mod contact;
mod contacts;
mod current_user;
mod erase_user;
mod erasure;
mod export_file;
mod export_pieces;
mod exports;
mod forgot_password;
mod guests;
mod health;
mod introspect;
mod invitations;
mod login;
mod manage_user;
pub(crate) mod oauth;
mod passkeys;
mod provider;
mod refresh;
pub(crate) mod register;
mod registration_mail;
mod resend_verification;
mod reset_password;
mod revocations;
mod roles;
mod second_factor;
mod sessions;
mod show_audit;
mod show_guests;
mod show_passkey;
mod step_up;
mod tokens;
mod users;
mod verification_link;
mod verify_email;

use crate::state::App;
use service_kit::{Routes, gated, operators};
use utoipa_axum::router::OpenApiRouter;

#[must_use]
pub(crate) fn routes() -> Routes<App> {
    Routes {
        public: OpenApiRouter::new()
            // Anybody
            .routes(gated!(health::health))
            .routes(gated!(register::register))
            .routes(gated!(verify_email::verify_email))
            .routes(gated!(resend_verification::resend_verification))
            .routes(gated!(login::login))
            .routes(gated!(second_factor::log_in_with_second_factor))
            .routes(gated!(show_passkey::begin_passkey_login))
            .routes(gated!(show_passkey::log_in_with_passkey))
            .routes(gated!(show_passkey::begin_second_passkey))
            .routes(gated!(show_passkey::log_in_with_second_passkey))
            .routes(gated!(refresh::refresh))
            .routes(gated!(provider::show_provider))
            .routes(gated!(provider::begin_provider_login))
            .routes(gated!(provider::finish_provider_login))
            .routes(gated!(oauth::revoke))
            .routes(gated!(forgot_password::forgot_password))
            .routes(gated!(reset_password::reset_password))
            .routes(gated!(change_email::confirm_email))
            .routes(gated!(invitations::accept_invitation))
            .routes(gated!(erasure::erasure_progress))
            .routes(gated!(erasure::keep_account_by_link))
            .routes(gated!(export_file::export_file))
            .routes(gated!(guests::make_guest))
            .routes(gated!(guests::guest_token))
            .routes(gated!(guests::guest_link))
            .routes(gated!(guests::join_guest))
            .routes(gated!(guests::forget_guest))
            // Who is logged in
            .routes(gated!(current_user::current_user, change_profile::change_profile))
            .routes(gated!(address_book::list_addresses, address_book::add_address))
            .routes(gated!(address_book::change_address, address_book::delete_address))
            .routes(gated!(sessions::list_sessions, sessions::end_sessions))
            .routes(gated!(sessions::end_session))
            .routes(gated!(sessions::logout))
            .routes(gated!(step_up::step_up))
            .routes(gated!(show_passkey::begin_step_up))
            .routes(gated!(show_passkey::step_up_with_passkey))
            .routes(gated!(passkeys::list_passkeys, passkeys::add_passkey))
            .routes(gated!(passkeys::begin_passkey))
            .routes(gated!(passkeys::rename_passkey, passkeys::remove_passkey))
            .routes(gated!(second_factor::show_second_factor, second_factor::give_up_second_factor))
            .routes(gated!(second_factor::begin_totp))
            .routes(gated!(second_factor::confirm_totp))
            .routes(gated!(second_factor::renew_recovery_codes))
            .routes(gated!(change_password::change_password))
            .routes(gated!(change_email::change_email))
            .routes(gated!(exports::ask_for_export, exports::list_exports))
            .routes(gated!(erasure::ask_for_erasure, erasure::show_erasure, erasure::keep_account))
            // Staff
            .routes(gated!(introspect::introspect))
            .routes(gated!(oauth::introspect_by_form))
            .routes(gated!(users::list_users))
            .routes(gated!(users::show_user))
            .routes(gated!(show_guests::list_guests))
            .routes(gated!(show_guests::show_guest))
            .routes(gated!(invitations::invite))
            .routes(gated!(manage_user::suspend_user))
            .routes(gated!(manage_user::restore_user))
            .routes(gated!(manage_user::end_user_sessions))
            .routes(gated!(manage_user::give_role))
            .routes(gated!(erase_user::erase_user, erase_user::show_user_erasure, erase_user::keep_user))
            .routes(gated!(roles::list_roles, roles::make_role))
            .routes(gated!(roles::change_role, roles::delete_role))
            .routes(gated!(api_keys::list_api_keys, api_keys::make_api_key))
            .routes(gated!(api_keys::rotate_api_key))
            .routes(gated!(api_keys::revoke_api_key))
            .routes(gated!(show_audit::show_audit))
            .nest("/users", operators::routes()),
        internal: OpenApiRouter::new()
            // Every service
            .routes(gated!(revocations::revocations))
            .routes(gated!(api_keys::exchange_api_key))
            // Every other service
            .routes(gated!(export_pieces::take_export_piece))
            // notify-service
            .routes(gated!(contacts::contacts))
            .routes(gated!(contact::contact))
            .routes(gated!(account_mail::account_mail))
            .routes(gated!(registration_mail::registration_mail))
            .routes(gated!(verification_link::verification_link)),
    }
}

/// The OpenAPI document of this service.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    routes().document(contracts::ServiceName::User)
}
