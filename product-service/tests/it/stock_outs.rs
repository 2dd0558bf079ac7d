//! How many SKUs ran out, by day.

use crate::support::{Checkout, Shop};
use serde_json::{Value, json};
use test_kit::until;

/// Of today, when all was announced.
async fn ran_out_today(shop: &Shop) -> i64 {
    until("everything to be announced", || async {
        let behind = "SELECT count(*) FROM variants JOIN stock ON variant_id = variants.id
                      WHERE announced_available <> on_hand - reserved";
        (shop.database.count(behind).await == 0).then_some(())
    })
    .await;
    let figures: Value = shop.staff().get("/products/figures?days=1").await.expect(200);
    assert_eq!(figures["days"].as_array().unwrap().len(), 1, "{figures}");
    figures["days"][0]["ran_out"].as_i64().unwrap()
}

async fn give_back(shop: &Shop, checkout: Checkout) {
    shop.deliver(checkout.cancelled()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sku_that_ran_out_counts_once_a_day_and_one_that_runs_low_does_not() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5), ("B", 2), ("NEVER", 0), ("LOW", 2)]).await;
    assert_eq!(ran_out_today(&shop).await, 0);
    shop.held(&[("LOW", 1)]).await;
    let all = shop.held(&[("A", 5)]).await;
    assert_eq!(ran_out_today(&shop).await, 1);
    give_back(&shop, all).await;
    assert_eq!(ran_out_today(&shop).await, 1);
    shop.held(&[("A", 5), ("B", 2)]).await;
    assert_eq!(ran_out_today(&shop).await, 2, "A had run out before");
    // Yesterday's were others.
    let yesterday = "UPDATE stock_out_days SET day = day - 1";
    sqlx::query(yesterday).execute(shop.database.pool()).await.unwrap();
    sqlx::query("UPDATE variants SET ran_out_on = ran_out_on - 1").execute(shop.database.pool()).await.unwrap();
    shop.restock("B", 1).await;
    assert_eq!(ran_out_today(&shop).await, 0);
    shop.held(&[("B", 1)]).await;
    assert_eq!(ran_out_today(&shop).await, 1);
    let figures: Value = shop.staff().get("/products/figures").await.expect(200);
    let days = figures["days"].as_array().unwrap();
    assert_eq!(days.len(), 30);
    assert_eq!((&days[28]["ran_out"], &days[29]["ran_out"]), (&json!(2), &json!(1)));
    assert!(days[..28].iter().all(|day| day["ran_out"] == json!(0)), "{figures}");
    assert!(days.windows(2).all(|pair| pair[0]["day"].as_str() < pair[1]["day"].as_str()), "{figures}");
    for wrong in ["0", "91", "x", "-1"] {
        let answer = shop.staff().get(&format!("/products/figures?days={wrong}")).await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{wrong}: {}", answer.status);
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_sold_does_not_count_when_it_runs_out() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5), ("B", 5)]).await;
    let path = shop.path("A").await;
    let staff = shop.staff();
    staff.with_header("if-match", "\"1\"").post(&format!("{path}/archive"), json!({})).await.assert_status(200);
    for sku in ["A", "B"] {
        let adjust = format!("{}/stock-adjustments", shop.path(sku).await);
        staff.post(&adjust, json!({ "quantity": -5, "reason": "damaged" })).await.assert_status(201);
    }
    assert_eq!(ran_out_today(&shop).await, 1, "B alone");
    shop.close().await;
}
