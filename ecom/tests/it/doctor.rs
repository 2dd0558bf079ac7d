//! The doctor finds nothing in a shop that is well, and every planted damage in one that is not.

use crate::{
    damage::damaged,
    program,
    support::{Shop, Way, key, order},
};
use contracts::ServiceName;
use http::Method;
use operate::{
    doctor::{self, Options, Report},
    reach::Reach,
};
use serde_json::json;
use service_kit::{Clock, Env, pruning::first_id_of};
use sqlx::AssertSqlSafe;
use std::{collections::BTreeMap, time::Duration};
use test_kit::until;
use tokio_util::sync::CancellationToken;

/// A shop in which everything that can happen to an order has happened, and which has come to rest.
pub async fn lived_in_shop() -> Shop {
    let shop = Shop::open(Way::Local).await;
    shop.sell("MUG", 1250, 10).await;
    shop.sell("LAMP", 4990, 5).await;
    let (_, ada) = shop.register("ada@example.com").await;
    let mut ids = Vec::new();
    for method in ["sim_ok", "sim_ok", "sim_ok", "sim_lost", "sim_declined"] {
        let placed = order(&ada, &key(), method, &[("MUG", 1), ("LAMP", 1)]).await;
        ids.push(placed.assert_status(201).text_at("/id"));
        shop.settled_order(&ids[ids.len() - 1]).await;
    }
    let cancel = ada.with_header("Idempotency-Key", key());
    cancel.post(&format!("/api/orders/{}/cancel", ids[1]), json!({})).await.assert_status(200);
    shop.admin().send(Method::POST, &format!("/api/orders/{}/fulfil", ids[2]), None).await.assert_status(200);
    until("the refund to reach the order", || async {
        let shown = ada.get(&format!("/api/orders/{}", ids[1])).await;
        (shown.body["refunded"]["amount"] == 6240).then_some(())
    })
    .await;
    shop.quiet().await;
    let open = "SELECT count(*) FROM deliveries WHERE status <> 'sent'";
    until("every mail to be sent", || async {
        (shop.databases[&ServiceName::Notify].count(open).await == 0).then_some(())
    })
    .await;
    shop.quiet().await;
    shop
}

pub fn environment(databases: &BTreeMap<ServiceName, String>, provider: &str) -> Env {
    let mut env = Env::of([("PROVIDER_URL", provider)]);
    for (service, url) in databases {
        env = env.with(&format!("{}_DATABASE_URL", service.short().to_uppercase()), url);
    }
    env
}

pub fn urls(shop: &Shop) -> BTreeMap<ServiceName, String> {
    shop.databases.iter().map(|(service, database)| (*service, database.url().to_owned())).collect()
}

/// With no grace: everything counts.
pub fn strict() -> Options {
    Options { grace: Duration::ZERO, ..Options::default() }
}

pub async fn examine(databases: &BTreeMap<ServiceName, String>, provider: &str, options: &Options) -> Report {
    let reach = Reach::find(&environment(databases, provider)).await.unwrap();
    doctor::examine(&reach, options, Clock::system().now()).await.unwrap()
}

