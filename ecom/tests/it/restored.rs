//! Backups are put back, and the world outside does not go back with them: no order number is given out twice, no money
//! stays for an order that is no more, and afterwards the doctor finds nothing.

use crate::{
    damage::damaged,
    doctor::{environment, examine, sentences, strict, urls},
    program,
    support::{Shop, Way, key, order},
};
use contracts::ServiceName;
use http::Method;
use operate::{
    reach::Reach,
    restored::{self, Step, Wanted},
};
use serde_json::{Value, json};
use service_kit::{Clock, pruning::first_id_of};
use sqlx::{Connection, PgConnection};
use std::collections::BTreeMap;
use test_kit::{Client, until};
use tokio_util::sync::CancellationToken;

type Databases = BTreeMap<ServiceName, String>;

/// A shop with its one customer.
async fn shop() -> Shop {
    let shop = Shop::open(Way::Local).await;
    shop.sell("MUG", 1250, 20).await;
    shop.sell("LAMP", 4990, 20).await;
    shop.register("ada@example.com").await;
    shop
}

async fn ada(shop: &Shop) -> Client {
    let login = json!({"email": "ada@example.com", "password": "correct horse"});
    let token = shop.visitor().post("/api/auth/login", login).await.assert_status(200).text_at("/token");
    shop.visitor().with_token(token)
}

/// Orders a mug and a lamp, and waits until that is over; gives id and number.
async fn bought(shop: &Shop, method: &str) -> (String, i64) {
    let placed = order(&ada(shop).await, &key(), method, &[("MUG", 2), ("LAMP", 1)]).await;
    let id = placed.assert_status(201).text_at("/id");
    shop.settled_order(&id).await;
    (id, placed.body["number"].as_i64().unwrap())
}

async fn cancelled(shop: &Shop, id: &str) {
    let asked = ada(shop).await.with_header("Idempotency-Key", key());
    asked.post(&format!("/api/orders/{id}/cancel"), json!({})).await.assert_status(200);
}

async fn refunded(shop: &Shop, id: &str, amount: i64) {
    until("the refund to reach the order", || async {
        let shown = shop.admin().get(&format!("/api/orders/{id}")).await;
        (shown.body["refunded"]["amount"] == amount).then_some(())
    })
    .await;
}

/// Until nothing is under way, mails included.
async fn rested(shop: &Shop) {
    shop.quiet().await;
    let open = "SELECT count(*) FROM deliveries WHERE status <> 'sent'";
    until("every mail to be sent", || async {
        (shop.databases[&ServiceName::Notify].count(open).await == 0).then_some(())
    })
    .await;
    shop.quiet().await;
}

/// Everything at rest, copied as a backup is, and the shop opened again.
async fn backed_up(shop: &Shop, services: &[ServiceName]) -> (Databases, Shop) {
    rested(shop).await;
    shop.close().await;
    let mut backup = Databases::new();
    for service in services {
        backup.insert(*service, damaged(shop.databases[service].url(), "").await);
    }
    (backup, shop.again(&Databases::new()).await)
}

fn put_back(shop: &Shop, backup: &Databases) -> Databases {
    let mut databases = urls(shop);
    databases.extend(backup.clone());
    databases
}

/// What the program says.
fn told(shop: &Shop, databases: &Databases, provider: &str, arguments: &[&str]) -> String {
    let mut command = program::ecom(&shop.mail_folder(), 8080);
    for (service, url) in databases {
        command.env(format!("{}_DATABASE_URL", service.short().to_uppercase()), url);
    }
    let output = command.env("PROVIDER_URL", provider).arg("restored").args(arguments).output().unwrap();
    let said = program::text(&output);
    assert!(output.status.success(), "{said}");
    said
}

fn refunds(shop: &Shop) -> Vec<Value> {
    shop.provider_log().into_iter().filter(|entry| entry["entry"] == "refund").collect()
}

async fn is_well(shop: &Shop) {
    rested(shop).await;
    let report = examine(&urls(shop), &shop.provider_url, &strict()).await;
    assert_eq!(sentences(&report), Vec::<String>::new());
}

