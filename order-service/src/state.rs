//! What handlers, reactions and jobs share.

use crate::{config::Config, domain::Limits};
use axum::extract::FromRef;
use service_kit::Kit;
use std::time::Duration;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) payment_deadline: Duration,
    pub(crate) limits: Limits,
    pub(crate) reservation_ttl: Duration,
}

impl App {
    pub(crate) fn new(kit: Kit, config: &Config) -> Self {
        Self {
            kit,
            payment_deadline: config.payment_deadline,
            limits: config.limits,
            reservation_ttl: config.reservation_ttl,
        }
    }
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit.clone()
    }
}
