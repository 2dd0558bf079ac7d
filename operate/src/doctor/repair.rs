//! `ecom doctor --repair`: three named mends. First what would be done is said; `--yes` does it. The changing code is
//! the services' own (`product_service::mend` and its siblings); every mend is one transaction with its line in the
//! operator's log, and looks again, under lock, whether it is still called for.

use super::{
    Options,
    case::{Case, Whereabouts},
    facts::{self, Moment},
    invariants::stock,
};
use crate::reach::Reach;
use anyhow::Context;
use clap::ValueEnum;
use contracts::{ServiceName, events};
use service_kit::{Bus, Clock, Env, Kit, operator_log, outbox, standalone};
use std::fmt;
use uuid::Uuid;

/// What can be mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mend {
    /// Reservations that no live order holds give their stock back
    OrphanedReservation,
    /// Overdue orders are cancelled, lost events sent again, stuck payments, refunds and mails tried now
    StuckSaga,
    /// Stock is rebuilt from its movements and reservations
    Balance,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Release { checkout: Uuid, order: Uuid, status: String },
    Cancel { order: Uuid },
    SendAgain { service: ServiceName, event: Uuid, kind: String },
    TryPayment { payment: Uuid, order: Uuid },
    TryRefund { refund: Uuid, order: Uuid },
    TryMail { delivery: Uuid },
    Rebuild { variant: Uuid, location: String, sku: String, from: (i64, i64) },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Release { checkout, order, status } => {
                write!(f, "release reservation {checkout} ({status}): no live order {order} holds it")
            }
            Self::Cancel { order } => write!(f, "cancel order {order}: not paid before its deadline"),
            Self::SendAgain { service, event, kind } => {
                write!(f, "put {kind} {event} back into {service}'s outbox: a subscriber never got it")
            }
            Self::TryPayment { payment, order } => write!(f, "try payment {payment} of order {order} now"),
            Self::TryRefund { refund, order } => write!(f, "try refund {refund} of order {order} now"),
            Self::TryMail { delivery } => write!(f, "try mail {delivery} now"),
            Self::Rebuild { sku, location, from: (on_hand, reserved), .. } => {
                write!(f, "rebuild {sku} in {location} (now {on_hand} on hand, {reserved} reserved)")
            }
        }
    }
}

/// What is to be done for the given mends; for all of them when none is named.
///
/// # Errors
/// A database does not answer.
pub async fn plan(reach: &Reach, options: &Options, clock: &Clock, mend: Option<Mend>) -> anyhow::Result<Vec<Step>> {
    let facts = facts::older::read_younger(reach, options).await?;
    Ok(steps(&Case::new(&facts, options, Moment::from(clock.now())), mend))
}

pub(super) fn steps(case: &Case<'_>, mend: Option<Mend>) -> Vec<Step> {
    let wanted = |one| mend.is_none_or(|mend| mend == one);
    let mut steps = Vec::new();
    if wanted(Mend::OrphanedReservation) {
        steps.extend(orphans(case));
    }
    if wanted(Mend::StuckSaga) {
        steps.extend(stuck(case));
        steps.extend(lost(case));
    }
    if wanted(Mend::Balance) {
        steps.extend(balances(case));
    }
    steps
}

fn orphans<'a>(case: &'a Case<'_>) -> impl Iterator<Item = Step> + 'a {
    let holding = case.facts.products.reservations.iter().filter(|reservation| reservation.holds());
    let orphaned = holding.filter(|one| match case.orders.get(&one.order_id) {
        // Until it expires, a retry of the checkout may still store its order.
        None => case.is_past(one.expires_at),
        Some(order) => order.status == "cancelled" && !case.is_moving(order.id),
    });
    orphaned.map(|one| Step::Release { checkout: one.checkout_id, order: one.order_id, status: one.status.clone() })
}

fn stuck(case: &Case<'_>) -> Vec<Step> {
    let (facts, before) = (case.facts, &case.facts.open_before);
    let orders = facts.orders.orders.iter().chain(&before.orders);
    let overdue = orders.filter(|one| one.status == "pending" && case.is_past(one.deadline));
    let mut steps: Vec<_> = overdue.map(|order| Step::Cancel { order: order.id }).collect();
    let payments = facts.payments.payments.iter().chain(&before.payments);
    let payments = payments.filter(|one| one.is_open() && case.is_past(one.deadline));
    steps.extend(payments.map(|one| Step::TryPayment { payment: one.id, order: one.order_id }));
    let refunds = facts.payments.refunds.iter().chain(&before.refunds);
    let refunds = refunds.filter(|one| one.is_open() && case.is_past(one.requested_at));
    steps.extend(refunds.map(|one| Step::TryRefund { refund: one.id, order: one.order_id }));
    let mails = facts.notices.deliveries.iter().chain(&before.deliveries);
    let mails = mails.filter(|one| one.status == "waiting" && case.is_past(one.created_at));
    steps.extend(mails.map(|one| Step::TryMail { delivery: one.id }));
    steps
}

