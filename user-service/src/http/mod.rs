//! The route table, grouped by who may call.

mod contact;
mod contacts;
mod current_user;
mod health;
mod introspect;
mod login;
mod register;
mod registration_mail;
mod resend_verification;
mod verification_link;
mod verify_email;

use crate::state::App;
use service_kit::Routes;
use utoipa_axum::{router::OpenApiRouter, routes};

#[must_use]
pub(crate) fn routes() -> Routes<App> {
    Routes {
        public: OpenApiRouter::new()
            // Anybody
            .routes(routes!(health::health))
            .routes(routes!(register::register))
            .routes(routes!(verify_email::verify_email))
            .routes(routes!(resend_verification::resend_verification))
            .routes(routes!(login::login))
            // Who is logged in
            .routes(routes!(current_user::current_user))
            // Staff
            .routes(routes!(introspect::introspect)),
        internal: OpenApiRouter::new()
            // notify-service
            .routes(routes!(contacts::contacts))
            .routes(routes!(contact::contact))
            .routes(routes!(registration_mail::registration_mail))
            .routes(routes!(verification_link::verification_link)),
    }
}

/// The OpenAPI document of this service.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    routes().document(contracts::ServiceName::User)
}
