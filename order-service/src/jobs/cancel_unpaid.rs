//! Cancels orders whose payment did not come in time. Any replica may run it: the rows' locks decide who acts.

use crate::{changes::cancel, error::Error, state::App, store::orders};
use contracts::OrderId;
use service_kit::{Cause, cure, jobs::Progress, spans::conventions, trace};
use time::Duration;

const BATCH: i64 = 50;
/// An order that could not be cancelled is tried again after this long. Until then others go first.
const TRY_AGAIN: Duration = Duration::seconds(30);

/// Whoever waits has a deadline, and somebody who sees to it.
#[cure(deadline_swept, skip)]
pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let now = app.kit.clock.now();
    let overdue = app.kit.database.glance(|connection| Box::pin(orders::overdue(connection, now, BATCH))).await?;
    if overdue.is_empty() {
        return Ok(Progress::Idle);
    }
    if cancel(&app, &overdue).await.is_ok() {
        return Ok(Progress::More);
    }
    // One that cannot be cancelled must not hold up the others: each alone.
    for id in &overdue {
        if let Err(cause) = cancel(&app, &[*id]).await {
            tracing::error!(order.id = %id, %cause, "an overdue order could not be cancelled; trying again later");
            // Without the database none could be, and this fails as well.
            let mut connection = app.kit.database.acquire().await?;
            orders::put_off(&mut connection, &[*id], now + TRY_AGAIN).await?;
        }
    }
    Ok(Progress::More)
}

/// In one transaction, as a trace of its own.
async fn cancel(app: &App, ids: &[OrderId]) -> Result<(), Error> {
    let (mut span, context) = app.kit.spans.begin(None, || conventions::work("cancel unpaid order"));
    if let [id] = ids {
        span.set(conventions::SUBJECT, id.to_string());
    }
    let work = async {
        let asked = ids.iter().map(|id| (Cause::current(), *id)).collect();
        let mut tx = app.kit.database.begin("cancel_unpaid").await?;
        cancel::overdue(app, &mut tx, asked, "cancelled: no payment before the deadline").await?;
        let _committed = tx.commit().await?;
        Ok(())
    };
    let cancelled = trace::within(context, work).await;
    span.judge(&cancelled);
    cancelled
}
