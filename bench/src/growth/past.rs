//! Past orders, as copies of one that was paid, mailed and sent, by INSERT … SELECT; and the marks that say that their
//! events were pruned.

use crate::{
    copies::{self, Template},
    platform::Platform,
    reads::analyse,
};
use anyhow::{Context, ensure};
use contracts::ServiceName;
use operate::terminal::say;
use service_kit::{Clock, pruning::first_id_of};
use sqlx::{AssertSqlSafe, PgPool};
use std::time::Instant;
use uuid::Uuid;

/// Of the other past orders; each has had about a hundred of ten million.
const CUSTOMERS: i64 = 100_000;
/// One order in so many is the second buyer's, who has ordered for years.
const REGULAR: i64 = 1_000;
/// Rows of one statement.
const STEP: i64 = 50_000;

const ORDER: u8 = 3;
const CHECKOUT: u8 = 4;
const CUSTOMER: u8 = 5;
const PAYMENT: u8 = 6;
const BOOKED: u8 = 7;
/// And the two that follow, one for each of an order's messages.
const MESSAGE: u8 = 10;
const EVENT: u8 = 20;
const DELIVERY: u8 = 30;

type Words = Vec<(String, String)>;

/// What is copied.
struct Past<'a> {
    platform: &'a Platform,
    order: Uuid,
    /// Of order, checkout and customer.
    words: Words,
    orders: i64,
}

/// The id of a copy.
///
/// # Errors
/// The database does not answer.
pub(super) async fn order(platform: &Platform, nth: i64) -> anyhow::Result<Uuid> {
    let query = AssertSqlSafe(format!("SELECT {}::uuid", copies::id(ORDER, &nth.to_string())));
    Ok(sqlx::query_scalar(query).fetch_one(platform.watch(ServiceName::Order)).await?)
}

/// Seconds it took.
///
/// # Errors
/// The databases refuse it, or the template is not what it should be.
pub(super) async fn seed(platform: &Platform, template: &Uuid, orders: i64, told: i64) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let query = "SELECT checkout_id, customer_id FROM orders WHERE id = $1";
    let (checkout, customer): (Uuid, Uuid) =
        sqlx::query_as(query).bind(template).fetch_one(platform.watch(ServiceName::Order)).await?;
    let some = buyer(platform, "buyer-0@example.com").await?;
    let many = buyer(platform, "buyer-1@example.com").await?;
    let customers = format!(
        "CASE WHEN nth % {REGULAR} = 0 THEN '{many}' WHEN nth % {CUSTOMERS} = 1 THEN '{some}' ELSE {} END",
        copies::id(CUSTOMER, &format!("(nth % {CUSTOMERS})"))
    );
    let words = vec![
        (template.to_string(), copies::id(ORDER, "nth")),
        (checkout.to_string(), copies::id(CHECKOUT, "nth")),
        (customer.to_string(), customers),
    ];
    let past = Past { platform, order: *template, words, orders };
    past.orders(checkout).await?;
    past.stock(checkout).await?;
    past.payments().await?;
    past.messages(told.min(orders)).await?;
    for service in ServiceName::ALL {
        forget(platform.watch(service)).await?;
        analyse(platform.watch(service)).await?;
    }
    sqlx::raw_sql("CHECKPOINT").execute(platform.watch(ServiceName::Order)).await?;
    Ok(begun.elapsed().as_secs_f64())
}

async fn buyer(platform: &Platform, email: &str) -> anyhow::Result<Uuid> {
    let query = sqlx::query_scalar("SELECT id FROM accounts WHERE email_key = $1").bind(email);
    query.fetch_one(platform.watch(ServiceName::User)).await.context("a buyer's account")
}

/// Retention has done its work: what is from before the bench was pruned.
async fn forget(pool: &PgPool) -> anyhow::Result<()> {
    let mark = first_id_of(Clock::system().now() - time::Duration::days(1));
    sqlx::query("UPDATE pruned SET up_to = $1").bind(mark).execute(pool).await?;
    Ok(())
}

