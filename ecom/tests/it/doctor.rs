//! The doctor finds nothing in a shop that is well, and every planted damage in one that is not.

use crate::{
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
use service_kit::{Clock, Env};
use std::{collections::BTreeMap, time::Duration};
use test_kit::until;

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
