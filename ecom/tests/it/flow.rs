//! `/flow` at the front door of the whole shop.

use crate::support::{Shop, Way, key, order};
use serde_json::Value;
use std::time::{Duration, Instant};
use test_kit::{Client, until};

async fn an_order_s_journey_is_shown_by_id_and_number(way: Way) {
    let shop = Shop::open(way).await;
    shop.sell("MUG", 1250, 10).await;
    let placed = order(&shop.customer(), &key(), "sim_ok", &[("MUG", 2)]).await;
    let (id, number) = (placed.assert_status(201).text_at("/id"), placed.body["number"].as_i64().unwrap());
    shop.settled_order(&id).await;
    shop.quiet().await;
    let told = |text: &str| {
        for deed in [
            "order-service</td><td>announced order.created",
            "payment-service</td><td>acted on order.created",
            "payment-service</td><td>announced payment.completed",
            "order-service</td><td>acted on payment.completed",
            "order-service</td><td>announced order.paid",
            "product-service</td><td>acted on order.paid",
            "notify-service</td><td>acted on order.paid",
        ] {
            assert!(text.contains(deed), "{deed} is missing in {text}");
        }
        assert!(text.contains(&format!("<h1>Order {number} <span class=\"state paid\">paid</span></h1>")), "{text}");
        assert!(!text.contains("Not at its end"), "{text}");
        // No personal data: the address of the order is known to order-service alone.
        assert!(!text.contains("Lovelace") && !text.contains("SW1Y"), "{text}");
    };
    for name in [&id, &number.to_string()] {
        told(&shop.visitor().get(&format!("/flow/orders/{name}")).await.assert_status(200).text);
    }
    let overview = until("the overview to tell of the order", || async {
        let text = shop.visitor().get("/flow").await.assert_status(200).text.clone();
        text.contains(&format!("<strong>order {number}</strong> <span class=\"state paid\">paid</span>"))
            .then_some(text)
    })
    .await;
    assert!(overview.contains("<td class=\"kind\">payment.completed</td>"), "{overview}");
    shop.visitor().get("/flow/orders/999999").await.assert_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_s_journey_is_shown_by_id_and_number_over_the_local_bus() {
    an_order_s_journey_is_shown_by_id_and_number(Way::Local).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_s_journey_is_shown_by_id_and_number_over_rabbitmq() {
    an_order_s_journey_is_shown_by_id_and_number(Way::Rabbit).await;
}

/// The services' own routes are the operator's, whatever the front door shows.
#[tokio::test(flavor = "multi_thread")]
async fn the_services_own_flow_never_passes_the_front_door() {
    let shop = Shop::open(Way::Local).await;
    for path in ["/flow/now", "/flow/journeys/1001", "/api/flow/now", "/api/orders/../flow/now", "/api/flow/stream"] {
        assert_eq!(shop.visitor().get(path).await.status.as_u16(), 404, "GET {path}");
    }
    for url in shop.services.values() {
        let now = Client::new(url).get("/flow/now").await;
        assert_eq!(now.assert_status(200).body["queue"], Value::from("none"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_does_not_hold_up_the_end() {
    let shop = Shop::open(Way::Local).await;
    let mut stream = reqwest::get(format!("{}/flow/stream", shop.url)).await.unwrap();
    stream.chunk().await.unwrap();
    let asked = Instant::now();
    shop.ask_to_stop();
    let door = shop.url.strip_prefix("http://").unwrap();
    until("the door to be closed", || async { tokio::net::TcpStream::connect(door).await.err() }).await;
    while let Ok(Some(_)) = stream.chunk().await {}
    until("the services to end", || async {
        shop.kits.values().all(|kit| kit.database.pool().is_closed()).then_some(())
    })
    .await;
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
}
