//! The ledger. Only ever added to; the database checks at commit that each transaction sums to zero.

use crate::domain::Posting;
use contracts::{Currency, Money, OrderId, PaymentId};
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

/// The columns of the transactions.
#[derive(Default)]
struct Transactions<'b> {
    ids: Vec<Uuid>,
    kinds: Vec<&'static str>,
    sources: Vec<Uuid>,
    payments: Vec<Uuid>,
    orders: Vec<Uuid>,
    times: Vec<OffsetDateTime>,
    entries: Entries<'b>,
}

/// And those of their entries.
#[derive(Default)]
struct Entries<'b> {
    transactions: Vec<Uuid>,
    accounts: Vec<&'b str>,
    currencies: Vec<&'b str>,
    amounts: Vec<i64>,
}

fn columns(bookings: &[Booking]) -> Transactions<'_> {
    let mut columns = Transactions::default();
    for booking in bookings {
        let postings: Vec<_> = booking.postings.iter().filter(|posting| posting.amount != 0).collect();
        // Nothing is booked for an amount of zero.
        if postings.is_empty() {
            continue;
        }
        let (kind, source) = booking.source.key();
        columns.ids.push(booking.id);
        columns.kinds.push(kind);
        columns.sources.push(source);
        columns.payments.push(booking.payment_id.uuid());
        columns.orders.push(booking.order_id.uuid());
        columns.times.push(booking.at);
        for posting in postings {
            columns.entries.transactions.push(booking.id);
            columns.entries.accounts.push(posting.account.as_str());
            columns.entries.currencies.push(booking.currency.code());
            columns.entries.amounts.push(posting.amount);
        }
    }
    columns
}

/// Books transactions with their entries, by one statement: the check at the commit finds both.
pub(crate) async fn book(connection: &mut PgConnection, bookings: &[Booking]) -> Result<(), sqlx::Error> {
    let columns = columns(bookings);
    if columns.ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "WITH booked AS (
             INSERT INTO ledger_transactions (id, kind, source_id, payment_id, order_id, booked_at)
             SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::timestamptz[])
         )
         INSERT INTO ledger_entries (transaction_id, account, currency, amount)
         SELECT * FROM unnest($7::uuid[], $8::text[], $9::text[], $10::bigint[])",
        &columns.ids,
        &columns.kinds as &[&str],
        &columns.sources,
        &columns.payments,
        &columns.orders,
        &columns.times,
        &columns.entries.transactions,
        &columns.entries.accounts as &[&str],
        &columns.entries.currencies as &[&str],
        &columns.entries.amounts
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A transaction with its entries, as it stands in the books.
#[derive(Debug)]
pub(crate) struct Booked {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) source_id: Uuid,
    pub(crate) booked_at: OffsetDateTime,
    /// Account and amount, debits first.
    pub(crate) entries: Vec<(String, Money)>,
}

/// What was booked of a payment and of its refunds, oldest first: by their sources, which the books have an index for.
pub(crate) async fn of_payment(
    connection: &mut PgConnection,
    payment: PaymentId,
    refunds: &[Uuid],
) -> Result<Vec<Booked>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT booked.id, booked.kind, booked.source_id, booked.booked_at, entry.account, entry.currency, entry.amount
         FROM (SELECT 'capture' AS kind, $1::uuid AS id
               UNION ALL SELECT 'refund', refund FROM unnest($2::uuid[]) AS refund) AS source
         CROSS JOIN LATERAL (
             SELECT id, kind, source_id, booked_at FROM ledger_transactions AS one
             WHERE one.kind = source.kind AND one.source_id = source.id OFFSET 0) AS booked
         CROSS JOIN LATERAL (
             SELECT account, currency, amount FROM ledger_entries AS one
             WHERE one.transaction_id = booked.id OFFSET 0) AS entry
         ORDER BY booked.booked_at, booked.id, entry.amount DESC",
        payment.uuid(),
        refunds
    );
    let mut all: Vec<Booked> = Vec::new();
    for row in rows.fetch_all(connection).await? {
        let currency = row.currency.parse().map_err(|cause| sqlx::Error::Decode(Box::new(cause)))?;
        let entry = (row.account, Money::new(row.amount, currency));
        match all.last_mut() {
            Some(last) if last.id == row.id => last.entries.push(entry),
            _ => all.push(Booked {
                id: row.id,
                kind: row.kind,
                source_id: row.source_id,
                booked_at: row.booked_at,
                entries: vec![entry],
            }),
        }
    }
    Ok(all)
}
