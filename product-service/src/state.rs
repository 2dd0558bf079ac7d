//! What the doors share.

use crate::{
    answers::Answers, bucket::Bucket, darkroom::Darkroom, domain::Checkout, error::Error, stock_watch::StockWatch,
};
use axum::extract::FromRef;
use contracts::api::product::Reservation;
use service_kit::{Gather, Kit};
use std::time::Duration;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) reservation_ttl: Duration,
    /// Whose availability may have changed since it was last announced.
    pub(crate) stock_watch: StockWatch,
    /// Checkouts are decided with those that came meanwhile.
    pub(crate) reserving: Gather<Checkout, Reservation, Error>,
    /// What shoppers are shown, for a moment.
    pub(crate) answers: Answers,
    /// Where pictures are made in their sizes.
    pub(crate) darkroom: Darkroom,
    /// Where they lie then; in the database without.
    pub(crate) bucket: Option<Bucket>,
}

impl App {
    pub(crate) fn new(kit: Kit, reservation_ttl: Duration, bucket: Option<Bucket>) -> Self {
        let (stock_watch, reserving) = (StockWatch::everything(), Gather::new(&kit, "reserve"));
        Self {
            kit,
            reservation_ttl,
            stock_watch,
            reserving,
            answers: Answers::default(),
            darkroom: Darkroom::default(),
            bucket,
        }
    }
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit.clone()
    }
}
