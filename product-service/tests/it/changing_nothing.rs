//! A change that changes nothing, and on which version a change may be based.

use crate::support::Shop;
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::Answer;

async fn shop_with_a_mug() -> (Shop, String) {
    let shop = Shop::open().await;
    let staff = shop.staff();
    for slug in ["kitchen", "gifts"] {
        let name = Some(json!({ "name": "Any" }));
        staff.send(Method::PUT, &format!("/categories/{slug}"), name).await.assert_status(204);
    }
    let mug = json!({
        "sku": "MUG-1", "name": "Stoneware mug", "description": "Holds 0.3 l.", "category": "kitchen",
        "price": { "amount": 1450, "currency": "EUR" },
    });
    staff.post("/products", mug).await.assert_status(201);
    let path = shop.path("MUG-1").await;
    (shop, path)
}

async fn patch(shop: &Shop, path: &str, based_on: &str, body: Value) -> Answer {
    shop.staff().with_header("if-match", based_on).send(Method::PATCH, path, Some(body)).await
}

async fn picture(shop: &Shop, path: &str) -> Answer {
    let request = reqwest::Client::new().put(format!("{}{path}/picture", shop.running.url));
    let token = shop.signer.admin();
    let request = request.bearer_auth(token).header("if-match", "*").header("content-type", "image/svg+xml");
    let answer = request.body("<svg xmlns=\"http://www.w3.org/2000/svg\"/>").send().await.unwrap();
    let (status, headers, text) = (answer.status(), answer.headers().clone(), answer.text().await.unwrap());
    Answer { status, headers, body: serde_json::from_str(&text).unwrap(), text }
}

/// Each new version would make every ETag that somebody holds stale, and every subscriber read again.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_nothing_makes_no_version_and_no_event() {
    let (shop, path) = shop_with_a_mug().await;
    let before: Value = shop.anybody().get(&path).await.expect(200);
    let nothing = [
        json!({}),
        json!({ "name": null, "price": null }),
        json!({ "name": "  Stoneware mug " }),
        json!({ "description": "Holds 0.3 l.", "category": "kitchen", "status": "active" }),
        json!({ "price": { "amount": 1450.0, "currency": "EUR" } }),
    ];
    for body in nothing {
        let answer = patch(&shop, &path, "\"1\"", body.clone()).await;
        assert_eq!((&answer.body, &answer.headers["etag"]), (&before, &"\"1\"".parse().unwrap()), "{body}");
    }
    patch(&shop, &path, "\"2\"", json!({})).await.assert_problem(412, "version_stale");
    assert_eq!(picture(&shop, &path).await.body["version"], 2);
    assert_eq!(picture(&shop, &path).await.body["version"], 2);
    assert_eq!(shop.database.count("SELECT count(*) FROM event_log WHERE type = 'product.updated'").await, 1);
    // The smallest of changes is one.
    for (version, body) in [
        (3, json!({ "name": "stoneware mug" })),
        (4, json!({ "price": { "amount": 1450, "currency": "USD" } })),
        (5, json!({ "category": "gifts", "name": "stoneware mug" })),
    ] {
        assert_eq!(patch(&shop, &path, "*", body).await.body["version"], version);
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_based_on_any_version_it_names() {
    let (shop, path) = shop_with_a_mug().await;
    for stale in ["\"7\"", "W/\"1\"", "\"mug\"", "\"01\", \"7\""] {
        let refused = patch(&shop, &path, stale, json!({ "name": "Cup" })).await;
        assert_eq!(refused.assert_problem(412, "version_stale").body["version"], 1, "{stale}");
    }
    for (version, based_on) in [(2, "*"), (3, "\"1\", \"2\""), (4, "W/\"9\",\"3\"")] {
        let answer = patch(&shop, &path, based_on, json!({ "name": format!("Cup {version}") })).await;
        assert_eq!(answer.assert_status(200).body["version"], version, "{based_on}");
    }
    let archive = |based_on: &str| shop.staff().with_header("if-match", based_on);
    archive("W/\"4\"").post(&format!("{path}/archive"), json!({})).await.assert_problem(412, "version_stale");
    archive("*").post(&format!("{path}/archive"), json!({})).await.assert_status(200);
    let nowhere = "/products/01890a5d-ac96-774b-bcce-b302099a8057";
    patch(&shop, nowhere, "*", json!({})).await.assert_problem(404, "product_not_found");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_leads_nowhere_in_another_list() {
    let (shop, _) = shop_with_a_mug().await;
    for number in 2..5 {
        let cup = json!({
            "sku": format!("CUP-{number}"), "name": "Cup", "category": "kitchen", "stock": 3,
            "price": { "amount": 900, "currency": "EUR" },
        });
        shop.staff().post("/products", cup).await.assert_status(201);
    }
    let next = shop.anybody().get("/products?limit=1&category=kitchen").await.text_at("/next");
    let go_on = async |query: &str| shop.staff().get(&format!("/products?{query}&after={next}")).await;
    go_on("limit=3&category=kitchen").await.assert_status(200);
    for other in [
        "",
        "category=gifts",
        "category=kitchen&sort=name",
        "category=kitchen&status=archived",
        "category=kitchen&currency=EUR",
        "category=kitchen&min_price=1",
        "category=kitchen&q=cup",
    ] {
        go_on(other).await.assert_problem(400, "invalid_cursor");
    }
    let (one, two) = (shop.path("CUP-2").await, shop.path("CUP-3").await);
    let note = json!({ "quantity": 1, "reason": "restocked" });
    shop.staff().post(&format!("{one}/stock-adjustments"), note).await.assert_status(201);
    let next = shop.staff().get(&format!("{one}/stock?limit=1")).await.text_at("/movements/next");
    shop.staff().get(&format!("{one}/stock?after={next}")).await.assert_status(200);
    shop.staff().get(&format!("{two}/stock?after={next}")).await.assert_problem(400, "invalid_cursor");
    shop.staff().get(&format!("/products?after={next}")).await.assert_problem(400, "invalid_cursor");
    shop.close().await;
}
