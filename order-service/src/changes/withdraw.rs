//! Somebody declares that they withdraw from a contract, and staff close what they have seen to. The order itself is cancelled
//! or given money back for by its own way.

use crate::{
    domain::{Declaration, nowhere},
    error::Error,
    state::App,
    store::withdrawals::{self, WithdrawalRow},
};
use contracts::{AccountId, WithdrawalId, api::withdrawal::WithdrawalReceivedView, events::order::WithdrawalDeclared};
use serde_json::{Value, json};
use service_kit::{Cause, KitError, Tx};
use std::collections::HashMap;
use uuid::Uuid;

/// Each is stored and announced, whether there is such an order or not.
pub(crate) async fn declare(
    app: &App,
    tx: &mut Tx,
    wanted: Vec<(Cause, Declaration)>,
) -> Result<Vec<Result<WithdrawalReceivedView, Error>>, Error> {
    let received_at = app.kit.clock.now();
    let numbers: Vec<i64> = wanted.iter().filter_map(|(_, declaration)| declaration.number()).collect();
    let nowhere = serde_json::to_value(nowhere()).map_err(KitError::from)?;
    let orders = withdrawals::hold_orders(tx, &numbers, &nowhere).await?;
    let order_of = |declaration: &Declaration| orders.get(&declaration.number()?).copied();
    let rows: Vec<WithdrawalRow> = wanted
        .iter()
        .map(|(_, declaration)| WithdrawalRow {
            id: app.kit.clock.new_id(),
            order_number: declaration.order_number.clone(),
            order_id: order_of(declaration).map(|(order_id, _)| order_id.uuid()),
            customer_id: None,
            declared_by: declaration.declared_by,
            name: declaration.name.clone(),
            email: declaration.email.as_str().to_owned(),
            reason: declaration.reason.clone(),
            received_at,
            closed_at: None,
            closed_by: None,
            outcome: None,
        })
        .collect();
    withdrawals::insert(tx, &rows).await?;
    let mut told = Vec::with_capacity(rows.len());
    for ((cause, declaration), row) in wanted.iter().zip(rows) {
        let id = WithdrawalId::from(row.id);
        let declarer = declaration.declared_by.map(AccountId::from);
        // Whoever names a stranger's order learns nothing of it.
        let order = order_of(declaration).filter(|(_, customer)| declarer.is_none_or(|declarer| declarer == *customer));
        let declared = WithdrawalDeclared {
            withdrawal_id: id,
            customer_id: declarer.or(order.map(|(_, customer)| customer)),
            order_id: order.map(|(order_id, _)| order_id),
            number: declaration.number(),
            received_at,
        };
        let journey = order.map(|(order_id, _)| order_id.uuid());
        app.kit.announce(tx, &Cause { correlation_id: journey, ..cause.clone() }, 1, declared)?;
        told.push(Ok(WithdrawalReceivedView { id, received_at }));
    }
    Ok(told)
}

/// That somebody of the staff has seen to a declaration.
#[derive(Clone)]
pub(crate) struct Closing {
    pub(crate) id: WithdrawalId,
    pub(crate) by: Uuid,
    pub(crate) outcome: String,
}

/// Each as it stands then. Who closes one again in the same words changes nothing.
pub(crate) async fn close(
    app: &App,
    tx: &mut Tx,
    wanted: Vec<(Cause, Closing)>,
) -> Result<Vec<Result<WithdrawalRow, Error>>, Error> {
    let now = app.kit.clock.now();
    let ids: Vec<Uuid> = wanted.iter().map(|(_, closing)| closing.id.uuid()).collect();
    let known = withdrawals::lock(tx, &ids).await?;
    let mut known: HashMap<Uuid, WithdrawalRow> = known.into_iter().map(|row| (row.id, row)).collect();
    let mut closed = Vec::new();
    let mut told = Vec::with_capacity(wanted.len());
    for (cause, Closing { id, by, outcome }) in wanted {
        let Some(row) = known.get_mut(&id.uuid()) else {
            told.push(Err(Error::NoWithdrawal));
            continue;
        };
        // Of who was erased nothing more is written.
        let outcome = if row.email.is_empty() { String::new() } else { outcome };
        if row.closed_at.is_none() {
            (row.closed_at, row.closed_by, row.outcome) = (Some(now), Some(by), Some(outcome.clone()));
            app.kit.audit_by(tx, &cause, "withdrawal.closed", id, (Value::Null, json!({ "closed": true })));
            closed.push(row.clone());
        }
        let is_theirs = row.closed_by == Some(by) && row.outcome.as_ref() == Some(&outcome);
        told.push(if is_theirs { Ok(row.clone()) } else { Err(Error::WithdrawalClosed) });
    }
    withdrawals::close(tx, &closed).await?;
    Ok(told)
}
