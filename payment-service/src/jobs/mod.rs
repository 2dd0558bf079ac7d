//! Timed work: everything that talks to the provider.

mod charge;
mod claim;
mod refund;
mod settle;
pub(crate) mod side_by_side;
#[cfg(test)]
mod tests;

use crate::state::App;
use service_kit::Service;
use std::{sync::Arc, time::Duration};

/// One takes what is handed over while the other ends what it began.
const SETTLING: usize = 2;
/// Each works on up to a slice at the same time.
const REFUNDING: usize = 2;
const OFTEN: Duration = Duration::from_millis(500);
/// For who is woken by whatever there is to do.
const SELDOM: Duration = Duration::from_secs(10);

pub(crate) fn add(mut service: Service, app: &App) -> Service {
    for _ in 0..SETTLING {
        let (app, wake, serving) = (app.clone(), app.at_hand.turn_wake(), app.at_hand.serve());
        service = service.job("settle payments", SELDOM, wake, move || {
            // Until the job has ended.
            let _ = &serving;
            settle::run(app.clone())
        });
    }
    let (own, wake, looked) = (app.clone(), Arc::clone(&app.payments_due), Arc::new(claim::Looked::default()));
    service = service.job("claim payments", OFTEN, wake, move || {
        let (app, looked) = (own.clone(), Arc::clone(&looked));
        async move { claim::run(app, &looked).await }
    });
    for worker in 0..REFUNDING {
        let (app, wake) = (app.clone(), Arc::clone(&app.refunds_due));
        let every = if worker == 0 { OFTEN } else { SELDOM };
        service = service.job("refund", every, wake, move || refund::run(app.clone()));
    }
    service
}
