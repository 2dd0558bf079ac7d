//! What product-service counts: reservations by what they came to, conflicts over stock, and what waits.

use crate::{
    error::Error,
    store::{reservations, words},
};
use contracts::{ServiceName, api::product::Reservation};
use metrics::{Counter, counter, gauge};
use service_kit::metrics::{Label, Metric, Reading, age, describe, number};
use sqlx::PgConnection;
use time::OffsetDateTime;

pub const METRICS: &[Metric] = &[
    Metric::counter("stock_reservations_total", "Requests to reserve answered, repeats included.").by(&[Label::of(
        "outcome",
        &["held", "out_of_stock", "not_sold", "mixed_currencies", "reused", "ended", "contended", "failed"],
    )]),
    Metric::counter(
        "stock_reservations_overtaken_total",
        "Tries to reserve that another of the same checkout overtook; each was made again.",
    ),
    Metric::counter("reservations_expired_total", "Reservations given back because no live order holds them."),
    Metric::gauge("reservations_held", "Reservations that hold stock for an unpaid order; counted up to 10,000."),
    Metric::gauge(
        "products_without_words",
        "Products whose words for the search are still to be made; counted up to 100,000.",
    ),
    Metric::age("reservations_overdue_seconds", "How long the most overdue held reservation is past its time; else 0."),
];

const SERVICE: &str = ServiceName::Product.as_str();
const OUTCOMES: [&str; 8] =
    ["held", "out_of_stock", "not_sold", "mixed_currencies", "reused", "ended", "contended", "failed"];

/// Tells what they mean, and has a 0 on the page before the first: an increase from nothing is seen by nobody.
pub(crate) fn start() {
    describe(METRICS);
    for outcome in OUTCOMES {
        counter!("stock_reservations_total", "service" => SERVICE, "outcome" => outcome).increment(0);
    }
    counter!("stock_reservations_overtaken_total", "service" => SERVICE).increment(0);
    counter!("reservations_expired_total", "service" => SERVICE).increment(0);
}

pub(crate) fn reserved(answer: &Result<Reservation, Error>) {
    let outcome = match answer {
        Ok(_) => "held",
        Err(Error::OutOfStock(_)) => "out_of_stock",
        Err(Error::SkuNotSold(_)) => "not_sold",
        Err(Error::MixedCurrencies(_)) => "mixed_currencies",
        Err(Error::CheckoutReused(_)) => "reused",
        Err(Error::ReservationEnded(_)) => "ended",
        Err(Error::Contended(_)) => "contended",
        Err(_) => "failed",
    };
    counter!("stock_reservations_total", "service" => SERVICE, "outcome" => outcome).increment(1);
}

/// One that was refused without a look.
pub(crate) fn not_sold() {
    counter!("stock_reservations_total", "service" => SERVICE, "outcome" => "not_sold").increment(1);
}

pub(crate) fn overtaken() {
    counter!("stock_reservations_overtaken_total", "service" => SERVICE).increment(1);
}

pub(crate) fn expired() -> Counter {
    counter!("reservations_expired_total", "service" => SERVICE)
}

/// What waits: the gauges of this service.
pub(crate) fn sample(connection: &mut PgConnection, now: OffsetDateTime) -> Reading<'_> {
    Box::pin(async move {
        let held = reservations::held(connection).await?;
        gauge!("reservations_held", "service" => SERVICE).set(number(held.count));
        gauge!("reservations_overdue_seconds", "service" => SERVICE).set(age(held.first_to_expire, now));
        gauge!("products_without_words", "service" => SERVICE).set(number(words::without(connection).await?));
        Ok(())
    })
}
