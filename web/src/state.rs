//! What the pages share.

use crate::{cookies::Cookies, settings::Settings, shop::Watchers, upstream::Upstream};
use axum::extract::FromRef;
use service_kit::Clock;
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) settings: Arc<Settings>,
    pub(crate) upstream: Upstream,
    pub(crate) cookies: Cookies,
    pub(crate) clock: Clock,
    pub(crate) watchers: Watchers,
}

impl FromRef<App> for Upstream {
    fn from_ref(app: &App) -> Self {
        app.upstream.clone()
    }
}
