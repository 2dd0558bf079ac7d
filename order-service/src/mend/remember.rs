//! What a restored `order_db` no longer knows and the other services do: they have the events it announced after the backup,
//! and what those were about. An order is brought to where it stood, with the events under their own ids, so that
//! whatever happens to it next happens as always. Nobody but this service knew its address: that is gone.

use crate::{
    changes::place::created_event,
    domain::{Order, Status, lost_address},
    error::Error,
    store::{
        history,
        new_orders::{self, NewRow},
        orders,
    },
};
use contracts::{
    AccountId, CheckoutId, Event, EventId, Money, OrderId, RawEvent, ServiceName,
    api::{order::OrderStatus, product::ReservedLine},
    events::{
        EventData,
        order::{CancelReason, Cancelled, Created, Fulfilled, Paid},
        payment::{Completed, Failed, FailureReason},
        product::ReservationExpired,
    },
};
use service_kit::{AtCommit, Cause, Clock, inbox::by_hand, operator_log, outbox};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// An order as the others remember it.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered {
    pub order_id: OrderId,
    /// What it takes to store it anew; none when it is stored.
    pub placed: Option<Placed>,
    /// The events of it that others have and its own log has not, in order.
    pub events: Vec<Told>,
    pub learned: Learned,
}

/// What was ordered.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    pub number: i64,
    pub customer_id: AccountId,
    pub checkout_id: CheckoutId,
    pub payment_method: String,
    pub total: Money,
    pub lines: Vec<ReservedLine>,
    /// When its payment is given up.
    pub deadline: OffsetDateTime,
}

/// An event of the order, as its consumers keep it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub id: EventId,
    pub kind: String,
    pub sequence: i64,
    pub at: OffsetDateTime,
    /// Of a cancellation: the reason that the customer was told.
    pub reason: Option<CancelReason>,
}

/// What the order had learned from others, which they still have in their logs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learned {
    pub completed: Option<RawEvent>,
    pub failed: Option<RawEvent>,
    pub expired: Option<RawEvent>,
}

/// An event with the change it tells of.
struct Change {
    status: Status,
    what: &'static str,
    cause: Option<Because>,
    event: RawEvent,
}

