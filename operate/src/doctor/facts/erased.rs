//! People who were erased: what user-service knows of it, under which ids they are found, and what is left of them although
//! a service sent its receipt.

use super::{moment::Moment, reading::Reading};
use crate::doctor::Invariant;
use contracts::ServiceName;
use sqlx::FromRow;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

#[derive(Clone, Debug, Default)]
pub(crate) struct Erased {
    pub(crate) people: Vec<Person>,
    /// Accounts, and the ids under which more of theirs was filed, of which some service was told.
    pub(crate) ids: HashSet<Uuid>,
    /// The same by service.
    pub(crate) noted: HashMap<ServiceName, HashSet<Uuid>>,
    pub(crate) left: Vec<Left>,
    /// Guests who ordered nothing and are past their time, the oldest.
    pub(crate) overdue_guests: Vec<OverdueGuest>,
}

/// A guest whose secret is over and who was not forgotten.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct OverdueGuest {
    pub(crate) id: Uuid,
    pub(crate) expires_at: Moment,
}

/// As user-service has it.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Person {
    pub(crate) account_id: Uuid,
    pub(crate) due_at: Moment,
    pub(crate) erased_at: Option<Moment>,
    /// Of the other services.
    pub(crate) receipts: i64,
}

/// Rows that should be gone.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Left {
    pub(crate) place: String,
    pub(crate) account_id: Uuid,
    pub(crate) rows: i64,
}

#[derive(FromRow)]
struct Known {
    id: Uuid,
}

pub(super) async fn people(reading: &mut Reading) -> anyhow::Result<Vec<Person>> {
    let people = "SELECT account_id, due_at, erased_at,
                      (SELECT count(*) FROM erasure_receipts AS receipt WHERE receipt.account_id = erasures.account_id)
                          AS receipts
                  FROM erasures WHERE kept_at IS NULL ORDER BY id";
    reading.rows(Invariant::Privacy, "erasures", people).await
}

/// As many as are looked at; more would say no more.
pub(super) async fn overdue_guests(reading: &mut Reading) -> anyhow::Result<Vec<OverdueGuest>> {
    let guests = "SELECT id, expires_at FROM guests WHERE mailed_at IS NULL AND expires_at < now()
                  ORDER BY expires_at LIMIT 100";
    reading.rows(Invariant::Privacy, "guests", guests).await
}

/// In the database of one service: whom it was told of, and what it has left. What came after the receipt is looked for by the
/// service itself, once no token of theirs lives.
pub(super) async fn there(reading: &mut Reading) -> anyhow::Result<(Vec<Uuid>, Vec<Left>)> {
    let known = "SELECT unnest(account_id || also) AS id FROM people_erased";
    let known: Vec<Known> = reading.rows(Invariant::Privacy, "people_erased", known).await?;
    let answers = "SELECT 'idempotency_keys' AS place, account_id, count(*) AS rows
                   FROM people_erased JOIN idempotency_keys ON owner = account_id
                   WHERE (created_at <= receipt_at OR look_at IS NULL) GROUP BY account_id";
    let mut left: Vec<Left> = reading.rows(Invariant::Privacy, "idempotency_keys", answers).await?;
    let own = match reading.service {
        ServiceName::User => {
            "SELECT 'accounts' AS place, account_id, count(*) AS rows
             FROM erasures JOIN accounts ON accounts.id = account_id WHERE erased_at IS NOT NULL GROUP BY account_id
             UNION ALL
             SELECT 'account_requests', erasures.account_id, count(*)
             FROM erasures JOIN account_requests USING (account_id) WHERE erased_at IS NOT NULL
             GROUP BY erasures.account_id
             UNION ALL
             SELECT 'guests', guests.id, count(*)
             FROM erasures JOIN guests ON guests.id = erasures.account_id WHERE erased_at IS NOT NULL GROUP BY guests.id
             UNION ALL
             SELECT 'guests', guests.account_id, count(*)
             FROM guests LEFT JOIN accounts ON accounts.id = guests.account_id
             WHERE guests.account_id IS NOT NULL AND accounts.id IS NULL GROUP BY guests.account_id"
        }
        ServiceName::Order => {
            "SELECT 'orders' AS place, account_id, count(*) AS rows
             FROM people_erased JOIN orders ON customer_id = account_id
             WHERE (orders.created_at <= receipt_at OR look_at IS NULL)
                 AND (shipping_address ->> 'name', shipping_address ->> 'country') IS DISTINCT FROM ('erased', 'ZZ')
             GROUP BY account_id
             UNION ALL
             SELECT 'carts', account_id, count(*) FROM people_erased JOIN carts USING (account_id)
             WHERE (carts.created_at <= receipt_at OR look_at IS NULL) GROUP BY account_id
             UNION ALL
             SELECT 'order_notes', account_id, count(*)
             FROM people_erased JOIN orders ON customer_id = account_id JOIN order_notes ON order_id = orders.id
             WHERE (written_at <= receipt_at OR look_at IS NULL) GROUP BY account_id
             UNION ALL
             SELECT 'withdrawals', account_id, count(*) FROM people_erased JOIN withdrawals ON declared_by = account_id
             WHERE (received_at <= receipt_at OR look_at IS NULL) GROUP BY account_id
             UNION ALL
             SELECT 'withdrawals', account_id, count(*)
             FROM people_erased JOIN orders ON customer_id = account_id JOIN withdrawals ON order_id = orders.id
             WHERE (received_at <= receipt_at OR look_at IS NULL) AND email <> '' GROUP BY account_id"
        }
        ServiceName::Notify => {
            "SELECT 'messages' AS place, people_erased.account_id, count(*) AS rows
             FROM people_erased JOIN messages ON messages.account_id = ANY (people_erased.account_id || also)
             WHERE (messages.created_at <= receipt_at OR look_at IS NULL) AND (title <> '' OR body <> '')
             GROUP BY people_erased.account_id"
        }
        ServiceName::Product | ServiceName::Payment => "",
    };
    if !own.is_empty() {
        left.extend(reading.rows::<Left>(Invariant::Privacy, "what is left of people", own).await?);
    }
    let database = reading.service.database();
    left.iter_mut().for_each(|left| left.place = format!("{database}.{}", left.place));
    Ok((known.into_iter().map(|known| known.id).collect(), left))
}
