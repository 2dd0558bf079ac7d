//! I5, last part: what counts as done had its effect. Inbox row and effect commit in one transaction, so that a row
//! without its effect is a loss however new it is.

use crate::doctor::{
    Finding,
    case::Case,
    facts::{InboxRow, Order},
};
use contracts::ServiceName;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What the effects are looked up in.
struct Effects<'a> {
    /// Events that some entry of an order's history names as its cause.
    noted: HashSet<Uuid>,
    /// Checkouts that order-service has decided on.
    decided: HashSet<Uuid>,
    orders_by_checkout: HashMap<Uuid, &'a Order>,
    told: HashSet<Uuid>,
}

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    let orders = &case.facts.orders;
    let effects = Effects {
        noted: orders.history.iter().filter_map(|entry| entry.cause_id).collect(),
        decided: orders.checkouts.iter().map(|checkout| checkout.checkout_id).collect(),
        orders_by_checkout: orders.orders.iter().map(|order| (order.checkout_id, order)).collect(),
        told: case.facts.notices.messages.iter().map(|message| message.event_id).collect(),
    };
    for (service, own) in &case.facts.events {
        for row in own.inbox.values().filter(|row| row.status == "done") {
            if let Some(missing) = missing(case, &effects, *service, row) {
                let sentence = format!("{service} counts {} as done, and {missing}.", row.kind);
                finding.violation(&[&row.subject, &row.event_id], sentence);
            }
        }
    }
}

/// What should be there after the event was acted on, and is not.
fn missing(case: &Case<'_>, effects: &Effects<'_>, service: ServiceName, row: &InboxRow) -> Option<String> {
    match (service, row.kind.as_str()) {
        (_, "user.erased") => {
            let noted = case.facts.erased.noted.get(&service).is_some_and(|ids| ids.contains(&row.subject));
            (!noted).then(|| "the person is not noted as one to be erased".to_owned())
        }
        // Whose the guest's things are by now, the copies that services have of each other tell.
        (_, "user.export_requested" | "user.guest_joined") => None,
        (ServiceName::Notify, _) => {
            let is_told = case.events.get(&row.event_id).is_none_or(|(_, logged)| logged.is_told());
            (is_told && !effects.told.contains(&row.event_id)).then(|| "there is no message".to_owned())
        }
        (ServiceName::Payment, kind) => missing_at_payment(case, kind, row.subject),
        (ServiceName::Product, kind) => missing_at_product(case, kind, row.subject),
        (ServiceName::Order, "reservation.expired") => {
            if !effects.decided.contains(&row.subject) {
                return Some("the checkout may still be ordered".to_owned());
            }
            let order = effects.orders_by_checkout.get(&row.subject)?;
            let live = matches!(order.status.as_str(), "pending" | "paid");
            live.then(|| format!("its order {} is {}", order.id, order.status))
        }
        (ServiceName::Order, _) => {
            (!effects.noted.contains(&row.event_id)).then(|| "no order's history knows of it".to_owned())
        }
        (ServiceName::User, _) => None,
    }
}

fn missing_at_payment(case: &Case<'_>, kind: &str, order: Uuid) -> Option<String> {
    let Some(payment) = case.payments.get(&order) else { return Some("there is no payment".to_owned()) };
    match kind {
        "order.created" if payment.method.is_none() => Some("the payment does not know its method".to_owned()),
        "order.cancelled" if payment.cancelled_by.is_none() => Some("the payment does not know of it".to_owned()),
        "order.cancelled" if payment.status == "created" => Some("the payment may still be charged".to_owned()),
        "order.cancelled" if payment.refunds_requested < payment.captured => {
            Some("the captured money is not promised back".to_owned())
        }
        _ => None,
    }
}

fn missing_at_product(case: &Case<'_>, kind: &str, order: Uuid) -> Option<String> {
    let own = case.reservations_of.get(&order).map_or(&[][..], Vec::as_slice);
    if own.is_empty() {
        return Some("there is no reservation".to_owned());
    }
    let stuck = |statuses: &[&str]| {
        let found = own.iter().find(|reservation| statuses.contains(&reservation.status.as_str()));
        found.map(|reservation| format!("the reservation is still {}", reservation.status))
    };
    match kind {
        "order.paid" => stuck(&["held"]),
        "order.cancelled" | "order.fulfilled" => stuck(&["held", "committed"]),
        _ => None,
    }
}
