//! The sample catalogue.

use crate::support::{Shop, sample};
use contracts::Currency;
use product_service::{SeedReport, seed};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_and_ten_products_are_added_once_each_with_its_event() {
    let shop = Shop::open().await;
    let products: Vec<_> = (0..210)
        .map(|number| {
            let mut product = sample(&format!("S-{number:03}"), number);
            product.category = format!("category-{}", number % 10);
            product.picture = format!("<svg><!-- {number} --></svg>");
            product
        })
        .collect();
    let first = seed(&shop.running.kit, products.clone()).await.unwrap();
    assert_eq!(first, SeedReport { added: 210, left_alone: 0 });
    let created = "SELECT count(*) FROM event_log WHERE type = 'product.created'";
    assert_eq!(shop.database.count(created).await, 210);
    assert_eq!(shop.database.count("SELECT count(*) FROM categories").await, 10);

    let one = shop.product("S-042").await;
    let expected = json!({
        "id": one["id"], "sku": "S-042", "name": "Thing S-042", "description": "A thing for tests.",
        "category": "category-2", "price": { "amount": 1000, "currency": Currency::EUR }, "available": 42,
        "picture": one["picture"], "status": "active", "version": 1,
        "created_at": one["created_at"], "updated_at": one["created_at"],
    });
    assert_eq!(one, expected);

    let second = seed(&shop.running.kit, products).await.unwrap();
    assert_eq!(second, SeedReport { added: 0, left_alone: 210 });
    assert_eq!(shop.database.count(created).await, 210);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_staff_changed_is_left_alone_and_what_is_new_is_added() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    let path = shop.path("A").await;
    let patch = shop.staff().with_header("if-match", "\"1\"");
    patch.send(reqwest::Method::PATCH, &path, Some(json!({ "name": "Ours" }))).await.assert_status(200);
    let report = seed(&shop.running.kit, vec![sample("A", 99), sample("B", 1)]).await.unwrap();
    assert_eq!(report, SeedReport { added: 1, left_alone: 1 });
    assert_eq!((shop.product("A").await["name"].clone(), shop.level("A").await), (json!("Ours"), (5, 0)));
    let all: Value = shop.anybody().get("/products").await.expect(200);
    let skus: BTreeSet<&str> =
        all["items"].as_array().unwrap().iter().map(|item| item["sku"].as_str().unwrap()).collect();
    assert_eq!(skus, BTreeSet::from(["A", "B"]));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_sample_is_named_and_nothing_is_added() {
    let shop = Shop::open().await;
    let mut wrong = sample("B", 1);
    wrong.price = 0;
    let refused = seed(&shop.running.kit, vec![sample("A", 1), wrong]).await.unwrap_err().to_string();
    assert!(refused.contains("\"B\"") && refused.contains("price"), "{refused}");
    assert_eq!(shop.database.count("SELECT count(*) FROM products").await, 0);
    shop.close().await;
}
