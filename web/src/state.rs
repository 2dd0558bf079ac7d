//! What the pages share.

use crate::{settings::Settings, upstream::Upstream};
use axum::extract::FromRef;
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) settings: Arc<Settings>,
    pub(crate) upstream: Upstream,
}

impl FromRef<App> for Upstream {
    fn from_ref(app: &App) -> Self {
        app.upstream.clone()
    }
}
