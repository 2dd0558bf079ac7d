//! What user-service counts: registrations and logins.

use crate::Error;
use contracts::ServiceName;
use metrics::counter;
use service_kit::{
    Tx,
    metrics::{Label, Metric, describe},
};

pub const METRICS: &[Metric] = &[
    Metric::counter("registrations_total", "Registrations taken."),
    Metric::counter("logins_total", "Logins answered; slowed down after too many failures.")
        .by(&[Label::of("outcome", &["given", "wrong", "unverified", "slowed_down", "failed"])]),
    Metric::counter("addresses_verified_total", "Addresses confirmed by their owners."),
];

const SERVICE: &str = ServiceName::User.as_str();
const LOGINS: [&str; 5] = ["given", "wrong", "unverified", "slowed_down", "failed"];

/// Tells what they mean, and has a 0 on the page before the first: an increase from nothing is seen by nobody.
pub(crate) fn start() {
    describe(METRICS);
    counter!("registrations_total", "service" => SERVICE).increment(0);
    for outcome in LOGINS {
        logins(outcome).increment(0);
    }
    counter!("addresses_verified_total", "service" => SERVICE).increment(0);
}

pub(crate) fn registered(tx: &mut Tx, how_many: usize) {
    tx.count_after_commit(counter!("registrations_total", "service" => SERVICE), how_many as u64);
}

pub(crate) fn verified(tx: &mut Tx, how_many: usize) {
    tx.count_after_commit(counter!("addresses_verified_total", "service" => SERVICE), how_many as u64);
}

pub(crate) fn logged_in<T>(answer: &Result<T, Error>) {
    logins(match answer {
        Ok(_) => "given",
        Err(Error::WrongCredentials | Error::UnknownPasskey) => "wrong",
        Err(Error::EmailNotVerified) => "unverified",
        Err(Error::TooManyFailures { .. }) => "slowed_down",
        Err(_) => "failed",
    })
    .increment(1);
}

fn logins(outcome: &'static str) -> metrics::Counter {
    counter!("logins_total", "service" => SERVICE, "outcome" => outcome)
}
