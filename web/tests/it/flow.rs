//! `/flow` over stand-ins for the five services.

mod stand_in;

use crate::services::pages_with;
use contracts::ServiceName::{Notify, Order, Payment, Product, User};
use service_kit::flow::{Queue, Store, What};
use stand_in::{Shop, moment};
use std::time::{Duration, Instant};
use test_kit::until;
use tokio::io::AsyncWriteExt;
use tokio_util::sync::CancellationToken;

/// The services keep what they have seen of one order.
async fn after_an_order() -> Shop {
    let shop = Shop::open(&[User, Product, Order, Payment, Notify]).await;
    shop.change(Order, |service| {
        service.now.lately = vec![
            moment(120, Order, What::Announced, 1, "order.created"),
            moment(131, Order, What::Published, 1, "order.created"),
        ];
        service.now.last_minute.announced = 1;
    });
    shop.change(Payment, |service| {
        service.now.lately = vec![moment(127, Payment, What::Done, 1, "order.created")];
        service.now.store = Some(Store { outbox: 0, oldest: None, waiting: 1, dead: 0 });
    });
    shop.change(Notify, |service| {
        service.now.lately = vec![moment(128, Notify, What::Failed, 1, "order.created")];
        service.now.store = Some(Store { outbox: 0, oldest: None, waiting: 0, dead: 2 });
    });
    shop
}