impl Past<'_> {
    /// The rows of a table that belong to the template, again and again.
    async fn copy(
        &self,
        service: ServiceName,
        (table, rows, set): (&str, String, &str),
        more: &[(String, String)],
        from: i64,
    ) -> anyhow::Result<()> {
        say(format!("  {table} …"));
        let words: Words = more.iter().chain(&self.words).cloned().collect();
        for begin in (from..self.orders).step_by(usize::try_from(STEP)?) {
            let end = (begin + STEP).min(self.orders) - 1;
            let template = Template { table, rows: rows.clone(), words: &words, set };
            copies::make(self.platform.watch(service), &template, begin, end).await?;
        }
        Ok(())
    }

    async fn orders(&self, checkout: Uuid) -> anyhow::Result<()> {
        let order = self.order;
        for copied in [
            // Numbers below those that the sequence gives.
            ("orders", format!("original.id = '{order}'"), "jsonb_build_object('number', -nth)"),
            ("order_lines", format!("original.order_id = '{order}'"), "'{}'::jsonb"),
            ("order_history", format!("original.order_id = '{order}'"), "'{}'::jsonb"),
            ("checkouts", format!("original.checkout_id = '{checkout}'"), "'{}'::jsonb"),
        ] {
            self.copy(ServiceName::Order, copied, &[], 0).await?;
        }
        Ok(())
    }

    /// What was sent is replaced by one delivery, so that as much is on hand as before.
    async fn stock(&self, checkout: Uuid) -> anyhow::Result<()> {
        let of_checkout = format!("original.checkout_id = '{checkout}'");
        for copied in [
            ("reservations", of_checkout.clone(), "'{}'::jsonb"),
            ("reservation_lines", of_checkout, "'{}'::jsonb"),
            ("stock_movements", format!("original.order_id = '{}'", self.order), "'{}'::jsonb"),
        ] {
            self.copy(ServiceName::Product, copied, &[], 0).await?;
        }
        let restocked = "INSERT INTO stock_movements (variant_id, location, kind, quantity, at)
                         SELECT variant_id, location, 'restocked', -quantity * $2, now()
                         FROM stock_movements WHERE order_id = $1";
        let pool = self.platform.watch(ServiceName::Product);
        sqlx::query(restocked).bind(self.order).bind(self.orders).execute(pool).await?;
        Ok(())
    }

    async fn payments(&self) -> anyhow::Result<()> {
        let order = self.order;
        let query = "SELECT payments.id, ledger_transactions.id, order_number
                     FROM payments JOIN ledger_transactions ON payment_id = payments.id WHERE payments.order_id = $1";
        let pool = self.platform.watch(ServiceName::Payment);
        let (payment, booked, _): (Uuid, Uuid, i64) = sqlx::query_as(query).bind(order).fetch_one(pool).await?;
        let more = [(payment.to_string(), copies::id(PAYMENT, "nth")), (booked.to_string(), copies::id(BOOKED, "nth"))];
        let set = "jsonb_build_object('order_number', -nth, 'provider_reference', 'past_' || nth)";
        for copied in [
            ("payments", format!("original.id = '{payment}'"), set),
            ("ledger_transactions", format!("original.id = '{booked}'"), "'{}'::jsonb"),
            ("ledger_entries", format!("original.transaction_id = '{booked}'"), "'{}'::jsonb"),
        ] {
            self.copy(ServiceName::Payment, copied, &more, 0).await?;
        }
        Ok(())
    }

    /// Of the newest alone.
    async fn messages(&self, told: i64) -> anyhow::Result<()> {
        let query = "SELECT messages.id, event_id, deliveries.id
                     FROM messages JOIN deliveries ON message_id = messages.id WHERE order_id = $1 ORDER BY messages.id";
        let pool = self.platform.watch(ServiceName::Notify);
        let messages: Vec<(Uuid, Uuid, Uuid)> = sqlx::query_as(query).bind(self.order).fetch_all(pool).await?;
        ensure!(messages.len() == 3, "{} messages about the template", messages.len());
        for (kind, (message, event, delivery)) in (0..).zip(messages) {
            let more = [
                (message.to_string(), copies::id(MESSAGE + kind, "nth")),
                (event.to_string(), copies::id(EVENT + kind, "nth")),
                (delivery.to_string(), copies::id(DELIVERY + kind, "nth")),
            ];
            let from = self.orders - told;
            let messages =
                ("messages", format!("original.id = '{message}'"), "jsonb_build_object('order_number', -nth)");
            self.copy(ServiceName::Notify, messages, &more, from).await?;
            let mails = ("deliveries", format!("original.id = '{delivery}'"), "'{}'::jsonb");
            self.copy(ServiceName::Notify, mails, &more, from).await?;
        }
        Ok(())
    }
}
