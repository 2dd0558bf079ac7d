//! Reads what no counter can tell: how much waits and for how long. It looks every few seconds, so that a scrape never
//! waits for a database; less often while nobody scrapes. What cannot be read is not set, and leaves the page by itself.

use super::page::{is_scraped, scraping_begins};
use crate::{Kit, inbox, outbox, rounds::next_round};
use contracts::ServiceName;
use futures_util::future::BoxFuture;
use metrics::gauge;
use sqlx::PgConnection;
use std::{sync::Arc, time::Duration};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(5);
/// While nobody scrapes: still before a gauge leaves the page, so that the first scrape finds all of them.
const UNWATCHED: Duration = Duration::from_secs(20);

/// What a look at the database gives, to be set as gauges.
pub type Reading<'c> = BoxFuture<'c, Result<(), sqlx::Error>>;
/// A service's own look at its database, at the time it is given. It must be cheap however large the tables are.
pub type Sample = Arc<dyn for<'c> Fn(&'c mut PgConnection, OffsetDateTime) -> Reading<'c> + Send + Sync>;

pub(crate) async fn run(kit: Kit, samples: Vec<Sample>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        look(&kit, &samples).await;
        tokio::select! {
            () = tokio::time::sleep(if is_scraped() { EVERY } else { next_round(UNWATCHED) }) => {}
            () = scraping_begins() => {}
            () = stop.cancelled() => {}
        }
    }
}

pub(super) async fn look(kit: &Kit, samples: &[Sample]) {
    let service = kit.service.as_str();
    look_inside(kit, service);
    let (now, samples) = (kit.clock.now(), samples.to_vec());
    let read = kit.database.aside(move |connection| {
        Box::pin(async move {
            read_kit(connection, service, now).await?;
            for sample in samples {
                sample(connection, now).await?;
            }
            Ok(())
        })
    });
    let read = read.await;
    // What gave all that answers; what did not may be slow at counting, and is asked for its name alone.
    let up = read.is_ok() || kit.database.answers().await;
    gauge!("database_up", "service" => service).set(truth(up));
    match read {
        Ok(()) => {
            let at = Duration::try_from(now - OffsetDateTime::UNIX_EPOCH).unwrap_or_default();
            gauge!("metrics_sampled_timestamp_seconds", "service" => service).set(at.as_secs_f64());
        }
        // That it is away others say.
        Err(cause) if up => tracing::warn!(service, %cause, "what waits in the database could not be counted"),
        Err(_) => {}
    }
}

/// What is known without asking anybody.
fn look_inside(kit: &Kit, service: &'static str) {
    gauge!("build_info", "service" => service, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    let pool = kit.database.pool();
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    let busy = pool.size().saturating_sub(idle);
    gauge!("database_pool_connections", "service" => service, "state" => "busy").set(busy);
    gauge!("database_pool_connections", "service" => service, "state" => "idle").set(idle);
    gauge!("database_pool_connections_max", "service" => service).set(pool.options().get_max_connections());
    if let Some(connected) = kit.bus_connected() {
        gauge!("bus_connected", "service" => service).set(truth(connected));
        gauge!("relay_leads", "service" => service).set(truth(kit.leads.now()));
    }
    let known = kit.verifier.knows(ServiceName::User);
    gauge!("peer_keys_known", "service" => service, "peer" => ServiceName::User.as_str()).set(truth(known));
}

async fn read_kit(
    connection: &mut PgConnection,
    service: &'static str,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let out = outbox::backlog(connection).await?;
    gauge!("outbox_pending", "service" => service).set(number(out.pending));
    gauge!("outbox_oldest_age_seconds", "service" => service).set(age(out.oldest, now));
    let waiting = inbox::backlog(connection).await?;
    gauge!("inbox_waiting", "service" => service).set(number(waiting.waiting));
    gauge!("inbox_oldest_waiting_age_seconds", "service" => service).set(age(waiting.oldest, now));
    gauge!("inbox_attempts_highest", "service" => service).set(waiting.attempts);
    gauge!("inbox_dead", "service" => service).set(number(waiting.dead));
    Ok(())
}

fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}

/// A count as a gauge's value.
#[must_use]
pub fn number(count: i64) -> f64 {
    // What a database counts here is far below the numbers a float cannot hold.
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// Seconds since `then`; 0 for what does not exist or lies ahead.
#[must_use]
pub fn age(then: Option<OffsetDateTime>, now: OffsetDateTime) -> f64 {
    then.map_or(0.0, |then| (now - then).as_seconds_f64().max(0.0))
}
