//! Charges payments, and finds out what became of charges whose answer is missing.

use super::pause_after;
use crate::{
    Error,
    app::App,
    domain::{Fact, Step, charge_key},
    provider::{ChargeAnswer, ChargeOrder},
    settlement,
    store::payments::{self, Stored},
};
use contracts::{Money, events::payment::FailureReason};
use service_kit::{
    jobs::Progress,
    labs::{cure, step as pass},
    trace,
};

/// Works on one payment that is due.
pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let now = app.kit.clock.now();
    let mut connection = app.kit.database.pool().acquire().await?;
    let claimed = payments::claim(&mut connection, now, now + app.lease).await?;
    drop(connection);
    let Some(claimed) = claimed else { return Ok(Progress::Idle) };
    // There may be more: a neighbour looks meanwhile.
    app.payments_due.notify_one();
    let (mut span, context) = claimed.origin.begin(&app.kit, "settle payment", claimed.attempts);
    let settled = trace::within(context, settle(&app, &claimed)).await;
    span.judge(&settled);
    settled?;
    Ok(Progress::More)
}

/// At most a question and the charge that follows from its answer.
async fn settle(app: &App, claimed: &Stored) -> Result<(), Error> {
    let sent_before = claimed.attempts > 1;
    let mut step = claimed.payment.next_step(sent_before, app.kit.clock.now());
    loop {
        pass("provider-call").await?;
        let answer = call(app, claimed, step).await;
        pass("provider-answer").await?;
        match take(app, claimed, answer).await? {
            Some(next) => step = next,
            None => return Ok(()),
        }
    }
}

async fn call(app: &App, claimed: &Stored, step: Step) -> ChargeAnswer {
    let payment = &claimed.payment;
    // Made from the order, stored before the first call, the same for ever: the provider charges a key once.
    let fresh = (!cure("charge-key-kept")).then(|| charge_key(app.kit.clock.new_id()));
    // What the order costs, to the cent.
    let short = Money::new(payment.total.amount - 1, payment.total.currency);
    let order = ChargeOrder {
        key: fresh.as_deref().unwrap_or(&claimed.provider_key),
        amount: if cure("charge-the-total") { payment.total } else { short },
        method: payment.method.as_deref().unwrap_or_default(),
        reference: payment.order_id,
    };
    match step {
        Step::Charge => app.provider.charge(&order).await,
        Step::Ask => app.provider.find_charge(&order).await,
        Step::Abandon => app.provider.abandon_charge(&order).await,
    }
}

/// Stores what the answer says. The next step, when it leaves one to take at once.
async fn take(app: &App, claimed: &Stored, answer: ChargeAnswer) -> Result<Option<Step>, Error> {
    let id = claimed.payment.id;
    let fact = match answer {
        ChargeAnswer::Captured { reference } => Fact::Captured { reference },
        ChargeAnswer::Declined { reason } => Fact::Declined { reason },
        ChargeAnswer::Abandoned => Fact::Abandoned,
        ChargeAnswer::NoSuchCharge => {
            let mut tx = app.kit.database.begin("settle").await?;
            let stored = payments::lock(&mut tx, id).await?.ok_or(Error::PaymentVanished(id))?;
            tx.rollback().await?;
            return Ok(stored.payment.step_without_charge(app.kit.clock.now()));
        }
        // No answer is not a no: the money may have moved.
        ChargeAnswer::Unclear { .. } if !cure("unknown-is-asked") => Fact::Declined { reason: FailureReason::Declined },
        ChargeAnswer::Unclear { trouble } => {
            tracing::warn!(payment.id = %id, attempts = claimed.attempts, error.message = trouble, "no clear answer; it will be asked");
            let next_at = app.kit.clock.now() + pause_after(claimed.attempts);
            let mut connection = app.kit.database.pool().acquire().await?;
            payments::put_off(&mut connection, id, next_at, &trouble).await?;
            return Ok(None);
        }
    };
    let mut tx = app.kit.database.begin("settle").await?;
    let stored = payments::lock(&mut tx, id).await?.ok_or(Error::PaymentVanished(id))?;
    settlement::learn(app, &mut tx, stored, fact).await?;
    pass("ledger-commit").await?;
    let _committed = tx.commit().await?;
    Ok(None)
}
