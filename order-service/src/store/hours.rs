//! Orders by the hour they were placed in: counted once, when nothing of it changes any more.

use contracts::{Currency, Money};
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// An hour's, or a day's, of one currency.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub(crate) currency: String,
    pub(crate) orders: i64,
    pub(crate) paid: i64,
    pub(crate) declined: i64,
    /// Minor units; as much as fits into one number.
    pub(crate) revenue: i64,
}

impl Counted {
    pub(crate) fn money(&self) -> Option<Money> {
        self.currency.parse::<Currency>().ok().map(|currency| Money::new(self.revenue, currency))
    }
}

/// The orders with these ids, as they stand.
pub(crate) async fn count(
    connection: &mut PgConnection,
    since: Uuid,
    before: Uuid,
) -> Result<Vec<Counted>, sqlx::Error> {
    sqlx::query_as!(
        Counted,
        r#"SELECT currency, count(*) AS "orders!", count(paid_at) AS "paid!",
               count(*) FILTER (WHERE cancel_reason = 'payment_declined') AS "declined!",
               least(coalesce(sum(total) FILTER (WHERE paid_at IS NOT NULL), 0), 9223372036854775807)::bigint AS "revenue!"
           FROM orders WHERE id >= $1 AND id < $2 GROUP BY currency ORDER BY currency"#,
        since,
        before
    )
    .fetch_all(connection)
    .await
}

/// Keeps an hour's; one that another instance has kept stays.
pub(crate) async fn keep(
    connection: &mut PgConnection,
    hour: OffsetDateTime,
    counted: &[Counted],
) -> Result<(), sqlx::Error> {
    let currencies: Vec<&str> = counted.iter().map(|one| &*one.currency).collect();
    let orders: Vec<i64> = counted.iter().map(|one| one.orders).collect();
    let paid: Vec<i64> = counted.iter().map(|one| one.paid).collect();
    let declined: Vec<i64> = counted.iter().map(|one| one.declined).collect();
    let revenue: Vec<i64> = counted.iter().map(|one| one.revenue).collect();
    sqlx::query!(
        "INSERT INTO order_hours (hour, currency, orders, paid, declined, revenue)
         SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
         ON CONFLICT (hour, currency) DO NOTHING",
        hour,
        &currencies as &[&str],
        &orders,
        &paid,
        &declined,
        &revenue
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The last that is kept.
pub(crate) async fn last(connection: &mut PgConnection) -> Result<Option<OffsetDateTime>, sqlx::Error> {
    sqlx::query_scalar!("SELECT hour FROM order_hours ORDER BY hour DESC LIMIT 1").fetch_optional(connection).await
}

/// The first order from there on.
pub(crate) async fn first_order(connection: &mut PgConnection, since: Uuid) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!("SELECT id FROM orders WHERE id >= $1 ORDER BY id LIMIT 1", since)
        .fetch_optional(connection)
        .await
}

/// Days of kept hours, in UTC, from an hour on.
pub(crate) async fn days(
    connection: &mut PgConnection,
    since: OffsetDateTime,
) -> Result<Vec<(Date, Counted)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT (hour AT TIME ZONE 'UTC')::date AS "day!", currency, sum(orders)::bigint AS "orders!",
               sum(paid)::bigint AS "paid!", sum(declined)::bigint AS "declined!",
               least(sum(revenue), 9223372036854775807)::bigint AS "revenue!"
           FROM order_hours WHERE hour >= $1 GROUP BY 1, 2 ORDER BY 1, 2"#,
        since
    );
    let rows = rows.fetch_all(connection).await?.into_iter().map(|row| {
        let (currency, orders, paid) = (row.currency, row.orders, row.paid);
        (row.day, Counted { currency, orders, paid, declined: row.declined, revenue: row.revenue })
    });
    Ok(rows.collect())
}

/// What waits for somebody's hand.
pub(crate) struct Waiting {
    /// Paid, and not fulfilled.
    pub(crate) paid: i64,
    /// Pending past their deadline.
    pub(crate) overdue: i64,
}

/// Counted up to `most` each.
pub(crate) async fn waiting(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    most: i64,
) -> Result<Waiting, sqlx::Error> {
    sqlx::query_as!(
        Waiting,
        r#"SELECT (SELECT count(*) FROM (SELECT FROM orders WHERE status = 'paid' LIMIT $2) AS counted) AS "paid!",
               (SELECT count(*) FROM (
                   SELECT FROM orders WHERE status = 'pending' AND deadline < $1 LIMIT $2) AS counted) AS "overdue!""#,
        now,
        most
    )
    .fetch_one(connection)
    .await
}
