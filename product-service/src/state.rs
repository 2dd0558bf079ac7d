//! What the doors share.

use crate::stock_watch::StockWatch;
use axum::extract::FromRef;
use service_kit::Kit;
use std::time::Duration;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) reservation_ttl: Duration,
    /// Whose availability may have changed since it was last announced.
    pub(crate) stock_watch: StockWatch,
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit.clone()
    }
}
