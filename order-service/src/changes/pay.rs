//! The money is there: the order is paid, unless it was cancelled meanwhile. What was paid is what it costs, or it is not
//! paid: less, more or another currency is for a person to see to.

use super::slice::Slice;
use crate::{
    domain::{Change, Order},
    error::Error,
    state::App,
};
use contracts::{PaymentId, events::payment::Completed};
use service_kit::{Cause, Tx, agreement::agree, cure};
use time::OffsetDateTime;

pub(crate) async fn pay(app: &App, tx: &mut Tx, told: Vec<(Cause, Completed)>) -> Result<(), Error> {
    let mut slice = Slice::load(tx, told.iter().map(|(_, payment)| payment.order_id)).await?;
    slice.know_joined(tx, told.iter().map(|(_, payment)| (payment.order_id, payment.customer_id))).await?;
    for (cause, payment) in told {
        let order = slice.of_payment(payment.order_id, payment.customer_id, payment.payment_id)?;
        agree("amount", payment.amount, order.total)?;
        slice.decide(cause, paid(order, payment.payment_id, app.kit.clock.now()));
    }
    slice.record(app, tx).await
}

/// A cancelled order stays cancelled: its money goes back.
#[cure(paid_only_while_pending, instead = crate::labs::pay_in_any_state)]
fn paid(order: Order, payment: PaymentId, at: OffsetDateTime) -> Change {
    order.pay(payment, at)
}