pub fn sentences(report: &Report) -> Vec<String> {
    let all = report.findings.iter().flat_map(|finding| {
        finding.violations.iter().map(|one| format!("{}: {} {:?}", finding.invariant, one.sentence, one.ids))
    });
    all.chain(report.could_not_look.iter().cloned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_is_well_has_no_violation() {
    let shop = lived_in_shop().await;
    let options = Options { mails: Some(shop.mail_folder()), canary: Some("Lovelace".to_owned()), ..strict() };
    let report = examine(&urls(&shop), &shop.provider_url, &options).await;
    assert_eq!(sentences(&report), Vec::<String>::new());
    for finding in &report.findings {
        assert!(finding.checked > 0 && finding.not_checked.is_none(), "{finding:?}");
    }
}

/// The program's word on a shop over the network, and its exit code.
pub fn told(shop: &Shop, arguments: &[&str], provider: Option<&str>) -> (Option<i32>, String) {
    let mut command = program::ecom(&shop.mail_folder(), 8080);
    for (service, url) in urls(shop) {
        command.env(format!("{}_DATABASE_URL", service.short().to_uppercase()), url);
    }
    command.env_remove("USER").envs(provider.map(|url| ("PROVIDER_URL", url)));
    let output = command.args(["doctor", "--grace", "0"]).args(arguments).output().unwrap();
    (output.status.code(), program::text(&output))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_whose_provider_was_not_looked_at_is_not_called_clean() {
    let shop = lived_in_shop().await;
    let elsewhere = format!("{}/elsewhere", shop.provider_url);
    for provider in [None, Some(elsewhere.as_str())] {
        let (code, said) = told(&shop, &[], provider);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("not everything could be looked at") && !said.contains("Clean"), "{said}");
        let (code, said) = told(&shop, &["--no-provider-log"], provider);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("I3  money            partly checked") && !said.contains("Clean"), "{said}");
        assert!(said.contains("I10 reconciliation   not checked"), "{said}");
    }
    let (code, said) = told(&shop, &[], Some(&shop.provider_url));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Clean: "), "{said}");
}

/// Raises a mark beyond all there is, and deletes what it lets go.
async fn prune(shop: &Shop, service: ServiceName) {
    let mark = first_id_of(Clock::system().now() + time::Duration::minutes(1));
    for statement in [
        format!("UPDATE pruned SET up_to = '{mark}'"),
        format!("DELETE FROM event_log WHERE event_id < '{mark}'"),
        format!("DELETE FROM inbox WHERE event_id < '{mark}' AND status = 'done'"),
    ] {
        sqlx::query(AssertSqlSafe(statement)).execute(shop.databases[&service].pool()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pruned_while_the_doctor_looks_is_not_missed() {
    let shop = lived_in_shop().await;
    shop.leaves_queued("what order-service acted on, it has forgotten");
    // It asks for the marks of all before it reads, of this one last.
    let mut held = shop.databases[&ServiceName::Notify].pool().begin().await.unwrap();
    sqlx::query("LOCK TABLE pruned").execute(&mut *held).await.unwrap();
    let (databases, provider) = (urls(&shop), shop.provider_url.clone());
    let looking = tokio::spawn(async move { examine(&databases, &provider, &strict()).await });
    let waits = "SELECT count(*) FROM pg_locks JOIN pg_class ON pg_class.oid = relation
                 WHERE relname = 'pruned' AND NOT granted AND mode = 'AccessShareLock'";
    until("it to wait for the last mark", || async {
        (shop.databases[&ServiceName::Notify].count(waits).await > 0).then_some(())
    })
    .await;
    prune(&shop, ServiceName::Order).await;
    held.rollback().await.unwrap();
    let report = looking.await.unwrap();
    assert_eq!(sentences(&report), Vec::<String>::new());
    assert!(report.since.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_the_marks_and_still_open_stays_in_sight() {
    let shop = lived_in_shop().await;
    for service in ServiceName::ALL {
        prune(&shop, service).await;
    }
    let report = examine(&urls(&shop), &shop.provider_url, &strict()).await;
    assert_eq!(sentences(&report), Vec::<String>::new(), "all of it is over");
    // One statement for each thing that can stay open: in copies, since the shop's own jobs would end it.
    shop.close().await;
    let stop = CancellationToken::new();
    let provider = shop.provider(stop.clone()).await;
    let mut databases = urls(&shop);
    for (service, damage) in [
        (
            ServiceName::Order,
            "UPDATE orders SET status = 'pending', paid_at = NULL, payment_id = NULL, deadline = now() - interval '1 day'
             WHERE id = (SELECT id FROM orders WHERE status = 'paid' LIMIT 1)",
        ),
        (
            ServiceName::Payment,
            "UPDATE payments SET status = 'unknown', captured = 0, provider_reference = NULL,
                 next_at = now() - interval '1 day', deadline = now() - interval '1 day'
             WHERE id = (SELECT id FROM payments WHERE status = 'captured' AND refunds_requested = 0 LIMIT 1);
             UPDATE refunds SET status = 'requested', completed_at = NULL, provider_reference = NULL,
                 next_at = now() - interval '1 day'",
        ),
        (
            ServiceName::Product,
            "UPDATE reservations SET status = 'held', expires_at = now() - interval '1 day',
                 look_at = now() - interval '1 day'
             WHERE checkout_id = (SELECT checkout_id FROM reservations WHERE status = 'committed' LIMIT 1)",
        ),
        (
            ServiceName::Notify,
            "UPDATE deliveries SET status = 'waiting', sent_at = NULL, next_at = now() - interval '1 day'
             WHERE id = (SELECT id FROM deliveries LIMIT 1)",
        ),
        (
            ServiceName::User,
            "INSERT INTO event_log (event_id, type, subject, sequence, correlation_id, announced_at, envelope)
             SELECT id, 'user.verified', id, 99, id, now() - interval '1 day',
                 jsonb_build_object('id', id, 'type', 'user.verified', 'subject', id, 'sequence', '0000000099', 'data', '{}'::jsonb)
             FROM (SELECT '00000000-0001-7000-8000-000000000001'::uuid AS id) AS old;
             INSERT INTO outbox (position, next_at) SELECT max(position), 'epoch' FROM event_log;
             INSERT INTO outbox (position, next_at) VALUES (999999, 'epoch')",
        ),
    ] {
        databases.insert(service, damaged(shop.databases[&service].url(), damage).await);
    }
    let report = examine(&databases, &provider, &strict()).await;
    stop.cancel();
    let said = sentences(&report).join("\n");
    for expected in [
        "The order is still pending",
        "The payment is still unknown",
        "are to go back since",
        "The reservation is held since it expired",
        "The work on the payment (unknown) was due",
        "The work on the refund was due",
        "The look at the held reservation was due",
        "The sending of the mail was due",
        "user.verified waits in user-service's outbox",
        "user-service's outbox holds what is not in its log",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert_eq!(said.lines().count(), 10, "{said}");
}
