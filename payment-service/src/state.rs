//! What handlers, reactions and jobs share. Knows none of them.

use crate::{at_hand::AtHand, provider::Provider};
use axum::extract::FromRef;
use service_kit::Kit;
use std::sync::Arc;
use time::Duration;
use tokio::sync::Notify;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) provider: Provider,
    /// After so long a claimed payment or refund is worked again: its worker must have died.
    pub(crate) lease: Duration,
    /// From the order's placing until its payment is given up.
    pub(crate) give_up: Duration,
    /// Payments on their way to the run that talks with the provider.
    pub(crate) at_hand: AtHand,
    /// Wakes the claim of payments that are due.
    pub(crate) payments_due: Arc<Notify>,
    /// Wakes the workers that refund.
    pub(crate) refunds_due: Arc<Notify>,
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit.clone()
    }
}
