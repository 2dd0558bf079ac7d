//! `product.person_erased`, `order.person_erased` and their like: the receipt is filed.

use crate::{Error, state::App, store::erasures};
use contracts::{
    AccountId, Event,
    events::{EventData, notification, order, payment, product},
};
use service_kit::{Committed, Tx};

/// The same of each service, as a type of its own.
pub(crate) trait Receipt: EventData {
    /// Whose it is, and how many rows held something of theirs.
    fn told(&self) -> (AccountId, i64);
}

macro_rules! receipts {
    ($($data:ty),*) => {$(
        impl Receipt for $data {
            fn told(&self) -> (AccountId, i64) {
                (self.account_id, self.rows)
            }
        }
    )*};
}

receipts!(product::PersonErased, order::PersonErased, payment::PersonErased, notification::PersonErased);

pub(crate) async fn react<T: Receipt>(_app: App, mut tx: Tx, events: Vec<Event<T>>) -> Result<Committed, Error> {
    for event in events {
        let (account_id, rows) = event.data.told();
        erasures::file_receipt(&mut tx, account_id, event.source, rows, event.time).await?;
    }
    Ok(tx.commit().await?)
}
