//! Counts the orders of hours that are over, for the figures that staff see: an hour at a time, the oldest first.

use crate::{
    domain::{counted_before, first_id, hour_of, made_at},
    error::Error,
    state::App,
    store::hours,
};
use service_kit::jobs::Progress;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let before = counted_before(app.kit.clock.now(), app.payment_deadline());
    // Most runs find nothing.
    let look = app.kit.database.glance(move |connection| Box::pin(next_hour(connection, before))).await?;
    let Some(hour) = look else { return Ok(Progress::Idle) };
    let mut connection = app.kit.database.acquire().await?;
    let counted = hours::count(&mut connection, first_id(hour), first_id(hour + Duration::HOUR)).await?;
    hours::keep(&mut connection, hour, &counted).await?;
    // There was an order a moment ago: without it this would begin anew for ever.
    Ok(if counted.is_empty() { Progress::Idle } else { Progress::More })
}

/// The first hour with orders behind those that are counted, if it begins before then. Hours without any are passed over.
async fn next_hour(
    connection: &mut PgConnection,
    before: OffsetDateTime,
) -> Result<Option<OffsetDateTime>, sqlx::Error> {
    let since = hours::last(connection).await?.map_or(OffsetDateTime::UNIX_EPOCH, |last| last + Duration::HOUR);
    let first = hours::first_order(connection, first_id(since)).await?;
    Ok(first.map(|id| hour_of(made_at(id))).filter(|hour| *hour < before))
}
