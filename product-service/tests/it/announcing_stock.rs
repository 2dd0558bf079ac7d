//! `stock.changed`, coalesced per SKU.

use crate::support::Shop;
use contracts::{RawEvent, events::product::StockChanged};
use serde_json::Value;
use test_kit::until;

async fn announced(shop: &Shop) -> Vec<(String, i64, i64)> {
    let query = "SELECT envelope FROM event_log WHERE type = 'stock.changed' ORDER BY position";
    let rows: Vec<Value> = sqlx::query_scalar(query).fetch_all(shop.database.pool()).await.unwrap();
    let decode = |json| RawEvent::from_json(json).unwrap().decode::<StockChanged>().unwrap();
    rows.into_iter().map(decode).map(|event| (event.data.sku, event.sequence, event.data.available)).collect()
}

async fn until_announced(shop: &Shop, sku: &str, available: i64) {
    until("stock.changed", || async {
        let last = announced(shop).await.into_iter().rfind(|(changed, ..)| changed == sku);
        last.is_some_and(|(_, _, last)| last == available).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_changes_become_few_announcements_and_the_last_is_right() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 100), ("B", 100), ("QUIET", 100)]).await;
    let mut last = None;
    for _ in 0..30 {
        last = Some(shop.held(&[("A", 1), ("B", 2)]).await);
    }
    until_announced(&shop, "A", 70).await;
    until_announced(&shop, "B", 40).await;
    shop.deliver(last.unwrap().cancelled()).await;
    until_announced(&shop, "A", 71).await;
    until_announced(&shop, "B", 42).await;
    shop.restock("B", 8).await;
    until_announced(&shop, "B", 50).await;

    let all = announced(&shop).await;
    for sku in ["A", "B"] {
        let sequences: Vec<i64> = all.iter().filter(|(name, ..)| name == sku).map(|(_, number, _)| *number).collect();
        assert!(sequences.len() < 15, "{sku} was announced {} times for 32 changes", sequences.len());
        let expected: Vec<i64> = (1..).take(sequences.len()).collect();
        assert_eq!(sequences, expected, "{sku}");
    }
    assert!(all.iter().all(|(sku, ..)| sku != "QUIET"), "nothing changed, nothing to say");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_shipping_takes_was_not_available_before() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    let checkout = shop.held(&[("A", 2)]).await;
    until_announced(&shop, "A", 3).await;
    shop.deliver(checkout.paid()).await;
    shop.deliver(checkout.fulfilled()).await;
    shop.held(&[("A", 1)]).await;
    until_announced(&shop, "A", 2).await;
    assert_eq!(announced(&shop).await, [("A".to_owned(), 1, 3), ("A".to_owned(), 2, 2)]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_mark_was_lost_in_a_crash_is_announced_after_the_start() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    // As a process does that dies between its commit and its next announcement.
    until("the first look to be over", || async {
        sqlx::query("UPDATE variants SET announced_available = 4").execute(shop.database.pool()).await.unwrap();
        Some(())
    })
    .await;
    let (kit, bus) = (shop.running.kit.settings.clone(), service_kit::Bus::Elsewhere);
    let config = product_service::Config { kit, reservation_ttl: std::time::Duration::from_secs(900), pictures: None };
    let second = product_service::build(config, bus, service_kit::Clock::system()).await.unwrap();
    let second = test_kit::Running::start(second).await;
    until_announced(&shop, "A", 5).await;
    second.stop().await;
    shop.close().await;
}
