//! The one way an order is cancelled, whoever wants it.

use super::slice::Slice;
use crate::{
    domain::{Order, Status},
    error::Error,
    state::App,
    store::{
        checkouts,
        order_lists::{self, OrderRow},
    },
};
use contracts::{
    AccountId, CheckoutId, OrderId,
    events::{order::CancelReason, payment::Failed, product::ReservationExpired},
};
use service_kit::{Cause, Tx, agreement::agree, auth::AuthError};

/// Somebody wants an order cancelled: its owner, or staff, who own none.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    id: OrderId,
    owner: Option<AccountId>,
    refunds: Refunds,
    cause: Cause,
}

/// What whoever cancels may give back of what was paid, in minor units of the order's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refunds {
    None,
    UpTo(i64),
    Any,
}

impl Refunds {
    fn permit(self, order: &Order) -> Result<(), Error> {
        match self {
            Self::Any => Ok(()),
            _ if !matches!(order.status, Status::Paid { .. }) => Ok(()),
            Self::UpTo(most) if order.total.amount <= most => Ok(()),
            Self::UpTo(_) => Err(AuthError::NotFresh.into()),
            Self::None => Err(AuthError::Forbidden.into()),
        }
    }
}

impl Request {
    pub(crate) fn new(id: OrderId, owner: Option<AccountId>, refunds: Refunds, cause: Cause) -> Self {
        Self { id, owner, refunds, cause }
    }
}

/// Each as it stands then, in the order of `requests`. One that is cancelled already stays as it is.
pub(crate) async fn on_request(
    app: &App,
    tx: &mut Tx,
    requests: Vec<Request>,
) -> Result<Vec<Result<OrderRow, Error>>, Error> {
    let now = app.kit.clock.now();
    let mut slice = Slice::load(tx, requests.iter().map(|request| request.id)).await?;
    let mut cancel = |Request { id, owner, refunds, cause }: Request| {
        let order = slice.find(id, owner).ok_or(Error::NotFound)?;
        refunds.permit(&order)?;
        if !matches!(order.status, Status::Cancelled { .. }) {
            let change = order.cancel(CancelReason::Requested, "cancelled on request", now)?;
            slice.decide(cause, change);
        }
        Ok(id)
    };
    let cancelled: Vec<Result<OrderId, Error>> = requests.into_iter().map(&mut cancel).collect();
    slice.record(app, tx).await?;
    order_lists::shown(tx, cancelled).await
}

/// Those whose payment did not come in time. One that was paid between the look and the lock stays as it is. Gives those
/// that were cancelled.
pub(crate) async fn overdue(
    app: &App,
    tx: &mut Tx,
    asked: Vec<(Cause, OrderId)>,
    what: &'static str,
) -> Result<Vec<OrderId>, Error> {
    let now = app.kit.clock.now();
    let mut slice = Slice::load(tx, asked.iter().map(|(_, id)| *id)).await?;
    let mut cancelled = Vec::with_capacity(asked.len());
    for (cause, id) in asked {
        if let Some(order) = slice.find(id, None).filter(|order| order.status.is_overdue(now)) {
            slice.decide(cause, order.cancel(CancelReason::PaymentOverdue, what, now)?);
            cancelled.push(id);
        }
    }
    slice.record(app, tx).await?;
    Ok(cancelled)
}

/// An order that an operator gives up, where it can be given up. False where it cannot.
pub(crate) async fn by_operator(app: &App, tx: &mut Tx, id: OrderId, what: &'static str) -> Result<bool, Error> {
    let mut slice = Slice::load(tx, [id].into_iter()).await?;
    let Some(order) = slice.find(id, None) else { return Ok(false) };
    let Ok(change) = order.cancel(CancelReason::Other, what, app.kit.clock.now()) else { return Ok(false) };
    slice.decide(Cause::current(), change);
    slice.record(app, tx).await?;
    Ok(true)
}

/// Orders of somebody who is erased, where they can still be given up; gives how many could.
pub(crate) async fn of_erased(app: &App, tx: &mut Tx, ids: &[OrderId]) -> Result<u64, Error> {
    let now = app.kit.clock.now();
    let mut slice = Slice::load(tx, ids.iter().copied()).await?;
    let mut cancelled = 0;
    for order in ids.iter().filter_map(|id| slice.find(*id, None)).collect::<Vec<_>>() {
        let what = "cancelled: the customer's account was erased";
        if let Ok(change) = order.cancel(CancelReason::Requested, what, now) {
            slice.decide(Cause::current(), change);
            cancelled += 1;
        }
    }
    slice.record(app, tx).await?;
    Ok(cancelled)
}

/// Their payments failed.
pub(crate) async fn unpayable(app: &App, tx: &mut Tx, told: Vec<(Cause, Failed)>) -> Result<(), Error> {
    let mut slice = Slice::load(tx, told.iter().map(|(_, payment)| payment.order_id)).await?;
    slice.know_joined(tx, told.iter().map(|(_, payment)| (payment.order_id, payment.customer_id))).await?;
    for (cause, payment) in told {
        let order = slice.of_payment(payment.order_id, payment.customer_id, payment.payment_id)?;
        slice.decide(cause, order.payment_failed(payment.reason, app.kit.clock.now()));
    }
    slice.record(app, tx).await
}

/// Their stock was given back. If there is an order all the same, it is cancelled; if there is none yet, none will be
/// stored.
pub(crate) async fn without_stock(app: &App, tx: &mut Tx, told: Vec<(Cause, ReservationExpired)>) -> Result<(), Error> {
    let ids: Vec<CheckoutId> = told.iter().map(|(_, expired)| expired.checkout_id).collect();
    let free = checkouts::expire(tx, &ids).await?;
    let taken: Vec<CheckoutId> = ids.into_iter().filter(|id| !free.contains(id)).collect();
    let mut slice = Slice::load_by_checkout(tx, &taken).await?;
    for (cause, expired) in told {
        let Some(order) = slice.of_checkout(expired.checkout_id) else { continue };
        let (Status::Pending { .. } | Status::Paid { .. }) = order.status else { continue };
        agree("order", expired.order_id, order.id)?;
        let what = "cancelled: its stock was given back";
        slice.decide(cause, order.cancel(CancelReason::ReservationExpired, what, app.kit.clock.now())?);
    }
    slice.record(app, tx).await
}
