//! The ledger. Only ever added to; the database checks at commit that each transaction sums to zero.

use crate::domain::Posting;
use contracts::{Currency, OrderId, PaymentId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// What is booked; with the id of its source the key under which it is booked once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Capture(PaymentId),
    Refund(contracts::RefundId),
}

impl Source {
    fn key(self) -> (&'static str, Uuid) {
        match self {
            Self::Capture(id) => ("capture", id.uuid()),
            Self::Refund(id) => ("refund", id.uuid()),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Booking {
    pub(crate) id: Uuid,
    pub(crate) source: Source,
    pub(crate) payment_id: PaymentId,
    pub(crate) order_id: OrderId,
    pub(crate) currency: Currency,
    pub(crate) postings: [Posting; 2],
    pub(crate) at: OffsetDateTime,
}

/// Books one transaction. Nothing is booked for an amount of zero.
pub(crate) async fn book(connection: &mut PgConnection, booking: &Booking) -> Result<(), sqlx::Error> {
    let postings = booking.postings.iter().filter(|posting| posting.amount != 0);
    let (accounts, amounts): (Vec<String>, Vec<i64>) =
        postings.map(|posting| (posting.account.as_str().to_owned(), posting.amount)).unzip();
    if amounts.is_empty() {
        return Ok(());
    }
    let (kind, source_id) = booking.source.key();
    sqlx::query!(
        "WITH booked AS (
             INSERT INTO ledger_transactions (id, kind, source_id, payment_id, order_id, booked_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             RETURNING id
         )
         INSERT INTO ledger_entries (transaction_id, account, currency, amount)
         SELECT booked.id, entry.account, $7, entry.amount
         FROM booked, unnest($8::text[], $9::bigint[]) AS entry (account, amount)",
        booking.id,
        kind,
        source_id,
        booking.payment_id.uuid(),
        booking.order_id.uuid(),
        booking.at,
        booking.currency.code(),
        &accounts,
        &amounts
    )
    .execute(connection)
    .await?;
    Ok(())
}