/// Without anybody at work: the databases as they are put back, with the provider that went on.
struct Night {
    provider: String,
    stop: CancellationToken,
}

impl Night {
    async fn of(shop: &Shop) -> Self {
        rested(shop).await;
        shop.close().await;
        let stop = CancellationToken::new();
        Self { provider: shop.provider(stop.clone()).await, stop }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_placed_after_the_backup_of_order_db_alone_keeps_its_number_and_its_money_goes_back_once() {
    let shop = shop().await;
    let (_, before) = bought(&shop, "sim_ok").await;
    let (backup, shop) = backed_up(&shop, &[ServiceName::Order]).await;
    let (lost, number) = bought(&shop, "sim_lost").await;
    assert_eq!(number, before + 1);
    let night = Night::of(&shop).await;
    let databases = put_back(&shop, &backup);

    let report = examine(&databases, &night.provider, &strict()).await;
    let said = sentences(&report);
    assert_eq!(said.len(), 1, "named once: {said:#?}");
    assert!(said[0].contains("`ecom restored`") && said[0].contains(&number.to_string()), "{said:#?}");

    let reach = Reach::find(&environment(&databases, &night.provider)).await.unwrap();
    let plan = restored::plan(&reach, &Clock::system(), Wanted::default()).await.unwrap();
    assert!(matches!(&*plan.steps, [Step::MoveNumbers { .. }, Step::Remember(_)]), "{plan:#?}");
    let dry = told(&shop, &databases, &night.provider, &[]);
    assert!(dry.contains("would let order numbers go on") && dry.contains("Nothing was changed"), "{dry}");
    assert_eq!(
        restored::plan(&reach, &Clock::system(), Wanted::default()).await.unwrap(),
        plan,
        "a dry run changed it"
    );

    // First without the money: the order stands again, and somebody may ask for its address.
    let done = told(&shop, &databases, &night.provider, &["--yes", "--as", "grace"]);
    assert!(done.contains(&format!("order {number} is paid, and its address was lost")), "{done}");
    let done = told(&shop, &databases, &night.provider, &["--refund", "--yes", "--as", "grace"]);
    assert!(done.contains(&format!("done: cancel order {number}")), "{done}");
    night.stop.cancel();

    let shop = shop.again(&backup).await;
    refunded(&shop, &lost, 7490).await;
    rested(&shop).await;
    assert_eq!(shop.available_of("MUG").await, 18, "the lost order's mugs are for sale again");
    let (_, next) = bought(&shop, "sim_ok").await;
    assert!(next > number, "{next} was given out before");
    is_well(&shop).await;
    assert_eq!(refunds(&shop).len(), 1);
    let again = told(&shop, &urls(&shop), &shop.provider_url, &["--refund", "--yes", "--as", "grace"]);
    // An order was placed meanwhile, so that another gap of numbers is left: nothing else.
    assert!(!again.contains("cancel") && !again.contains("store") && !again.contains("give back"), "{again}");
    is_well(&shop).await;
    assert_eq!(refunds(&shop).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_took_after_a_backup_of_everything_goes_back_once_and_its_number_is_left_out() {
    let shop = shop().await;
    bought(&shop, "sim_ok").await;
    let (backup, shop) = backed_up(&shop, &ServiceName::ALL).await;
    let (_, number) = bought(&shop, "sim_ok").await;
    let (_, declined) = bought(&shop, "sim_declined").await;
    let night = Night::of(&shop).await;
    let databases = put_back(&shop, &backup);

    let report = examine(&databases, &night.provider, &strict()).await;
    let said = sentences(&report);
    assert_eq!(said.len(), 2, "each entry once: {said:#?}");
    assert!(
        said.iter().all(|sentence| sentence.starts_with("I10") && sentence.contains("`ecom restored`")),
        "{said:#?}"
    );

    let done = told(&shop, &databases, &night.provider, &["--yes", "--as", "grace"]);
    assert!(done.contains("--refund gives it back"), "{done}");
    assert!(refunds(&shop).is_empty());
    for _ in 0..2 {
        told(&shop, &databases, &night.provider, &["--refund", "--yes", "--as", "grace"]);
        assert_eq!(refunds(&shop).len(), 1);
    }
    assert_eq!(refunds(&shop)[0]["amount"], 7490);
    let idle = told(&shop, &databases, &night.provider, &["--refund"]);
    assert_eq!(idle, "Nothing is to be done.\n");
    night.stop.cancel();

    let shop = shop.again(&backup).await;
    let (_, next) = bought(&shop, "sim_ok").await;
    assert!(next > number.max(declined), "{next} was given out before");
    is_well(&shop).await;
    assert_eq!(refunds(&shop).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_went_on_after_the_backup_of_order_db_goes_on_from_where_it_was() {
    let shop = shop().await;
    let (shipped, _) = bought(&shop, "sim_ok").await;
    let (returned, _) = bought(&shop, "sim_ok").await;
    let (backup, shop) = backed_up(&shop, &[ServiceName::Order]).await;
    let fulfil = format!("/api/orders/{shipped}/fulfil");
    shop.admin().send(Method::POST, &fulfil, None).await.assert_status(200);
    cancelled(&shop, &returned).await;
    refunded(&shop, &returned, 7490).await;
    let (refused, _) = bought(&shop, "sim_declined").await;
    let night = Night::of(&shop).await;

    told(&shop, &put_back(&shop, &backup), &night.provider, &["--yes", "--as", "grace"]);
    night.stop.cancel();
    let shop = shop.again(&backup).await;
    refunded(&shop, &returned, 7490).await;
    for (id, status) in [(shipped, "fulfilled"), (returned, "cancelled"), (refused, "cancelled")] {
        let shown = shop.admin().get(&format!("/api/orders/{id}")).await;
        assert_eq!(shown.assert_status(200).text_at("/status"), status);
    }
    is_well(&shop).await;
    assert_eq!(refunds(&shop).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_cancelled_after_a_backup_of_everything_is_cancelled_again_and_no_money_moves() {
    let shop = shop().await;
    let (id, _) = bought(&shop, "sim_ok").await;
    let (backup, shop) = backed_up(&shop, &ServiceName::ALL).await;
    cancelled(&shop, &id).await;
    refunded(&shop, &id, 7490).await;
    let night = Night::of(&shop).await;
    assert_eq!(refunds(&shop).len(), 1);

    told(&shop, &put_back(&shop, &backup), &night.provider, &["--yes", "--as", "grace"]);
    night.stop.cancel();
    let shop = shop.again(&backup).await;
    refunded(&shop, &id, 7490).await;
    is_well(&shop).await;
    assert_eq!(refunds(&shop).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_older_than_what_is_compared_is_named_and_left_as_it_is() {
    let shop = shop().await;
    let (id, _) = bought(&shop, "sim_ok").await;
    let (backup, shop) = backed_up(&shop, &[ServiceName::Order]).await;
    // Between the order and what came of it: of that, one half is known and the other was deleted.
    let mark = first_id_of(Clock::system().now());
    shop.admin().send(Method::POST, &format!("/api/orders/{id}/fulfil"), None).await.assert_status(200);
    let night = Night::of(&shop).await;
    let raise = sqlx::query("UPDATE pruned SET up_to = $1 WHERE table_name = 'event_log'").bind(mark);
    let mut payments = PgConnection::connect(shop.databases[&ServiceName::Payment].url()).await.unwrap();
    raise.execute(&mut payments).await.unwrap();
    let said = told(&shop, &put_back(&shop, &backup), &night.provider, &["--refund"]);
    assert!(said.contains("note: looked at orders and events younger than"), "{said}");
    assert!(said.contains(&format!("1 events of order {id} are known elsewhere")), "{said}");
    assert!(!said.contains("bring order") && !said.contains("cancel order"), "{said}");
    night.stop.cancel();
}
