//! What a service answers.

use crate::document::document;
use contracts::ServiceName;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// A service's routes: for people through the front door, and for other services on its own port only.
#[derive(Clone)]
pub struct Routes<App> {
    /// For everybody who reaches the port.
    pub public: OpenApiRouter<App>,
    /// For other services, with their tokens.
    pub internal: OpenApiRouter<App>,
}

impl<App: Clone + Send + Sync + 'static> Routes<App> {
    /// The OpenAPI 3.1 document, as `/openapi.json` shows it.
    #[must_use]
    pub fn document(self, service: ServiceName) -> OpenApi {
        document(service, self.into_document())
    }

    /// The same with what its handlers share: no longer of this service's type.
    pub(crate) fn with(self, app: App) -> Routes<()> {
        Routes { public: self.public.with_state(app.clone()), internal: self.internal.with_state(app) }
    }

    pub(crate) fn into_document(self) -> OpenApi {
        self.public.merge(self.internal).split_for_parts().1
    }
}