/// Events that left their outbox and are missing at a subscriber. Sending one again is harmless: its id is known.
pub(crate) fn lost(case: &Case<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    for (service, own) in &case.facts.events {
        for logged in &own.log {
            let subscribers = events::find(&logged.kind).map_or(&[][..], |known| known.subscribers);
            // Who has forgotten the order could do nothing with it.
            let forgotten = logged.order().is_some_and(|id| case.is_forgotten(id));
            let able = subscribers.iter().filter(|subscriber| !(forgotten && **subscriber == ServiceName::Order));
            let mut places = able.map(|subscriber| case.whereabouts(logged, *subscriber));
            if places.any(|place| place == Whereabouts::Lost) {
                let (event, kind) = (logged.event_id, logged.kind.clone());
                steps.push(Step::SendAgain { service: *service, event, kind });
            }
        }
    }
    steps
}

fn balances(case: &Case<'_>) -> Vec<Step> {
    let due = stock::due(case);
    let wrong = case.facts.products.levels.iter().filter(|level| {
        let due = due.get(&(level.variant_id, level.location.as_str()));
        let due = due.map_or((0, 0), |due| (due.on_hand, due.reserved));
        (i128::from(level.on_hand), i128::from(level.reserved)) != due
    });
    let rebuild = wrong.map(|level| Step::Rebuild {
        variant: level.variant_id,
        location: level.location.clone(),
        sku: level.sku.clone(),
        from: (level.on_hand, level.reserved),
    });
    rebuild.collect()
}

/// Does one step. False when it is no longer called for.
///
/// # Errors
/// A database refuses.
pub async fn carry_out(reach: &Reach, env: &Env, clock: &Clock, operator: &str, step: &Step) -> anyhow::Result<bool> {
    match step {
        Step::Release { checkout, order, .. } => {
            let (checkout, order) = ((*checkout).into(), (*order).into());
            // order-service's word first: after it, no order can be stored for this checkout any more.
            let mut tx = reach.database(ServiceName::Order).begin().await?;
            if !order_service::mend::let_go(&mut tx, clock, operator, checkout).await? {
                return Ok(false);
            }
            tx.commit().await?;
            let mut tx = reach.database(ServiceName::Product).begin().await?;
            let done = product_service::mend::release(&mut tx, clock, operator, checkout, order).await?;
            tx.commit().await?;
            Ok(done)
        }
        Step::Cancel { order } => cancel(env, clock, operator, *order).await,
        Step::SendAgain { service, event, .. } => {
            let mut tx = reach.database(*service).begin().await?;
            let done = outbox::send_again(&mut tx, (*event).into()).await?;
            if done {
                let note = "put back into the outbox: a subscriber never got it";
                operator_log::note(&mut tx, clock, operator, "repaired", &event.to_string(), note).await?;
            }
            tx.commit().await?;
            Ok(done)
        }
        Step::TryPayment { payment, .. } => {
            let mut tx = reach.database(ServiceName::Payment).begin().await?;
            let done = payment_service::mend::try_payment(&mut tx, clock, operator, (*payment).into()).await?;
            tx.commit().await?;
            Ok(done)
        }
        Step::TryRefund { refund, .. } => {
            let mut tx = reach.database(ServiceName::Payment).begin().await?;
            let done = payment_service::mend::try_refund(&mut tx, clock, operator, (*refund).into()).await?;
            tx.commit().await?;
            Ok(done)
        }
        Step::TryMail { delivery } => {
            let mut tx = reach.database(ServiceName::Notify).begin().await?;
            let done = notify_service::mend::try_delivery(&mut tx, clock, operator, *delivery).await?;
            tx.commit().await?;
            Ok(done)
        }
        Step::Rebuild { variant, location, .. } => {
            let mut tx = reach.database(ServiceName::Product).begin().await?;
            let variant = (*variant).into();
            let rebuilt = product_service::mend::rebuild_balance(&mut tx, clock, operator, variant, location).await;
            let done =
                rebuilt.context("more may be held than there is: bring stock in, or release reservations first")?;
            tx.commit().await?;
            Ok(done)
        }
    }
}

/// Announces as well, so that it needs order-service's own kit; the event is relayed by the running service.
async fn cancel(env: &Env, clock: &Clock, operator: &str, order: Uuid) -> anyhow::Result<bool> {
    let (kit, config) = order_service(env, clock).await?;
    let done = order_service::mend::cancel_overdue(&kit, &config, operator, order.into()).await;
    kit.database.close().await;
    Ok(done?)
}

/// order-service's own kit, for what announces as well. Whoever opens it closes its database.
pub(crate) async fn order_service(env: &Env, clock: &Clock) -> anyhow::Result<(Kit, order_service::Config)> {
    let (settings, env) = standalone::settings_of(ServiceName::Order, env.clone())?;
    let config = order_service::Config::read(settings, &env)?;
    let kit = Kit::open(config.kit.clone(), &order_service::MIGRATIONS, Bus::Elsewhere, clock.clone()).await?;
    Ok((kit, config))
}
