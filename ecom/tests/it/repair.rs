//! What the doctor mends: a dry run changes nothing, and after the mending the shop is well again.

use crate::{
    doctor::{environment, examine, lived_in_shop, sentences, strict, told, urls},
    support::{key, order},
};
use contracts::ServiceName::{self, Order, Payment, Product};
use operate::{
    doctor::{
        self,
        repair::{self, Mend, Step},
    },
    reach::Reach,
};
use service_kit::{Clock, Env};
use sqlx::{Connection, PgConnection};
use std::collections::BTreeMap;

/// Without triggers and foreign keys.
async fn change(databases: &BTreeMap<ServiceName, String>, service: ServiceName, statements: &'static str) {
    let mut connection = PgConnection::connect(&databases[&service]).await.unwrap();
    sqlx::raw_sql("SET session_replication_role = replica").execute(&mut connection).await.unwrap();
    sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn number(databases: &BTreeMap<ServiceName, String>, service: ServiceName, query: &'static str) -> i64 {
    let mut connection = PgConnection::connect(&databases[&service]).await.unwrap();
    let number = sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    number
}

async fn plan(env: &Env, mend: Option<Mend>) -> Vec<Step> {
    let reach = Reach::find(env).await.unwrap();
    repair::plan(&reach, &strict(), &Clock::system(), mend).await.unwrap()
}

async fn mend(env: &Env, steps: &[Step]) {
    let reach = Reach::find(env).await.unwrap();
    for step in steps {
        assert!(repair::carry_out(&reach, env, &Clock::system(), "a test", step).await.unwrap(), "{step}");
    }
    // Asked again, nothing is done twice.
    for step in steps {
        assert!(!repair::carry_out(&reach, env, &Clock::system(), "a test", step).await.unwrap(), "{step} again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_mended_is_well_again_and_a_dry_run_changes_nothing() {
    let shop = lived_in_shop().await;
    let (databases, provider) = (urls(&shop), shop.provider_url.clone());
    let env = environment(&databases, &provider);
    let reach = Reach::find(&env).await.unwrap();
    let healthy = doctor::fingerprint(&reach).await.unwrap();
    assert_eq!(plan(&env, None).await, []);

    // A reservation whose order was never stored, a level that is wrong, and an event that got lost.
    change(
        &databases,
        Product,
        "INSERT INTO reservations (checkout_id, order_id, status, skus, quantities, created_at, changed_at, expires_at,
             look_at, version)
         VALUES (gen_random_uuid(), gen_random_uuid(), 'held', '{MUG}', '{1}', now(), now(), now() - interval '1 hour',
             now() + interval '1 day', 1);
         INSERT INTO reservation_lines (checkout_id, variant_id, product_id, sku, name, quantity, amount, currency)
         SELECT checkout_id, variants.id, product_id, sku, sku, 1, 1250, 'EUR' FROM reservations, variants
         WHERE status = 'held' AND sku = 'MUG';
         UPDATE stock SET on_hand = on_hand + 5 WHERE variant_id = (SELECT id FROM variants WHERE sku = 'LAMP');
         UPDATE stock SET reserved = reserved + 1 WHERE variant_id = (SELECT id FROM variants WHERE sku = 'MUG');
         DELETE FROM inbox WHERE ctid = (SELECT min(ctid) FROM inbox WHERE type = 'order.paid')",
    )
    .await;
    let damaged = doctor::fingerprint(&reach).await.unwrap();
    let steps = plan(&env, None).await;
    assert!(
        matches!(&*steps, [Step::Release { .. }, Step::SendAgain { service: Order, .. }, Step::Rebuild { sku, .. }] if sku == "LAMP"),
        "{steps:#?}"
    );
    assert_eq!(plan(&env, Some(Mend::Balance)).await, steps[2..]);
    assert_eq!(doctor::fingerprint(&reach).await.unwrap(), damaged, "a dry run changed something");

    mend(&env, &steps).await;
    shop.quiet().await;
    let report = examine(&databases, &provider, &strict()).await;
    assert_eq!(sentences(&report), Vec::<String>::new());
    let mended = doctor::fingerprint(&reach).await.unwrap();
    assert_eq!(mended["product_db.stock"], healthy["product_db.stock"]);
    assert_eq!(mended["order_db.orders"], healthy["order_db.orders"]);
    for (service, lines) in [(Product, 2), (Order, 2), (Payment, 0)] {
        assert_eq!(number(&databases, service, "SELECT count(*) FROM operator_log").await, lines, "{service}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fingerprint_tells_what_changed_and_that_something_was_announced() {
    let shop = lived_in_shop().await;
    let databases = urls(&shop);
    let reach = Reach::find(&environment(&databases, &shop.provider_url)).await.unwrap();
    shop.close().await;
    let mut before = doctor::fingerprint(&reach).await.unwrap();
    let announce = "INSERT INTO event_log (event_id, type, subject, sequence, correlation_id, announced_at, envelope)
                    SELECT gen_random_uuid(), type, gen_random_uuid(), 1, correlation_id, now(), envelope FROM event_log LIMIT 1";
    for (service, statement, table) in [
        (Order, announce, "order_db.event_log"),
        (Product, "UPDATE prices SET amount = amount + 1", "product_db.prices"),
        (Payment, "DELETE FROM ledger_entries", "payment_db.ledger_entries"),
    ] {
        change(&databases, service, statement).await;
        let after = doctor::fingerprint(&reach).await.unwrap();
        let changed: Vec<_> = after.iter().filter(|(name, digest)| before[*name] != **digest).collect();
        assert_eq!(changed.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), [table]);
        before = after;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_nobody_cancels_is_cancelled_by_hand_as_the_job_would() {
    let shop = lived_in_shop().await;
    let (_, eve) = shop.register("eve@example.com").await;
    let id = order(&eve, &key(), "sim_error", &[("MUG", 1)]).await.assert_status(201).text_at("/id");
    shop.quiet().await;
    let databases = urls(&shop);
    let env = environment(&databases, &shop.provider_url);
    // Nobody is there to do it.
    shop.close().await;
    change(&databases, Order, "UPDATE orders SET deadline = now() - interval '1 hour' WHERE status = 'pending'").await;
    change(&databases, Payment, "UPDATE payments SET deadline = now() - interval '1 hour' WHERE status = 'unknown'")
        .await;
    let steps = plan(&env, Some(Mend::StuckSaga)).await;
    let first = steps.iter().find(|step| matches!(step, Step::Cancel { .. })).unwrap();
    assert!(first.to_string().contains(&id), "{first}");
    assert!(steps.iter().any(|step| matches!(step, Step::TryPayment { .. })), "{steps:#?}");
    mend(&env, std::slice::from_ref(first)).await;
    let cancelled = "SELECT count(*) FROM orders JOIN event_log ON subject = id AND type = 'order.cancelled'
                     WHERE status = 'cancelled' AND cancel_reason = 'payment_overdue'";
    assert_eq!(number(&databases, Order, cancelled).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mend_is_made_only_under_a_name_and_logged_under_it() {
    let shop = lived_in_shop().await;
    let (databases, provider) = (urls(&shop), Some(shop.provider_url.as_str()));
    let lamp = "UPDATE stock SET on_hand = on_hand + 5 WHERE variant_id = (SELECT id FROM variants WHERE sku = 'LAMP')";
    change(&databases, Product, lamp).await;
    // Nobody's name is known to it: USER is not set.
    let (code, said) = told(&shop, &["--repair", "balance", "--yes"], provider);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("nothing was changed") && said.contains("--as NAME"), "{said}");
    assert_eq!(number(&databases, Product, "SELECT count(*) FROM operator_log").await, 0);
    let (code, said) = told(&shop, &["--repair", "balance", "--yes", "--as", "grace"], provider);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(number(&databases, Product, "SELECT count(*) FROM operator_log WHERE operator = 'grace'").await, 1);
}
