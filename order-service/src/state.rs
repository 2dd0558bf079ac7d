//! What handlers, reactions and jobs share.

use crate::{
    config::Config,
    domain::{Limits, Wish},
    error::Error,
    kept_figures::KeptFigures,
};
use axum::extract::FromRef;
use service_kit::{Gather, Kit, idempotency::StoredAnswer, mail_bounds::MailBounds};
use std::time::Duration;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) payment_deadline: Duration,
    pub(crate) limits: Limits,
    /// So much staff may give back without proving anew who they are, in minor units of any currency.
    pub(crate) refund_unproved: i64,
    pub(crate) reservation_ttl: Duration,
    /// So long a cart is kept that nobody changes.
    pub(crate) cart_ttl: Duration,
    pub(crate) figures: KeptFigures,
    /// Withdrawals declared: each sends a mail to an address that somebody typed.
    pub(crate) withdrawals: MailBounds,
    /// Who wants to order goes on with those who came meanwhile.
    pub(crate) placing: Gather<Wish, StoredAnswer, Error>,
}

impl App {
    pub(crate) fn new(kit: Kit, config: &Config) -> Self {
        Self {
            placing: Gather::new(&kit, "place_order"),
            kit,
            payment_deadline: config.payment_deadline,
            limits: config.limits,
            refund_unproved: config.refund_unproved,
            reservation_ttl: config.reservation_ttl,
            cart_ttl: config.cart_ttl,
            figures: KeptFigures::default(),
            withdrawals: MailBounds::new(config.withdrawals_per_client),
        }
    }

    /// For so long an order waits for its payment.
    pub(crate) fn payment_deadline(&self) -> time::Duration {
        self.payment_deadline.try_into().unwrap_or(time::Duration::MAX)
    }
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit.clone()
    }
}
