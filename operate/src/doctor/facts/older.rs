//! What is older than the shortest retention of the tables that are compared: it is left out everywhere, or the one half of
//! it would be looked for in vain. Stock keeps its sums.

use super::{Facts, ProviderLog, products::Before};
use contracts::ServiceName;
use provider_sim::Entry;
use service_kit::pruning::{first_id_of, time_of};
use sqlx::PgPool;
use std::collections::HashSet;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// An order's id is made by another service than its events', whose clock may differ; and rows go while it is looked.
const MARGIN: Duration = Duration::hours(1);

/// Whence it is looked: what goes by its own id, and orders with all that belongs to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Since {
    pub(crate) events: Uuid,
    pub(crate) orders: Uuid,
}

impl Since {
    pub(crate) fn of_mark(mark: Uuid) -> Self {
        time_of(mark).map_or_else(Self::default, |time| Self { events: mark, orders: first_id_of(time + MARGIN) })
    }

    /// None: from the beginning.
    pub(crate) fn time(self) -> Option<OffsetDateTime> {
        time_of(self.orders)
    }
}

/// How far the tables of a database were pruned, the furthest of them.
pub(super) async fn mark(pool: &PgPool, service: ServiceName) -> anyhow::Result<Uuid> {
    let asked = sqlx::query_scalar("SELECT up_to FROM pruned ORDER BY up_to DESC LIMIT 1").fetch_optional(pool).await;
    let mark = anyhow::Context::with_context(asked, || format!("the database of {service} cannot be read"))?;
    Ok(mark.unwrap_or_default())
}

/// Queries leave out most of it; this is what remains.
pub(crate) fn leave_out(facts: &mut Facts, since: Since) {
    facts.since = since;
    if since == Since::default() {
        return;
    }
    let is_old = |order: Uuid| order < since.orders;
    let orders = &mut facts.orders;
    let old = orders.orders.iter().filter(|order| is_old(order.id)).map(|order| order.checkout_id);
    let old_checkouts: HashSet<Uuid> = old.collect();
    orders.orders.retain(|order| !is_old(order.id));
    orders.lines.retain(|line| !is_old(line.order_id));
    orders.history.retain(|entry| !is_old(entry.order_id));
    orders.refunds.retain(|refund| !is_old(refund.order_id));
    orders.checkouts.retain(|checkout| !old_checkouts.contains(&checkout.checkout_id));
    orders.answers.retain(|answer| !answer.order_id.as_deref().is_some_and(|text| text.parse().is_ok_and(is_old)));
    leave_out_stock(facts, is_old);
    let payments = &mut facts.payments;
    payments.payments.retain(|payment| !is_old(payment.order_id));
    payments.refunds.retain(|refund| !is_old(refund.order_id));
    let old: HashSet<Uuid> =
        payments.transactions.iter().filter(|one| is_old(one.order_id)).map(|one| one.id).collect();
    payments.transactions.retain(|one| !old.contains(&one.id));
    payments.entries.retain(|entry| !old.contains(&entry.transaction_id));
    let is_old_thing = |order: Option<Uuid>, event: Uuid| order.map_or(event < since.orders, is_old);
    let notices = &mut facts.notices;
    let old = notices.messages.iter().filter(|message| is_old_thing(message.order_id, message.event_id));
    let old: HashSet<Uuid> = old.map(|message| message.id).collect();
    notices.messages.retain(|message| !old.contains(&message.id));
    notices.deliveries.retain(|delivery| !old.contains(&delivery.message_id));
    for own in facts.events.values_mut() {
        let old = own.log.iter().filter(|logged| is_old_thing(logged.order(), logged.event_id));
        facts.left_out.extend(old.map(|logged| logged.event_id));
        own.log.retain(|logged| !facts.left_out.contains(&logged.event_id));
    }
    for own in facts.events.values_mut() {
        let is_old = |id: &Uuid| *id < since.events || facts.left_out.contains(id);
        own.inbox.retain(|id, row| row.status != "done" || !is_old(id));
    }
    leave_out_entries(&mut facts.provider, is_old);
}

fn leave_out_stock(facts: &mut Facts, is_old: impl Fn(Uuid) -> bool) {
    let products = &mut facts.products;
    let (old, kept): (Vec<_>, Vec<_>) =
        std::mem::take(&mut products.movements).into_iter().partition(|one| one.order_id.is_some_and(&is_old));
    products.movements = kept;
    products.before.extend(old.into_iter().map(|one| Before {
        variant_id: one.variant_id,
        location: one.location,
        moved: one.quantity,
        reserved: 0,
    }));
    let (old, kept): (Vec<_>, Vec<_>) =
        std::mem::take(&mut products.reservations).into_iter().partition(|one| is_old(one.order_id));
    products.reservations = kept;
    let holding: HashSet<Uuid> = old.iter().filter(|one| one.holds()).map(|one| one.checkout_id).collect();
    let old: HashSet<Uuid> = old.iter().map(|one| one.checkout_id).collect();
    let held = products.lines.iter().filter(|line| holding.contains(&line.checkout_id));
    products.before.extend(held.map(|line| Before {
        variant_id: line.variant_id,
        location: line.location.clone(),
        moved: 0,
        reserved: line.quantity.into(),
    }));
    products.lines.retain(|line| !old.contains(&line.checkout_id));
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