/// An event that was learned, and its type.
type Because = (RawEvent, &'static str);

/// Brings an order to where it stood. False when there is nothing to remember any more.
///
/// # Errors
/// What is remembered does not fit to what is stored: the order has gone on in another way since. Or the database refuses.
pub async fn remember(
    connection: &mut PgConnection,
    clock: &Clock,
    operator: &str,
    lost: &Remembered,
) -> Result<bool, Error> {
    let stored = orders::lock(connection, &[lost.order_id]).await?.pop();
    let is_new = stored.is_none();
    let mut order = match (stored, &lost.placed) {
        (Some(order), _) => order,
        (None, Some(placed)) => store_again(connection, lost, placed).await?,
        (None, None) => return Ok(false),
    };
    let mut told = 0;
    for event in lost.events.iter().filter(|event| event.kind != Created::TYPE) {
        told += u32::from(take(connection, clock, &mut order, lost, event).await?);
    }
    if !is_new && told == 0 {
        return Ok(false);
    }
    let (action, note) = if is_new {
        ("remembered", "stored again from what the other services know of it, without its address")
    } else {
        ("restored", "brought to where the other services know it to be")
    };
    operator_log::note(connection, clock, operator, action, &lost.order_id.to_string(), note).await?;
    Ok(true)
}

async fn store_again(connection: &mut PgConnection, lost: &Remembered, placed: &Placed) -> Result<Order, Error> {
    let created = lost.events.iter().find(|event| event.kind == Created::TYPE && event.sequence == 1);
    let created = created.ok_or_else(|| unfit(lost, "nobody has its order.created"))?;
    let Placed { customer_id, checkout_id, .. } = *placed;
    let address = serde_json::to_value(lost_address()).map_err(|cause| Error::Corrupt(cause.to_string()))?;
    let row = NewRow {
        id: lost.order_id,
        customer_id,
        checkout_id,
        payment_method: placed.payment_method.clone(),
        total: placed.total,
        shipping_address: address,
        deadline: placed.deadline,
        created_at: created.at,
        lines: placed.lines.clone(),
    };
    let data = created_event(&row, placed.number);
    if new_orders::insert(connection, &[row]).await?.is_empty() {
        return Err(unfit(lost, "its checkout was given to another order, or expired"));
    }
    new_orders::renumber(connection, lost.order_id, placed.number).await?;
    let line = history::Line {
        order_id: lost.order_id,
        at: created.at,
        what: "placed; remembered by the other services after a backup was restored".into(),
        from: None,
        to: OrderStatus::Pending,
        cause: Cause::current(),
    };
    history::Line::write(vec![line], connection).await?;
    outbox::remember(connection, &event_of(created, None, data)?).await?;
    let order = orders::lock(connection, &[lost.order_id]).await?.pop();
    order.ok_or(Error::UnknownOrder { order_id: lost.order_id })
}

/// Takes one change after. False when it is known.
async fn take(
    connection: &mut PgConnection,
    clock: &Clock,
    order: &mut Order,
    lost: &Remembered,
    told: &Told,
) -> Result<bool, Error> {
    let before = order.status.name();
    let change = change(order, lost, told)?;
    if !outbox::remember(connection, &change.event).await? {
        return Ok(false);
    }
    if told.sequence <= order.version {
        return Err(unfit(lost, "it has changed in another way since the backup was restored"));
    }
    order.status = change.status;
    order.version = told.sequence;
    orders::save(connection, &[order], told.at).await?;
    let mut noted = Cause::current();
    if let Some((cause, kind)) = change.cause {
        by_hand::settle(connection, &cause, clock.now()).await?;
        (noted.causation_id, noted.event_type) = (Some(cause.id), Some(kind));
    }
    let line = history::Line {
        order_id: order.id,
        at: told.at,
        what: change.what.into(),
        from: Some(before),
        to: order.status.name(),
        cause: noted,
    };
    history::Line::write(vec![line], connection).await?;
    Ok(true)
}

fn change(order: &Order, lost: &Remembered, told: &Told) -> Result<Change, Error> {
    let status = order.status;
    match told.kind.as_str() {
        Paid::TYPE => {
            let cause =
                lost.learned.completed.clone().ok_or_else(|| unfit(lost, "nobody has its payment.completed"))?;
            let completed = decode::<Completed>(&cause)?;
            let event = event_of(told, Some(cause.id), order.paid())?;
            let status = status.pay(completed.payment_id, told.at)?;
            Ok(Change { status, what: "paid", cause: Some((cause, Completed::TYPE)), event })
        }
        Cancelled::TYPE => {
            let (reason, cause) = why_cancelled(lost, told, status)?;
            let event = event_of(told, cause.as_ref().map(|(cause, _)| cause.id), order.cancelled(reason))?;
            Ok(Change { status: status.cancel(reason, told.at)?, what: "cancelled", cause, event })
        }
        Fulfilled::TYPE => {
            let event = event_of(told, None, order.fulfilled())?;
            Ok(Change { status: status.fulfil(told.at)?, what: "fulfilled by staff", cause: None, event })
        }
        _ => Err(unfit(lost, "of an event of a kind that is not known here")),
    }
}

/// The reason that people were told of, else what the others' events say. That somebody asked for it nobody else knew.
fn why_cancelled(lost: &Remembered, told: &Told, status: Status) -> Result<(CancelReason, Option<Because>), Error> {
    let failed = lost.learned.failed.clone().filter(|_| matches!(status, Status::Pending { .. }));
    let expired = lost.learned.expired.clone();
    let found = match (&failed, &expired) {
        (Some(failed), _) => match decode::<Failed>(failed)?.reason {
            FailureReason::Unavailable => CancelReason::PaymentOverdue,
            _ => CancelReason::PaymentDeclined,
        },
        (None, Some(_)) => CancelReason::ReservationExpired,
        (None, None) => CancelReason::Other,
    };
    let reason = told.reason.unwrap_or(found);
    let cause = match reason {
        CancelReason::PaymentDeclined | CancelReason::PaymentOverdue => failed.map(|failed| (failed, Failed::TYPE)),
        CancelReason::ReservationExpired => expired.map(|expired| (expired, ReservationExpired::TYPE)),
        CancelReason::Requested | CancelReason::Other => None,
    };
    Ok((reason, cause))
}

fn decode<T: EventData>(event: &RawEvent) -> Result<T, Error> {
    let decoded = event.clone().decode::<T>();
    decoded.map(|event| event.data).map_err(|cause| Error::Corrupt(cause.to_string()))
}

fn event_of<T: EventData>(told: &Told, causation_id: Option<EventId>, data: T) -> Result<RawEvent, Error> {
    let subject = data.subject();
    let event = Event {
        id: told.id,
        source: ServiceName::Order,
        kind: told.kind.clone(),
        subject,
        sequence: told.sequence,
        time: told.at,
        correlation_id: subject,
        causation_id,
        traceparent: None,
        data,
    };
    event.into_raw().map_err(|cause| Error::Corrupt(cause.to_string()))
}

fn unfit(lost: &Remembered, why: &str) -> Error {
    Error::Corrupt(format!("order {} cannot be remembered: {why}", lost.order_id))
}
