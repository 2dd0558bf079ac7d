//! Timed work.

mod announce_stock;
mod expire_reservations;
mod make_words;

use crate::state::App;
use service_kit::Service;
use std::{sync::Arc, time::Duration};

pub(crate) fn add(service: Service, app: &App) -> Service {
    let (expire, announce, words) = (app.clone(), app.clone(), app.clone());
    service
        .job("expire reservations", Duration::from_secs(2), Arc::default(), move || {
            expire_reservations::run(expire.clone())
        })
        // Once a second and never woken: that is what coalesces.
        .job("announce stock", Duration::from_secs(1), Arc::default(), move || announce_stock::run(announce.clone()))
        .job("make words", Duration::from_secs(2), Arc::default(), move || make_words::run(words.clone()))
}
