//! What notify-service counts: mails by what became of them, and what waits.

use crate::{domain::Verdict, store::deliveries};
use contracts::ServiceName;
use metrics::{Counter, counter, gauge, histogram};
use service_kit::metrics::{Label, Metric, Reading, age, describe, number};
use sqlx::PgConnection;
use std::time::Duration;
use time::OffsetDateTime;

pub const METRICS: &[Metric] = &[
    Metric::counter("mails_total", "Attempts to send a mail; failed is given up.")
        .by(&[Label::of("outcome", &["sent", "put_off", "failed"])]),
    Metric::duration(
        "mail_attempt_duration_seconds",
        "One attempt to send a mail, with the questions to user-service.",
    ),
    Metric::gauge("mails_waiting", "Mails not sent yet; counted up to 10,000."),
    Metric::age("mails_oldest_age_seconds", "Since the oldest unsent mail was asked for; 0 when there is none."),
    Metric::gauge("mails_given_up", "Mails given up, to be looked at by an operator; counted up to 10,000."),
];

const SERVICE: &str = ServiceName::Notify.as_str();

/// Attempts that had this outcome.
pub(crate) fn mails(verdict: &Verdict) -> Counter {
    of(match verdict {
        Verdict::Sent => SENT,
        Verdict::PutOff(_) => PUT_OFF,
        Verdict::GivenUp(_) => FAILED,
    })
}

const SENT: &str = "sent";
const PUT_OFF: &str = "put_off";
const FAILED: &str = "failed";

fn of(outcome: &'static str) -> Counter {
    counter!("mails_total", "service" => SERVICE, "outcome" => outcome)
}

/// Tells what they mean, and has a 0 on the page before the first: an increase from nothing is seen by nobody.
pub(crate) fn start() {
    describe(METRICS);
    for outcome in [SENT, PUT_OFF, FAILED] {
        of(outcome).increment(0);
    }
}

pub(crate) fn attempted(took: Duration) {
    histogram!("mail_attempt_duration_seconds", "service" => SERVICE).record(took);
}

/// What waits: the gauges of this service.
pub(crate) fn sample(connection: &mut PgConnection, now: OffsetDateTime) -> Reading<'_> {
    Box::pin(async move {
        let backlog = deliveries::backlog(connection).await?;
        gauge!("mails_waiting", "service" => SERVICE).set(number(backlog.waiting));
        gauge!("mails_oldest_age_seconds", "service" => SERVICE).set(age(backlog.oldest, now));
        gauge!("mails_given_up", "service" => SERVICE).set(number(backlog.given_up));
        Ok(())
    })
}
