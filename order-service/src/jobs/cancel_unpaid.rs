//! Cancels orders whose payment did not come in time. Any replica may run it: the row's lock decides who acts.

use crate::{Error, app::App, reactions, store::orders};
use contracts::events::order::CancelReason;
use service_kit::jobs::Progress;

const BATCH: i64 = 50;

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let now = app.kit.clock.now();
    let mut connection = app.kit.database.pool().acquire().await?;
    let overdue = orders::overdue(&mut connection, now, BATCH).await?;
    drop(connection);
    let progress = if overdue.is_empty() { Progress::Idle } else { Progress::More };
    for id in overdue {
        let mut tx = app.kit.database.begin().await?;
        let Some(order) = orders::lock(&mut tx, id, None).await? else { continue };
        // It may have been paid between the look and the lock.
        if !order.status.is_overdue(now) {
            continue;
        }
        let what = "cancelled: no payment before the deadline";
        reactions::cancel(&app, &mut tx, order, CancelReason::PaymentOverdue, what, None).await?;
        let _committed = tx.commit().await?;
        tracing::warn!(order.id = %id, "order cancelled: not paid in time");
    }
    Ok(progress)
}
