//! What is older than the shortest retention of the tables that are compared: it is left out everywhere, or the one half of
//! it would be looked for in vain. Stock keeps its sums, and what is still open stays in sight by itself.

use super::{Delivery, Facts, Payment, ProviderLog, Refund, Since, notices::Notices, products::Before};
use crate::{doctor::options::Options, reach::Reach};
use provider_sim::Entry;
use std::collections::HashSet;
use uuid::Uuid;

/// Everything that is compared: what is old enough to have been pruned somewhere is left out.
pub(crate) async fn read_younger(reach: &Reach, options: &Options) -> anyhow::Result<Facts> {
    let mut facts = super::read(reach, options).await?;
    let since = facts.since;
    leave_out(&mut facts, since);
    Ok(facts)
}

/// Queries leave out most of it; this is what remains.
pub(crate) fn leave_out(facts: &mut Facts, since: Since) {
    facts.since = since;
    if since == Since::default() {
        return;
    }
    let is_old = |order: Uuid| order < since.orders;
    let orders = &mut facts.orders;
    let open = &mut facts.open_before;
    let old = take(&mut orders.orders, |order| is_old(order.id));
    let old_checkouts: HashSet<Uuid> = old.iter().map(|order| order.checkout_id).collect();
    open.orders.extend(old.into_iter().filter(|order| order.status == "pending"));
    orders.lines.retain(|line| !is_old(line.order_id));
    orders.history.retain(|entry| !is_old(entry.order_id));
    orders.refunds.retain(|refund| !is_old(refund.order_id));
    orders.checkouts.retain(|checkout| !old_checkouts.contains(&checkout.checkout_id));
    orders.answers.retain(|answer| !answer.order_id.as_deref().is_some_and(|text| text.parse().is_ok_and(is_old)));
    let payments = &mut facts.payments;
    let old = take(&mut payments.payments, |payment| is_old(payment.order_id));
    open.payments.extend(old.into_iter().filter(Payment::is_open));
    let old = take(&mut payments.refunds, |refund| is_old(refund.order_id));
    open.refunds.extend(old.into_iter().filter(Refund::is_open));
    let old: HashSet<Uuid> =
        payments.transactions.iter().filter(|one| is_old(one.order_id)).map(|one| one.id).collect();
    payments.transactions.retain(|one| !old.contains(&one.id));
    payments.entries.retain(|entry| !old.contains(&entry.transaction_id));
    let is_old_thing = |order: Option<Uuid>, event: Uuid| order.map_or(event < since.orders, is_old);
    open.deliveries.extend(leave_out_notices(&mut facts.notices, is_old_thing));
    for (service, own) in &mut facts.events {
        let old = take(&mut own.log, |logged| is_old_thing(logged.order(), logged.event_id));
        facts.left_out.extend(old.iter().map(|logged| logged.event_id));
        open.events.extend(old.into_iter().filter(|logged| logged.pending).map(|logged| (*service, logged)));
    }
    for own in facts.events.values_mut() {
        let is_old = |id: &Uuid| *id < since.events || facts.left_out.contains(id);
        own.inbox.retain(|id, row| row.status != "done" || !is_old(id));
    }
    leave_out_entries(&mut facts.provider, is_old);
    leave_out_stock(facts, is_old);
}

/// Takes those out that are meant.
fn take<T>(all: &mut Vec<T>, is_meant: impl Fn(&T) -> bool) -> Vec<T> {
    let (taken, left) = std::mem::take(all).into_iter().partition(is_meant);
    *all = left;
    taken
}

/// Gives the mails among it that were not sent.
fn leave_out_notices(notices: &mut Notices, is_old: impl Fn(Option<Uuid>, Uuid) -> bool) -> Vec<Delivery> {
    let old = take(&mut notices.messages, |message| is_old(message.order_id, message.event_id));
    let old: HashSet<Uuid> = old.iter().map(|message| message.id).collect();
    let mut mails = take(&mut notices.deliveries, |delivery| old.contains(&delivery.message_id));
    mails.retain(Delivery::is_open);
    mails
}

fn leave_out_stock(facts: &mut Facts, is_old: impl Fn(Uuid) -> bool) {
    let products = &mut facts.products;
    let old = take(&mut products.movements, |one| one.order_id.is_some_and(&is_old));
    products.before.extend(old.into_iter().map(|one| Before {
        variant_id: one.variant_id,
        location: one.location,
        moved: one.quantity,
        reserved: 0,
    }));
    let old = take(&mut products.reservations, |one| is_old(one.order_id));
    let holding: HashSet<Uuid> = old.iter().filter(|one| one.holds()).map(|one| one.checkout_id).collect();
    let ids: HashSet<Uuid> = old.iter().map(|one| one.checkout_id).collect();
    let held = products.lines.iter().filter(|line| holding.contains(&line.checkout_id));
    products.before.extend(held.map(|line| Before {
        variant_id: line.variant_id,
        location: line.location.clone(),
        moved: 0,
        reserved: line.quantity.into(),
    }));
    products.lines.retain(|line| !ids.contains(&line.checkout_id));
    facts.open_before.reservations.extend(old.into_iter().filter(|one| one.status == "held"));
}

/// The provider keeps all it ever did.
fn leave_out_entries(provider: &mut ProviderLog, is_old: impl Fn(Uuid) -> bool) {
    let ProviderLog::Read(entries) = provider else { return };
    let is_old = |text: &str| Uuid::parse_str(text).is_ok_and(&is_old);
    let mut charges = HashSet::new();
    entries.retain(|entry| match entry {
        Entry::Charge(charge) if is_old(&charge.reference) => {
            charges.insert(charge.id.clone());
            false
        }
        Entry::Abandoned(abandoned) => !abandoned.key.strip_prefix("charge-").is_some_and(is_old),
        Entry::Refund(refund) => !charges.contains(&refund.charge_id),
        Entry::Charge(_) => true,
    });
}
