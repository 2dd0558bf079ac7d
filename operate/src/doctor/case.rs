//! The facts put in order for judging: who belongs to whom, and what is still on its way.

use super::{
    Options,
    facts::{Facts, Logged, Moment, Order, Payment, Refund, Reservation, products::ReservationLine},
};
use contracts::{ServiceName, events};
use service_kit::bus::{PREFETCH, TOGETHER};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use uuid::Uuid;

pub(crate) struct Case<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) options: &'a Options,
    pub(crate) now: Moment,
    pub(crate) orders: HashMap<Uuid, &'a Order>,
    /// By order.
    pub(crate) payments: HashMap<Uuid, &'a Payment>,
    /// By order.
    pub(crate) refunds: HashMap<Uuid, Vec<&'a Refund>>,
    /// By checkout.
    pub(crate) reservations: HashMap<Uuid, &'a Reservation>,
    /// By order: one each, unless something is wrong.
    pub(crate) reservations_of: HashMap<Uuid, Vec<&'a Reservation>>,
    /// By checkout.
    reserved_lines: HashMap<Uuid, Vec<&'a ReservationLine>>,
    /// Every announced event, and who announced it.
    pub(crate) events: HashMap<Uuid, (ServiceName, &'a Logged)>,
    announced: HashMap<(&'a str, Uuid), Vec<&'a Logged>>,
    /// Events that reached a subscriber neither by now nor by what its queue still holds.
    lost: HashSet<(Uuid, ServiceName)>,
    /// Orders that changed within the grace, or that some event still travels for.
    moving: HashSet<Uuid>,
    /// Orders that payment-service knows and order-service never heard of, as after a restored backup.
    forgotten: HashSet<Uuid>,
}

/// Clocks of two machines may differ by so much.
const SKEW: Duration = Duration::from_secs(5);

/// Where a logged event is, seen from one of its subscribers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    Arrived,
    /// In the outbox, in the broker's queue, or announced a moment ago.
    UnderWay,
    Lost,
}

impl<'a> Case<'a> {
    pub(crate) fn new(facts: &'a Facts, options: &'a Options, now: Moment) -> Self {
        let mut refunds: HashMap<Uuid, Vec<&Refund>> = HashMap::new();
        for refund in &facts.payments.refunds {
            refunds.entry(refund.order_id).or_default().push(refund);
        }
        let mut reservations_of: HashMap<Uuid, Vec<&Reservation>> = HashMap::new();
        for reservation in &facts.products.reservations {
            reservations_of.entry(reservation.order_id).or_default().push(reservation);
        }
        let mut reserved_lines: HashMap<Uuid, Vec<&ReservationLine>> = HashMap::new();
        for line in &facts.products.lines {
            reserved_lines.entry(line.checkout_id).or_default().push(line);
        }
        let (mut events, mut announced): (HashMap<_, _>, HashMap<_, Vec<&Logged>>) = Default::default();
        for (service, logged) in
            facts.events.iter().flat_map(|(service, own)| own.log.iter().map(|one| (*service, one)))
        {
            events.insert(logged.event_id, (service, logged));
            announced.entry((logged.kind.as_str(), logged.subject)).or_default().push(logged);
        }
        let mut case = Self {
            facts,
            options,
            now,
            orders: facts.orders.orders.iter().map(|order| (order.id, order)).collect(),
            payments: facts.payments.payments.iter().map(|payment| (payment.order_id, payment)).collect(),
            refunds,
            reservations: facts.products.reservations.iter().map(|one| (one.checkout_id, one)).collect(),
            reservations_of,
            reserved_lines,
            events,
            announced,
            lost: HashSet::new(),
            moving: HashSet::new(),
            forgotten: HashSet::new(),
        };
        case.lost = ServiceName::ALL.into_iter().flat_map(|subscriber| case.find_lost(subscriber)).collect();
        case.moving = case.find_moving();
        case.forgotten = case.find_forgotten();
        case
    }

    /// A deadline that passed, with the grace on top.
    pub(crate) fn is_past(&self, deadline: Moment) -> bool {
        deadline < self.now.back(self.options.grace)
    }

    /// Too new to judge. Without grace nothing is.
    pub(crate) fn is_fresh(&self, at: Moment) -> bool {
        !self.options.grace.is_zero() && at > self.now.back(self.options.grace)
    }

    /// Younger than this examination. What was caused by a row of ours before it began, was so after that row was
    /// committed: the row must be seen.
    pub(crate) fn is_younger(&self, at: Moment) -> bool {
        !self.options.grace.is_zero() && at > self.now.back(self.options.grace.min(SKEW))
    }

    /// Whether order-service has forgotten an order that payment-service knows. It is named once, where the money is.
    pub(crate) fn is_forgotten(&self, order: Uuid) -> bool {
        self.forgotten.contains(&order)
    }

