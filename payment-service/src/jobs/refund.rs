//! Gives money back. There is no deadline: what is owed is owed, and is tried until it is done.

use super::pause_after;
use crate::{
    Error,
    app::App,
    provider::{RefundAnswer, RefundOrder},
    settlement,
    store::refunds::{self, Claimed},
};
use service_kit::{
    jobs::Progress,
    labs::{cure, step},
    trace,
};

/// Works on one refund that is due.
pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let now = app.kit.clock.now();
    let mut connection = app.kit.database.pool().acquire().await?;
    let claimed = refunds::claim(&mut connection, now, now + app.lease).await?;
    drop(connection);
    let Some(claimed) = claimed else { return Ok(Progress::Idle) };
    app.refunds_due.notify_one();
    let (mut span, context) = claimed.origin.begin(&app.kit, "refund", claimed.attempts);
    let settled = trace::within(context, settle(&app, &claimed)).await;
    span.judge(&settled);
    settled?;
    Ok(Progress::More)
}

async fn settle(app: &App, claimed: &Claimed) -> Result<(), Error> {
    // The same key for ever: (order, causing event). A fresh one gives the money back again.
    let fresh = (!cure("refund-key-kept")).then(|| app.kit.clock.new_id::<contracts::RefundId>().to_string());
    let key = fresh.as_deref().unwrap_or(&claimed.provider_key);
    let order = RefundOrder { key, charge: &claimed.charge_reference, amount: claimed.amount };
    // A call was begun before: ask what became of it, and only when there is nothing send it again.
    let mut answer =
        if claimed.attempts > 1 { app.provider.find_refund(&order).await } else { RefundAnswer::NoSuchRefund };
    if answer == RefundAnswer::NoSuchRefund {
        answer = app.provider.refund(&order).await;
    }
    let trouble = match answer {
        RefundAnswer::Completed { reference } => {
            let mut tx = app.kit.database.begin("refund").await?;
            settlement::refunded(app, &mut tx, claimed, &reference).await?;
            step("compensate").await?;
            let _committed = tx.commit().await?;
            return Ok(());
        }
        RefundAnswer::NoSuchRefund => "the provider does not know the charge".to_owned(),
        RefundAnswer::Unclear { trouble } => trouble,
    };
    tracing::warn!(refund.id = %claimed.id, attempts = claimed.attempts, error.message = trouble, "a refund is not done yet");
    let next_at = app.kit.clock.now() + pause_after(claimed.attempts);
    let mut connection = app.kit.database.pool().acquire().await?;
    Ok(refunds::put_off(&mut connection, claimed.id, next_at, &trouble).await?)
}
