//! Cancels orders whose payment did not come in time. Any replica may run it: the row's lock decides who acts.

use crate::{Error, app::App, reactions, store::orders};
use contracts::{OrderId, events::order::CancelReason};
use service_kit::{Tx, jobs::Progress, labs::cure, spans::conventions, trace};
use time::{Duration, OffsetDateTime};

const BATCH: i64 = 50;
/// An order that could not be cancelled is tried again after this long. Until then others go first.
const TRY_AGAIN: Duration = Duration::seconds(30);

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    // Whoever waits has a deadline, and somebody who sees to it.
    if !cure("deadline-swept") {
        return Ok(Progress::Idle);
    }
    let now = app.kit.clock.now();
    let mut connection = app.kit.database.pool().acquire().await?;
    let overdue = orders::overdue(&mut connection, now, BATCH).await?;
    drop(connection);
    let progress = if overdue.is_empty() { Progress::Idle } else { Progress::More };
    for id in overdue {
        // Without the database none could be cancelled; any other failure is this order's own.
        let tx = app.kit.database.begin("cancel_unpaid").await?;
        let (mut span, context) = app.kit.spans.begin(None, || conventions::work("cancel unpaid order"));
        span.set(conventions::SUBJECT, id.to_string());
        let cancelled = trace::within(context, cancel(&app, tx, id, now)).await;
        span.judge(&cancelled);
        if let Err(cause) = cancelled {
            tracing::error!(order.id = %id, %cause, "an overdue order could not be cancelled; trying again later");
            let mut connection = app.kit.database.pool().acquire().await?;
            orders::put_off(&mut connection, id, now + TRY_AGAIN).await?;
        }
    }
    Ok(progress)
}

async fn cancel(app: &App, mut tx: Tx, id: OrderId, now: OffsetDateTime) -> Result<(), Error> {
    let Some(order) = orders::lock(&mut tx, id, None).await? else { return Ok(()) };
    // It may have been paid between the look and the lock.
    if !order.status.is_overdue(now) {
        return Ok(());
    }
    let what = "cancelled: no payment before the deadline";
    reactions::cancel(app, &mut tx, order, CancelReason::PaymentOverdue, what, None).await?;
    let _committed = tx.commit().await?;
    tracing::warn!(order.id = %id, "order cancelled: not paid in time");
    Ok(())
}
