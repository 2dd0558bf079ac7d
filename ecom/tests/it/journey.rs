//! The main job: register, confirm, log in, order, pay, get the mail.

use crate::support::{Shop, Way, key, order};
use serde_json::json;
use test_kit::until;

async fn a_person_orders_and_gets_the_mail(way: Way) {
    let shop = Shop::open(way).await;
    let (mug, lamp) = (shop.sell("MUG", 1250, 10).await, shop.sell("LAMP", 4990, 5).await);
    let (_, ada) = shop.register("ada@example.com").await;

    let placed = order(&ada, &key(), "sim_ok", &[("MUG", 2), ("LAMP", 1)]).await;
    let id = placed.assert_status(201).text_at("/id");
    let settled = shop.settled_order(&id).await;
    assert_eq!((&settled["status"], &settled["total"]), (&json!("paid"), &json!({"amount": 7490, "currency": "EUR"})));

    let mail = shop.mail("ada@example.com", "Payment received").await;
    assert!(mail.contains("74.90 EUR"), "{mail}");
    shop.quiet().await;
    assert_eq!((shop.available(&mug).await, shop.available(&lamp).await), (8, 4));
    let unread = ada.get("/api/notifications/unread-count").await;
    assert_eq!(unread.assert_status(200).body, json!({"unread": 3}));

    let fulfilled = shop.admin().post(&format!("/api/orders/{id}/fulfil"), json!({})).await;
    assert_eq!(fulfilled.assert_status(200).text_at("/status"), "fulfilled");
    shop.mail("ada@example.com", "on its way").await;
    until("the shipped pieces to leave the stock", || async {
        let stock = shop.admin().get(&format!("/api/products/{mug}/stock")).await;
        (stock.body["on_hand"] == 8 && stock.body["reserved"] == 0).then_some(())
    })
    .await;
    assert_eq!(shop.available(&mug).await, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_orders_and_gets_the_mail_over_the_local_bus() {
    a_person_orders_and_gets_the_mail(Way::Local).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_orders_and_gets_the_mail_over_rabbitmq() {
    a_person_orders_and_gets_the_mail(Way::Rabbit).await;
}

async fn a_declined_payment_gives_the_stock_back_and_says_so(way: Way) {
    let shop = Shop::open(way).await;
    let mug = shop.sell("MUG", 1250, 10).await;
    let (_, ada) = shop.register("ada@example.com").await;
    let placed = order(&ada, &key(), "sim_declined", &[("MUG", 2)]).await;
    let settled = shop.settled_order(&placed.assert_status(201).text_at("/id")).await;
    assert_eq!((&settled["status"], &settled["cancel_reason"]), (&json!("cancelled"), &json!("payment_declined")));
    let mail = shop.mail("ada@example.com", "was cancelled").await;
    assert!(mail.contains("was declined") && mail.contains("Nothing was charged"), "{mail}");
    shop.quiet().await;
    assert_eq!(shop.available(&mug).await, 10);
    assert_eq!(shop.databases[&contracts::ServiceName::Payment].count("SELECT count(*) FROM ledger_entries").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_payment_gives_the_stock_back_and_says_so_over_the_local_bus() {
    a_declined_payment_gives_the_stock_back_and_says_so(Way::Local).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_payment_gives_the_stock_back_and_says_so_over_rabbitmq() {
    a_declined_payment_gives_the_stock_back_and_says_so(Way::Rabbit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_must_be_confirmed_before_it_logs_in() {
    let shop = Shop::open(Way::Local).await;
    let person =
        json!({"first_name": "Ada", "last_name": "L", "email": "ada@example.com", "password": "correct horse"});
    shop.visitor().post("/api/auth/register", person).await.assert_status(201);
    let login = json!({"email": "ada@example.com", "password": "correct horse"});
    shop.visitor().post("/api/auth/login", login).await.assert_problem(403, "email_not_verified");
}

/// Whoever registers may look at what happens under the id they were answered.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_under_a_registrations_id_does_not_tell_whether_its_address_was_known() {
    let shop = Shop::open(Way::Local).await;
    shop.register("known@example.com").await;
    let mut shown = Vec::new();
    for address in ["known@example.com", "unknown@example.com", "KNOWN+shop@example.com"] {
        let person = json!({"first_name": "Eve", "last_name": "L", "email": address, "password": "a curious visitor"});
        let id = shop.visitor().post("/api/auth/register", person).await.assert_status(201).text_at("/user_id");
        let events = until("the mail to have been sent", || async {
            let events = shop.visitor().get(&format!("/dev/events?journey={id}")).await.body.as_array()?.clone();
            events.iter().any(|event| event["type"] == "notification.sent").then_some(events)
        })
        .await;
        let told = events.iter().map(|event| {
            let about = event["data"]["account_id"] == json!(id);
            (event["type"].clone(), event["sequence"].clone(), event["data"]["template"].clone(), about)
        });
        shown.push(told.collect::<Vec<_>>());
    }
    assert_eq!(shown[0].len(), 2, "{shown:?}");
    assert!(shown.iter().all(|told| *told == shown[0]), "{shown:?}");
    // Only the owner of the mailbox learns it.
    shop.mail("known@example.com", "Somebody tried to register").await;
    shop.mail("unknown@example.com", "Confirm").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_and_one_journey_run_through_all_services() {
    let shop = Shop::open(Way::Local).await;
    shop.sell("MUG", 1250, 10).await;
    let customer =
        shop.customer().with_header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let id = order(&customer, &key(), "sim_ok", &[("MUG", 1)]).await.assert_status(201).text_at("/id");
    shop.settled_order(&id).await;
    shop.quiet().await;
    let events = shop.visitor().get(&format!("/dev/events?journey={id}")).await;
    let events = events.assert_status(200).body.as_array().unwrap().clone();
    let kinds: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    for kind in ["order.created", "payment.completed", "order.paid"] {
        assert!(kinds.contains(&kind), "{kind} is missing in {kinds:?}");
    }
    for event in &events {
        let traceparent = event["traceparent"].as_str().unwrap();
        assert_eq!(&traceparent[3..35], "4bf92f3577b34da6a3ce929d0e0e4736", "{}", event["type"]);
    }
}
