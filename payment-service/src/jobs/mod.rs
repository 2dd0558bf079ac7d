//! Timed work: everything that talks to the provider. Several workers each take some of what is due, so that a slow answer
//! holds up nobody else.

mod charge;
mod refund;
mod settle;
mod side_by_side;
#[cfg(test)]
mod tests;

use crate::state::App;
use service_kit::Service;
use std::{sync::Arc, time::Duration};

/// Workers that settle payments, and those that refund; each works on up to a slice at the same time.
const SETTLING: usize = 8;
const REFUNDING: usize = 2;
/// Of these so many look often; the others are woken by a commit, or by a neighbour that found work.
const WATCHFUL: usize = 2;
const OFTEN: Duration = Duration::from_millis(500);
const SELDOM: Duration = Duration::from_secs(10);

pub(crate) fn add(mut service: Service, app: &App) -> Service {
    for worker in 0..SETTLING {
        let (app, wake) = (app.clone(), Arc::clone(&app.payments_due));
        service = service.job("settle payments", interval(worker), wake, move || settle::run(app.clone()));
    }
    for worker in 0..REFUNDING {
        let (app, wake) = (app.clone(), Arc::clone(&app.refunds_due));
        service = service.job("refund", interval(worker), wake, move || refund::run(app.clone()));
    }
    service
}

fn interval(worker: usize) -> Duration {
    if worker < WATCHFUL { OFTEN } else { SELDOM }
}