    /// Whether an event is older than what is looked at, or about an older order.
    pub(crate) fn was_left_out(&self, event: Uuid) -> bool {
        event < self.facts.since.events || self.facts.left_out.contains(&event)
    }

    /// Whether an order is older than what is looked at, so that it was left out, there or not.
    pub(crate) fn is_older(&self, order: Uuid) -> bool {
        order < self.facts.since.orders
    }

    /// Whether what concerns this order may still be on its way from one database to another.
    pub(crate) fn is_moving(&self, order: Uuid) -> bool {
        self.moving.contains(&order)
    }

    /// The events of one type about one subject.
    pub(crate) fn announced(&self, kind: &'a str, subject: Uuid) -> &[&'a Logged] {
        self.announced.get(&(kind, subject)).map_or(&[], Vec::as_slice)
    }

    /// What a checkout's reservation took.
    pub(crate) fn reserved_lines(&self, checkout: Uuid) -> &[&'a ReservationLine] {
        self.reserved_lines.get(&checkout).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn whereabouts(&self, event: &Logged, subscriber: ServiceName) -> Whereabouts {
        if self.has_arrived(event, subscriber) {
            return Whereabouts::Arrived;
        }
        if self.lost.contains(&(event.event_id, subscriber)) { Whereabouts::Lost } else { Whereabouts::UnderWay }
    }

    fn has_arrived(&self, event: &Logged, subscriber: ServiceName) -> bool {
        let inbox = self.facts.events.get(&subscriber).map(|own| &own.inbox);
        !event.pending && inbox.is_some_and(|inbox| inbox.contains_key(&event.event_id))
    }

    /// What a subscriber lacks, less as many as its queue may hold: which those are the broker does not say, so the
    /// newest are taken for them.
    fn find_lost(&self, subscriber: ServiceName) -> Vec<(Uuid, ServiceName)> {
        let lacking = self.events.values().map(|(_, logged)| *logged).filter(|logged| {
            let subscribers = events::find(&logged.kind).map_or(&[][..], |known| known.subscribers);
            let left = !logged.pending && !self.is_fresh(logged.announced_at);
            left && subscribers.contains(&subscriber) && !self.has_arrived(logged, subscriber)
        });
        let mut lacking: Vec<_> = lacking.map(|logged| (logged.announced_at, logged.event_id)).collect();
        lacking.sort_unstable();
        let waiting = self.facts.broker.waiting.get(&subscriber).copied().unwrap_or_default();
        // Those a consumer has in hand the broker does not count, and it counts messages, which may hold several events.
        let messages =
            if waiting == 0 { 0 } else { usize::try_from(waiting + u64::from(PREFETCH)).unwrap_or(usize::MAX) };
        let held = messages.saturating_mul(TOGETHER);
        lacking.truncate(lacking.len().saturating_sub(held));
        lacking.into_iter().map(|(_, id)| (id, subscriber)).collect()
    }

    fn find_forgotten(&self) -> HashSet<Uuid> {
        let payments = self.facts.payments.payments.iter();
        let unknown = payments.filter(|payment| {
            let order = payment.order_id;
            !self.orders.contains_key(&order)
                && self.announced("order.created", order).is_empty()
                && !self.is_younger(payment.created_at)
        });
        unknown.map(|payment| payment.order_id).collect()
    }

    fn find_moving(&self) -> HashSet<Uuid> {
        let mut moving = HashSet::new();
        if self.options.grace.is_zero() {
            return moving;
        }
        let facts = self.facts;
        moving.extend(facts.orders.orders.iter().filter(|one| self.is_fresh(one.updated_at)).map(|one| one.id));
        let payments = facts.payments.payments.iter().filter(|one| self.is_fresh(one.updated_at));
        moving.extend(payments.map(|one| one.order_id));
        let refunds = facts.payments.refunds.iter();
        let fresh = |refund: &&Refund| refund.completed_at.is_none_or(|at| self.is_fresh(at));
        moving.extend(refunds.filter(fresh).map(|one| one.order_id));
        let reservations = facts.products.reservations.iter().filter(|one| self.is_fresh(one.changed_at));
        moving.extend(reservations.map(|one| one.order_id));
        for (service, own) in &facts.events {
            let waiting = own.inbox.values().filter(|row| row.status == "waiting").map(|row| row.event_id);
            moving.extend(waiting.filter_map(|id| self.events.get(&id)?.1.order()));
            for logged in &own.log {
                let subscribers = events::find(&logged.kind).map_or(&[][..], |known| known.subscribers);
                let known = events::find(&logged.kind).is_some_and(|known| known.announced_by == *service);
                let mut places = subscribers.iter().map(|subscriber| self.whereabouts(logged, *subscriber));
                if known && places.any(|place| place == Whereabouts::UnderWay) {
                    moving.extend(logged.order());
                }
            }
        }
        moving
    }
}
