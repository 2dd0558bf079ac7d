//! Money went back: the order notes how much.

use super::slice::Slice;
use crate::{domain::RefundError, error::Error, state::App, store::refunds};
use contracts::{Money, OrderId, RefundId, events::payment::Refunded};
use service_kit::{
    Cause, Tx,
    agreement::{agree, contradiction},
};
use std::collections::HashMap;

pub(crate) async fn note(app: &App, tx: &mut Tx, told: Vec<(Cause, Refunded)>) -> Result<(), Error> {
    let mut slice = Slice::load(tx, told.iter().map(|(_, refund)| refund.order_id)).await?;
    slice.know_joined(tx, told.iter().map(|(_, refund)| (refund.order_id, refund.customer_id))).await?;
    let ids: Vec<RefundId> = told.iter().map(|(_, refund)| refund.refund_id).collect();
    let known = refunds::known(tx, &ids).await?;
    let mut known: HashMap<RefundId, (OrderId, i64)> =
        known.into_iter().map(|(id, noted)| (id, (noted.order_id, noted.amount))).collect();
    for (cause, refund) in told {
        let Refunded { refund_id, order_id, amount, .. } = refund;
        let order = slice.of_payment(order_id, refund.customer_id, refund.payment_id)?;
        // Money has a natural key besides the inbox's: a refund that was noted before changes nothing.
        if let Some((known_order, known_amount)) = known.insert(refund_id, (order_id, amount.amount)) {
            agree("order", order_id, known_order)?;
            agree("amount", amount, Money::new(known_amount, order.total.currency))?;
            continue;
        }
        let change = order.refund(refund_id, amount).map_err(|refused| match refused {
            RefundError::NotOfWhatIsLeft { .. } => contradiction("amount", amount, refused).into(),
            RefundError::Money(cause) => Error::from(cause),
        })?;
        slice.decide(cause, change);
    }
    slice.record(app, tx).await
}
