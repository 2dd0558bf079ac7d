//! Doing one step, through the services' own code, with its line in the operator's log.

use super::{plan::ORDERS, step::Step};
use crate::{doctor::repair, reach::Reach};
use anyhow::Context;
use contracts::ServiceName;
use order_service::mend::Remembered;
use service_kit::{Clock, Env};
use std::collections::HashSet;
use uuid::Uuid;

/// Does one step. False when it is no longer called for.
///
/// # Errors
/// A database or the provider refuses, or does not answer.
pub async fn carry_out(reach: &Reach, env: &Env, clock: &Clock, operator: &str, step: &Step) -> anyhow::Result<bool> {
    match step {
        Step::MoveNumbers { to, .. } => {
            let mut tx = reach.database(ORDERS).begin().await?;
            let moved = order_service::mend::move_numbers(&mut tx, clock, operator, *to).await?;
            tx.commit().await?;
            Ok(moved)
        }
        Step::Remember(lost) => remember(reach, clock, operator, lost).await,
        Step::Repair(step) => repair::carry_out(reach, env, clock, operator, step).await,
        Step::Cancel { order, .. } => {
            let (kit, config) = repair::order_service(env, clock).await?;
            let done = order_service::mend::cancel_remembered(&kit, &config, operator, (*order).into()).await;
            kit.database.close().await;
            Ok(done?)
        }
        Step::Acknowledge { key, what } => {
            let mut tx = reach.database(ServiceName::Payment).begin().await?;
            let done = payment_service::mend::acknowledge(&mut tx, clock, operator, key, what).await?;
            tx.commit().await?;
            Ok(done)
        }
        Step::GiveBack { charge, amount, .. } => {
            let provider =
                reach.provider_url.as_ref().context("where the provider is is not known: set PROVIDER_URL")?;
            let refund = payment_service::mend::give_back(provider, charge, *amount).await?;
            let mut tx = reach.database(ServiceName::Payment).begin().await?;
            let note = format!("{amount} given back as {refund}: a backup was restored that its payment is not in");
            service_kit::operator_log::note(&mut tx, clock, operator, "refunded", charge, &note).await?;
            tx.commit().await?;
            Ok(true)
        }
    }
}

/// The databases are read one after the other: what was announced in between is no loss.
async fn remember(reach: &Reach, clock: &Clock, operator: &str, lost: &Remembered) -> anyhow::Result<bool> {
    let mut tx = reach.database(ORDERS).begin().await?;
    let ids: Vec<Uuid> = lost.events.iter().map(|told| told.id.uuid()).collect();
    let known: Vec<Uuid> = sqlx::query_scalar("SELECT event_id FROM event_log WHERE event_id = ANY($1)")
        .bind(&ids)
        .fetch_all(&mut *tx)
        .await?;
    let known: HashSet<Uuid> = known.into_iter().collect();
    let mut lost = lost.clone();
    lost.events.retain(|told| !known.contains(&told.id.uuid()));
    if lost.events.is_empty() {
        return Ok(false);
    }
    let done = order_service::mend::remember(&mut tx, clock, operator, &lost).await?;
    tx.commit().await?;
    Ok(done)
}
