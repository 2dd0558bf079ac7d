//! What order-service keeps of a person, and what becomes of it: their cart, where their orders went, what they declared and
//! what staff wrote about them is erased; the orders themselves are part of the books, which the law has kept. What staff wrote
//! is handed over without who wrote it, who is another person.

use crate::{
    changes::cancel,
    domain::nowhere,
    state::App,
    store::{carts, notes, people, withdrawals},
};
use service_kit::{
    Tx,
    personal_data::{BoxedError, ERASED_AT_ONCE, EXPORTED_AT_ONCE, Kind, PersonalData, Things},
};
use uuid::Uuid;

/// Orders that are cancelled by one transaction.
const CANCELLED_AT_ONCE: i64 = 50;

pub(crate) const PERSONAL_DATA: PersonalData<App> = PersonalData {
    erase: |app, tx, ids| Box::pin(erase(app, tx, ids)),
    join: |_app, tx, guest, account| {
        Box::pin(async move {
            let orders = people::join(tx, guest, account, ERASED_AT_ONCE).await?;
            Ok(orders + withdrawals::join(tx, guest, account, ERASED_AT_ONCE).await?)
        })
    },
    kinds: &[
        Kind {
            name: "orders",
            read: |_app, connection, account_id, after| {
                Box::pin(async move {
                    Ok(Things::of(people::orders(connection, account_id, after, EXPORTED_AT_ONCE).await?))
                })
            },
        },
        Kind {
            name: "order_notes",
            read: |_app, connection, account_id, after| {
                Box::pin(async move {
                    Ok(Things::of(notes::exported(connection, account_id, after, EXPORTED_AT_ONCE).await?))
                })
            },
        },
        Kind {
            name: "withdrawals",
            read: |_app, connection, account_id, after| {
                Box::pin(async move {
                    Ok(Things::of(withdrawals::exported(connection, account_id, after, EXPORTED_AT_ONCE).await?))
                })
            },
        },
        Kind {
            name: "carts",
            read: |_app, connection, account_id, after| {
                Box::pin(async move {
                    // There is one: it is all on the first page.
                    let found =
                        if after.is_none() { carts::exported(connection, account_id).await? } else { Vec::new() };
                    Ok(Things::of(found))
                })
            },
        },
    ],
};

/// What has not left goes nowhere any more: it is cancelled first, and its money goes back.
async fn erase(app: &App, tx: &mut Tx, ids: &[Uuid]) -> Result<u64, BoxedError> {
    let unfinished = people::unfinished(tx, ids, CANCELLED_AT_ONCE).await?;
    if !unfinished.is_empty() {
        let cancelled = cancel::of_erased(app, tx, &unfinished).await?;
        if cancelled > 0 {
            return Ok(cancelled);
        }
    }
    let nowhere = serde_json::to_value(nowhere())?;
    let carts = carts::forget_people(tx, ids).await?;
    let addresses = people::forget_addresses(tx, ids, &nowhere, ERASED_AT_ONCE).await?;
    // After them: whoever wrote or declared meanwhile held the order, and is seen; who comes later finds nobody's.
    let notes = notes::forget_people(tx, ids, ERASED_AT_ONCE).await?;
    let withdrawals = withdrawals::forget_people(tx, ids, ERASED_AT_ONCE).await?;
    Ok(carts + addresses + notes + withdrawals)
}
