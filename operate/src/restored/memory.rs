//! What the other services know of orders that `order_db` has forgotten: their inboxes have its events, payment-service
//! whose order it was and over how much, product-service its lines.

use super::{plan::Plan, step::Step};
use crate::{
    doctor::{
        case::Case,
        facts::{Payment, Reservation},
    },
    reach::Reach,
};
use anyhow::Context;
use contracts::{Money, OrderId, Quantity, RawEvent, ServiceName, api::product::ReservedLine};
use order_service::mend::{Learned, Placed, Remembered, Told};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

pub(super) async fn remember(reach: &Reach, case: &Case<'_>, plan: &mut Plan) -> anyhow::Result<()> {
    for (order, events) in lost_events(case) {
        if case.is_older(order) {
            let number = events.len();
            plan.notes.push(format!(
                "{number} events of order {order} are known elsewhere and not to order-service; the order is older than what is \
                 looked at, and is left as it is"
            ));
            continue;
        }
        let is_stored = case.orders.contains_key(&order);
        let placed = if is_stored { None } else { placed(case, order).filter(|_| events.contains_key(&1)) };
        if !is_stored && placed.is_none() {
            let number = events.len();
            plan.notes.push(format!(
                "{number} events of order {order} are known and too little else to store it again: `ecom timeline {order}` \
                 shows what there is"
            ));
            continue;
        }
        let learned = learned(reach, case, order).await?;
        let events = events.into_values().collect();
        plan.steps.push(Step::Remember(Box::new(Remembered { order_id: order.into(), placed, events, learned })));
    }
    Ok(())
}

/// Events of orders that were acted on and that their announcer does not know, by their number.
fn lost_events(case: &Case<'_>) -> BTreeMap<Uuid, BTreeMap<i64, Told>> {
    let messages = case.facts.notices.messages.iter();
    let reasons: HashMap<Uuid, _> =
        messages.filter_map(|message| Some((message.event_id, message.reason.clone()?))).collect();
    let mut lost: BTreeMap<Uuid, BTreeMap<i64, Told>> = BTreeMap::new();
    for row in case.facts.events.values().flat_map(|own| own.inbox.values()) {
        if row.kind.starts_with("order.")
            && row.kind != "order.person_erased"
            && row.status == "done"
            && !case.events.contains_key(&row.event_id)
        {
            let (id, kind, at) = (row.event_id.into(), row.kind.clone(), row.received_at.time());
            let told = lost.entry(row.subject).or_default().entry(row.sequence);
            let reason =
                reasons.get(&row.event_id).and_then(|reason| serde_json::from_value(reason.as_str().into()).ok());
            let told = told.or_insert(Told { id, kind, sequence: row.sequence, at, reason });
            // Whoever got it first was nearest to its announcement.
            told.at = told.at.min(at);
        }
    }
    lost
}

fn placed(case: &Case<'_>, order: Uuid) -> Option<Placed> {
    let payment: &Payment = case.payments.get(&order)?;
    let reservation: &Reservation = match case.reservations_of.get(&order)?.as_slice() {
        [only] => only,
        _ => return None,
    };
    let lines = case.reserved_lines(reservation.checkout_id).iter().map(|line| {
        Some(ReservedLine {
            product_id: line.product_id.into(),
            variant_id: line.variant_id.into(),
            sku: line.sku.clone(),
            name: line.name.clone(),
            quantity: Quantity::try_from(i64::from(line.quantity)).ok()?,
            unit_price: Money::new(line.amount, line.currency.parse().ok()?),
        })
    });
    let lines: Vec<_> = lines.collect::<Option<_>>()?;
    (!lines.is_empty()).then_some(())?;
    Some(Placed {
        number: payment.order_number,
        customer_id: payment.customer_id.into(),
        checkout_id: reservation.checkout_id.into(),
        payment_method: payment.method.clone()?,
        total: Money::new(payment.total, payment.currency.parse().ok()?),
        lines,
        deadline: payment.deadline.time(),
    })
}

async fn learned(reach: &Reach, case: &Case<'_>, order: Uuid) -> anyhow::Result<Learned> {
    let payment = case.payments.get(&order).map(|payment| payment.id);
    let checkouts = case.reservations_of.get(&order).map_or(&[][..], Vec::as_slice);
    let checkout = checkouts.first().map(|reservation| reservation.checkout_id);
    Ok(Learned {
        completed: event(reach, ServiceName::Payment, "payment.completed", payment).await?,
        failed: event(reach, ServiceName::Payment, "payment.failed", payment).await?,
        expired: event(reach, ServiceName::Product, "reservation.expired", checkout).await?,
    })
}

async fn event(
    reach: &Reach,
    service: ServiceName,
    kind: &str,
    subject: Option<Uuid>,
) -> anyhow::Result<Option<RawEvent>> {
    let query = "SELECT envelope FROM event_log WHERE subject = $1 AND type = $2 ORDER BY sequence LIMIT 1";
    let asked = sqlx::query_scalar::<_, Value>(query).bind(subject).bind(kind);
    let envelope = asked.fetch_optional(reach.database(service)).await?;
    let read = envelope.map(RawEvent::from_json).transpose();
    read.with_context(|| format!("the event log of {service} is damaged"))
}

/// Orders that were cancelled after the backup, with all five databases, and whose money the provider gave back then: it
/// knows by which event. Announced under its id once more, the refund meets the provider's own, and no money moves.
pub(super) fn cancel_as_before(case: &Case<'_>, plan: &mut Plan) {
    for refund in super::money::unknown_refunds(case) {
        let cause = cause_of(&refund.key).filter(|(order, cause)| {
            let stands =
                case.orders.get(order).is_some_and(|order| matches!(order.status.as_str(), "pending" | "paid"));
            stands && !case.events.contains_key(cause)
        });
        let Some((order, cause)) = cause else {
            plan.notes.push(format!(
                "the provider gave {} {} back under {}, which no refund has: compare with its own books",
                refund.amount, refund.currency, refund.key
            ));
            continue;
        };
        let stored = case.orders[&order];
        let (kind, sequence) = ("order.cancelled".to_owned(), stored.version.saturating_add(1));
        let told = Told { id: cause.into(), kind, sequence, at: case.now.time(), reason: None };
        let lost = Remembered {
            order_id: OrderId::from(order),
            placed: None,
            events: vec![told],
            learned: Learned::default(),
        };
        plan.steps.push(Step::Remember(Box::new(lost)));
    }
}

/// payment-service's key of a refund: `refund-<order>-<event>`.
fn cause_of(key: &str) -> Option<(Uuid, Uuid)> {
    let ids = key.strip_prefix("refund-")?;
    let (order, cause) = ids.split_at_checked(36)?;
    Some((order.parse().ok()?, cause.strip_prefix('-')?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::cause_of;
    use uuid::Uuid;

    #[test]
    fn a_refund_s_key_tells_its_order_and_its_cause() {
        let (order, cause) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(cause_of(&format!("refund-{order}-{cause}")), Some((order, cause)));
        for other in ["refund-restored-ch_1", "refund-", &format!("refund-{order}"), &format!("charge-{order}-{cause}")]
        {
            assert_eq!(cause_of(other), None, "{other}");
        }
    }
}
