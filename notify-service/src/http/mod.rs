//! The route table, grouped by who may call.

mod list_deliveries;
mod list_notifications;
mod mark_all_read;
mod mark_read;
mod unread_count;

use crate::state::App;
use service_kit::Routes;
use utoipa_axum::{router::OpenApiRouter, routes};

#[must_use]
pub(crate) fn routes() -> Routes<App> {
    Routes {
        public: OpenApiRouter::new()
            // Who is logged in, on their own notifications
            .routes(routes!(list_notifications::list_notifications))
            .routes(routes!(unread_count::unread_count))
            .routes(routes!(mark_read::mark_read))
            .routes(routes!(mark_all_read::mark_all_read)),
        internal: OpenApiRouter::new()
            // Staff, on the service's own port
            .routes(routes!(list_deliveries::list_deliveries)),
    }
}

/// The OpenAPI document of this service.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    routes().document(contracts::ServiceName::Notify)
}
