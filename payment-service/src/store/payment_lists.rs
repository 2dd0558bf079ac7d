//! Lists of payments: a statement for each kind of list, so that each walks its own index whatever the planner thinks.

use super::payment_row::{Row, Stored, payment_rows};
use contracts::{PaymentId, api::payment::PaymentStatus};
use service_kit::auth::Viewer;
use sqlx::PgConnection;
use uuid::Uuid;

/// So many payments a list by status looks through at a time.
const AT_ONCE: i64 = 30_000;

/// Some of a list.
#[derive(Debug)]
pub(crate) struct Found {
    /// Newest first.
    pub(crate) payments: Vec<Stored>,
    /// It was looked no further than to this one, which may be none of them.
    pub(crate) looked_to: Option<PaymentId>,
}

/// Newest first, from below `before`; of one status, or of any.
pub(crate) async fn list(
    connection: &mut PgConnection,
    viewer: Viewer,
    status: Option<PaymentStatus>,
    before: Option<PaymentId>,
    limit: i64,
) -> Result<Found, sqlx::Error> {
    let before = before.map_or(Uuid::max(), Uuid::from);
    let mut looked_to = None;
    let rows: Vec<Row> = match (viewer, status) {
        (Viewer::Staff, None) => {
            payment_rows!("SELECT", "FROM payments WHERE id < $1 ORDER BY id DESC LIMIT $2", before, limit)
                .fetch_all(connection)
                .await?
        }
        (Viewer::Staff, Some(status @ (PaymentStatus::Created | PaymentStatus::Unknown))) => {
            open(connection, status, before, limit).await?
        }
        (Viewer::Staff, Some(status)) => {
            let floor = look_to(connection, before).await?;
            looked_to = floor.map(PaymentId::from);
            settled(connection, status, before, floor.unwrap_or_default(), limit).await?
        }
        (Viewer::Customer(owner), None) => {
            payment_rows!(
                "SELECT",
                "FROM payments WHERE customer_id = $3 AND id < $1 ORDER BY id DESC LIMIT $2",
                before,
                limit,
                owner.uuid()
            )
            .fetch_all(connection)
            .await?
        }
        (Viewer::Customer(owner), Some(status)) => {
            payment_rows!(
                "SELECT",
                "FROM payments WHERE customer_id = $3 AND id < $1 AND status || '' = $4 ORDER BY id DESC LIMIT $2",
                before,
                limit,
                owner.uuid(),
                status.as_str()
            )
            .fetch_all(connection)
            .await?
        }
    };
    let payments = rows.into_iter().map(Stored::try_from).collect::<Result<_, _>>()?;
    Ok(Found { payments, looked_to })
}

/// By the index of those that are open, of which there are few: ids as text, which are in the same order, leave no other.
async fn open(
    connection: &mut PgConnection,
    status: PaymentStatus,
    before: Uuid,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    payment_rows!(
        "SELECT",
        r#"FROM payments WHERE id = ANY (ARRAY (
             SELECT one.id FROM payments AS one
             WHERE one.status IN ('created', 'unknown') AND one.status || '' = $1
                 AND one.id::text COLLATE "C" < $2::uuid::text
             ORDER BY one.id::text COLLATE "C" DESC LIMIT $3))
         ORDER BY id DESC"#,
        status.as_str(),
        before,
        limit
    )
    .fetch_all(connection)
    .await
}

/// The payment down to which so many lie; none where fewer do.
async fn look_to(connection: &mut PgConnection, before: Uuid) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!("SELECT id FROM payments WHERE id < $1 ORDER BY id DESC OFFSET $2 LIMIT 1", before, AT_ONCE - 1)
        .fetch_optional(connection)
        .await
}

/// An index by status would be paid for by each payment, for lists that are asked for by hand.
async fn settled(
    connection: &mut PgConnection,
    status: PaymentStatus,
    before: Uuid,
    floor: Uuid,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    payment_rows!(
        "SELECT",
        "FROM payments WHERE id < $1 AND id >= $2 AND status || '' = $3 ORDER BY id DESC LIMIT $4",
        before,
        floor,
        status.as_str(),
        limit
    )
    .fetch_all(connection)
    .await
}