#[tokio::test]
async fn the_page_without_javascript_holds_the_state() {
    let shop = after_an_order().await;
    let page = shop.pages.get("/flow").await;
    insta::assert_snapshot!(page.assert_status(200).text.as_str());
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert_eq!(
        policy,
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action \
         'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    // What the policy would keep from working.
    assert!(!page.text.contains(" style=") && !page.text.contains("<script>") && !page.text.contains("onclick"));
    assert!(!page.text.contains("src=\"http") && !page.text.contains("href=\"http"));
    for (asset, kind) in [("/assets/flow.js", "text/javascript"), ("/assets/flow.css", "text/css")] {
        let asset = shop.pages.get(asset).await;
        assert!(asset.assert_status(200).headers["content-type"].to_str().unwrap().starts_with(kind));
    }
}

#[tokio::test]
async fn a_service_or_broker_that_is_away_is_said_to_be_and_the_others_are_shown() {
    let shop = Shop::open(&[User, Order, Payment]).await;
    shop.change(Order, |service| {
        service.now.queue = Queue::Holds { events: 7, dead: 0 };
        service.now.bus = "rabbitmq: connected".to_owned();
    });
    shop.change(Payment, |service| service.now.store = None);
    shop.change(User, |service| service.now.queue = Queue::Away);
    let page = shop.pages.get("/flow").await.assert_status(200).text.clone();
    let stated = |service: &str, cells: &str| {
        let (_, row) = page.split_once(&format!("<th scope=\"row\">{service}</th>")).unwrap();
        let row = row.split("</tr>").next().unwrap();
        let texts: Vec<_> = row.split("</td>").filter_map(|cell| Some(cell.rsplit_once('>')?.1)).collect();
        assert_eq!(texts.join(" | "), cells, "{service}");
    };
    stated("user-service", "the broker is away | 0 | – | ? | ? | 0 | 0");
    stated("product-service", "does not answer | ? | – | ? | ? | ? | ?");
    stated("order-service", "running | 0 | – | 7 | 0 | 0 | 0");
    stated("payment-service", "its database is away | ? | – | – | – | ? | ?");
    assert!(page.contains("RabbitMQ does not answer: events wait in the outboxes"), "{page}");
}

#[tokio::test]
async fn with_every_service_away_the_page_is_there_all_the_same() {
    let shop = Shop::open(&[]).await;
    let page = shop.pages.get("/flow").await.assert_status(200).text.clone();
    assert!(page.contains("No service can be asked how events travel."), "{page}");
    shop.pages.get("/flow/orders/1001").await.assert_status(503);
}

#[tokio::test]
async fn an_order_s_journey_is_drawn_and_told() {
    let shop = Shop::open(&[User, Product, Order, Payment, Notify]).await;
    shop.place_order_1002();
    let page = shop.pages.get("/flow/orders/1002").await;
    insta::assert_snapshot!(page.assert_status(200).text.as_str());
    // By its id it is the same.
    let by_id = shop.pages.get(&format!("/flow/orders/{}", stand_in::order())).await;
    assert_eq!(by_id.assert_status(200).text, page.text);
}

#[tokio::test]
async fn an_order_that_nobody_knows_is_a_page_that_says_so() {
    let shop = Shop::open(&[User, Product, Order, Payment, Notify]).await;
    for name in ["9999", "00000000-0000-7000-8000-000000000099", "mug", "-1", "%3Cscript%3E"] {
        let page = shop.pages.get(&format!("/flow/orders/{name}")).await;
        let text = &page.assert_status(404).text;
        assert!(text.contains("<h1>There is no such order</h1>") && !text.contains("<script>"), "{text}");
    }
    shop.pages.get("/flow/orders?order=mug").await.assert_status(404);
    let found = shop.pages.get("/flow/orders?order=%231002+").await;
    assert_eq!((found.assert_status(303).headers["location"].to_str().unwrap()), "/flow/orders/1002");
}

#[tokio::test]
async fn without_the_service_that_knows_numbers_an_order_is_not_said_to_be_unknown() {
    let shop = Shop::open(&[User, Product, Payment, Notify]).await;
    shop.pages.get("/flow/orders/1002").await.assert_status(503);
}

#[tokio::test]
async fn who_watches_is_told_of_an_event_announced_after_they_came() {
    let shop = Shop::open(&[User, Product, Order, Payment, Notify]).await;
    let mut viewer = shop.watch().await;
    viewer.hear("event: panels").await;
    shop.followed().await;
    shop.tell(&moment(120, Order, What::Announced, 5, "order.created"));
    let heard = viewer.hear("event: row").await;
    assert!(heard.contains("in the outbox") && heard.contains("\"what\":\"announced\""), "{heard}");
    shop.tell(&moment(125, Payment, What::Done, 5, "order.created"));
    let heard = viewer.hear("payment ✓").await;
    assert!(heard.contains("\"from\":\"order\",\"to\":\"payment\",\"what\":\"done\""), "{heard}");
    // Who comes later is shown it too.
    let mut later = shop.watch().await;
    assert!(later.hear("event: board").await.contains("payment ✓"));
}

#[tokio::test]
async fn all_viewers_share_one_stream_from_each_service_which_ends_with_the_last() {
    let shop = Shop::open(&[User, Product, Order, Payment, Notify]).await;
    let mut viewers = Vec::new();
    for _ in 0..5 {
        viewers.push(shop.watch().await);
    }
    shop.followed().await;
    assert_eq!(shop.streams(), 5);
    viewers.clear();
    until("the streams to end", || async { (shop.streams() == 0).then_some(()) }).await;
    // And they begin anew.
    let mut viewer = shop.watch().await;
    viewer.hear("event: panels").await;
    shop.followed().await;
}

#[tokio::test]
async fn a_viewer_that_never_reads_holds_up_nobody() {
    let shop = Shop::open(&[User, Product, Order, Payment, Notify]).await;
    let address = shop.pages.url.strip_prefix("http://").unwrap().to_owned();
    let silent = tokio::net::TcpSocket::new_v4().unwrap();
    silent.set_recv_buffer_size(4096).unwrap();
    let mut silent = silent.connect(address.parse().unwrap()).await.unwrap();
    silent.write_all(b"GET /flow/stream HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut viewer = shop.watch().await;
    shop.followed().await;
    // More than any socket holds: a line is some hundred bytes, and each of these makes one.
    for event in 0..8_000_u32 {
        shop.tell(&moment(event.into(), Order, What::Announced, event.into(), "order.created"));
        if event % 100 == 0 {
            tokio::task::yield_now().await;
        }
    }
    viewer.hear(&format!("{:012x}", 7_999)).await;
    shop.pages.get("/flow").await.assert_status(200);
}

#[tokio::test]
async fn a_service_that_comes_back_is_followed_again() {
    let shop = Shop::open(&[User, Product, Order, Payment, Notify]).await;
    let mut viewer = shop.watch().await;
    shop.followed().await;
    shop.cut();
    until("the streams to be cut", || async { (shop.streams() == 0).then_some(()) }).await;
    shop.followed().await;
    shop.tell(&moment(120, Order, What::Announced, 6, "order.created"));
    viewer.hear("event: row").await;
}

#[tokio::test]
async fn at_the_end_those_who_watch_are_sent_away() {
    let stop = CancellationToken::new();
    let shop = Shop::open_until(&[Order], stop.clone()).await;
    let mut viewer = shop.watch().await;
    viewer.hear("event: panels").await;
    let asked = Instant::now();
    stop.cancel();
    viewer.until_it_ends().await;
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn in_production_there_is_no_flow_unless_somebody_says_so() {
    let production = [("ECOM_ENV", "production"), ("PUBLIC_URL", "https://shop.test")];
    let closed = pages_with(&production).await;
    for path in ["/flow", "/flow/stream", "/flow/orders/1001", "/assets/flow.js"] {
        closed.get(path).await.assert_status(404);
    }
    assert!(!closed.get("/developers").await.text.contains("/flow"));
    let open = pages_with(&[production[0], production[1], ("FLOW", "on")]).await;
    open.get("/flow").await.assert_status(200);
    assert!(open.get("/developers").await.text.contains("<a class=\"button\" href=\"/flow\">"));
}
