//! What carts ask for, and checkouts at prices that their shoppers were told.

use crate::support::{Checkout, Shop};
use contracts::api::product::Offers;
use reqwest::Method;
use serde_json::{Value, json};

async fn offers(shop: &Shop, skus: &[&str]) -> Offers {
    shop.order_service().post("/internal/offers", json!({ "skus": skus })).await.expect(200)
}

async fn set_price(shop: &Shop, sku: &str, cents: i64) {
    let staff = shop.staff().with_header("If-Match", format!("\"{}\"", shop.product(sku).await["version"]));
    let price = json!({ "price": { "amount": cents, "currency": "EUR" } });
    staff.send(Method::PATCH, &shop.path(sku).await, Some(price)).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sold_is_offered_as_it_is_at_this_moment() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5), ("B", 2), ("C", 1)]).await;
    shop.held(&[("B", 2)]).await;
    set_price(&shop, "A", 1234).await;
    let archived = format!("{}/archive", shop.path("C").await);
    let staff = shop.staff().with_header("If-Match", format!("\"{}\"", shop.product("C").await["version"]));
    staff.post(&archived, Value::Null).await.assert_status(200);

    let found = offers(&shop, &["A", "B", "C", "NOPE", "no sku at all", "\0"]).await.offers;
    let told: Vec<_> =
        found.iter().map(|(sku, offer)| (sku.as_str(), offer.unit_price.amount, offer.available)).collect();
    assert_eq!(told, [("A", 1234, 5), ("B", 1000, 0)]);
    assert_eq!(offers(&shop, &[]).await.offers.len(), 0);
    let many: Vec<String> = (0..201).map(|number| format!("S{number}")).collect();
    let refused = shop.order_service().post("/internal/offers", json!({ "skus": many })).await;
    refused.assert_problem(422, "invalid_fields");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_another_price_than_the_shopper_was_told_nothing_is_reserved_until_they_agree() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5), ("B", 5)]).await;
    set_price(&shop, "A", 1234).await;
    let euro = |amount: i64| json!({ "amount": amount, "currency": "EUR" });
    let checkout = Checkout::new();
    let asked = |a: i64| {
        let mut request = checkout.request(&[("A", 2), ("B", 1)]);
        request["prices"] = json!({ "A": euro(a), "B": euro(1000) });
        request
    };
    let refused = shop.order_service().post("/internal/reservations", asked(1000)).await;
    refused.assert_problem(409, "price_changed");
    assert_eq!(refused.body["changed"], json!([{ "sku": "A", "told": euro(1000), "now": euro(1234) }]));
    assert_eq!((shop.level("A").await, shop.level("B").await), ((5, 0), (5, 0)));
    // Of several, too, each for itself.
    let others = Checkout::new().request(&[("B", 1)]);
    let answers = shop.order_service().post("/internal/reservations", json!([asked(1000), others])).await;
    assert_eq!(answers.assert_status(200).body[0]["refused"]["code"], "price_changed");
    assert_eq!(shop.level("B").await, (5, 1));

    shop.order_service().post("/internal/reservations", asked(1234)).await.assert_status(200);
    assert_eq!((shop.level("A").await, shop.level("B").await), ((5, 2), (5, 2)));
    // The repeat of what was reserved hears the same, whatever the price is by now.
    set_price(&shop, "A", 999).await;
    shop.order_service().post("/internal/reservations", asked(1234)).await.assert_status(200);
    shop.assert_books_balance().await;
    shop.close().await;
}
