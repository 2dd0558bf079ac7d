//! Staff makes, changes and archives products.

use crate::support::{Checkout, Shop, sample};
use product_service::{SeedReport, seed};
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::{Answer, Client};

fn mug() -> Value {
    json!({
        "sku": "MUG-1", "name": "Stoneware mug", "description": "Holds 0.3 l.", "category": "kitchen",
        "price": { "amount": 1450, "currency": "EUR" }, "stock": 7,
    })
}

async fn shop_with_kitchen() -> Shop {
    let shop = Shop::open().await;
    let name = json!({ "name": "Kitchen" });
    shop.staff().send(Method::PUT, "/categories/kitchen", Some(name)).await.assert_status(204);
    shop
}

async fn patch(client: &Client, path: &str, version: i64, body: Value) -> Answer {
    client.with_header("if-match", format!("\"{version}\"")).send(Method::PATCH, path, Some(body)).await
}

async fn announced(shop: &Shop) -> Vec<(String, i64)> {
    sqlx::query_as("SELECT type, sequence FROM event_log ORDER BY position")
        .fetch_all(shop.database.pool())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_product_is_answered_whole_and_can_be_found_and_bought() {
    let shop = shop_with_kitchen().await;
    let answer = shop.staff().post("/products", mug()).await;
    let product: Value = answer.expect(201);
    let id = product["id"].as_str().unwrap();
    assert_eq!(answer.headers["location"], format!("/products/{id}"));
    assert_eq!(answer.headers["etag"], "\"1\"");
    let expected = json!({
        "id": id, "sku": "MUG-1", "name": "Stoneware mug", "description": "Holds 0.3 l.", "category": "kitchen",
        "price": { "amount": 1450, "currency": "EUR" }, "available": 7, "picture": null, "status": "active",
        "version": 1, "created_at": product["created_at"], "updated_at": product["created_at"],
    });
    assert_eq!(product, expected);
    let found = shop.staff().get(&format!("/products/{id}")).await;
    assert_eq!((found.body.clone(), &found.headers["etag"]), (product.clone(), &answer.headers["etag"]));
    assert_eq!(shop.anybody().get("/products/by-sku/MUG-1").await.expect::<Value>(200), product);
    shop.held(&[("MUG-1", 2)]).await;
    assert_eq!(shop.staff().get("/products/by-sku/MUG-1").await.body["available"], 5);
    assert_eq!(announced(&shop).await[0], ("product.created".to_owned(), 1));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_product_is_refused_with_all_its_faults() {
    let shop = shop_with_kitchen().await;
    let wrong = json!({
        "sku": "no sku", "name": "", "category": "Kitchen", "price": { "amount": 0, "currency": "EUR" }, "stock": -1,
    });
    let refused = shop.staff().post("/products", wrong).await;
    refused.assert_problem(422, "invalid_fields");
    let pointers: Vec<&str> =
        refused.body["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/sku", "/name", "/category", "/price", "/stock"]);
    for (field, value) in [("version", json!(7)), ("available", json!(7)), ("colour", json!("red"))] {
        let mut body = mug();
        body[field] = value;
        shop.staff().post("/products", body).await.assert_problem(422, "invalid_fields");
    }
    let mut taxed = mug();
    taxed["price"]["tax"] = json!(380);
    shop.staff().post("/products", taxed).await.assert_problem(422, "invalid_fields");
    let mut elsewhere = mug();
    elsewhere["category"] = json!("nowhere");
    shop.staff().post("/products", elsewhere).await.assert_problem(422, "unknown_category");
    assert_eq!(shop.database.count("SELECT count(*) FROM products").await, 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zero_byte_in_any_text_is_refused_before_the_database_would() {
    let shop = shop_with_kitchen().await;
    let refused = |answer: Answer, pointer: &str| {
        assert_eq!(answer.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), pointer);
    };
    for field in ["sku", "name", "description", "category"] {
        let mut body = mug();
        body[field] = json!("a\0b");
        refused(shop.staff().post("/products", body).await, &format!("/{field}"));
    }
    shop.staff().post("/products", mug()).await.assert_status(201);
    let (staff, path) = (shop.staff(), shop.path("MUG-1").await);
    for field in ["name", "description", "category"] {
        refused(patch(&staff, &path, 1, json!({ field: "a\0b" })).await, &format!("/{field}"));
    }
    let note = json!({ "quantity": 1, "reason": "restocked", "note": "a\0b" });
    refused(staff.post(&format!("{path}/stock-adjustments"), note).await, "/note");
    let name = |name: &str| Some(json!({ "name": name }));
    refused(staff.send(Method::PUT, "/categories/a%00b", name("Attic")).await, "slug");
    refused(staff.send(Method::PUT, "/categories/attic", name("a\0b")).await, "/name");
    shop.reserve(Checkout::new(), &[("a\0b", 1)]).await.assert_problem(422, "sku_not_sold");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sku_belongs_to_one_product() {
    let shop = shop_with_kitchen().await;
    shop.staff().post("/products", mug()).await.assert_status(201);
    shop.staff().post("/products", mug()).await.assert_problem(409, "sku_taken");
    assert_eq!(shop.database.count("SELECT count(*) FROM products").await, 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeats_with_one_idempotency_key_make_one_product() {
    let shop = shop_with_kitchen().await;
    let staff = shop.staff().with_header("idempotency-key", "new-mug");
    let tries = (0..8).map(|_| {
        let staff = staff.clone();
        tokio::spawn(async move { staff.post("/products", mug()).await })
    });
    let mut answers = Vec::new();
    for answer in tries.collect::<Vec<_>>() {
        answers.push(answer.await.unwrap());
    }
    for answer in &answers {
        answer.assert_status(201);
        assert_eq!((&answer.body, &answer.headers["etag"]), (&answers[0].body, &answers[0].headers["etag"]));
    }
    let mut other = mug();
    other["sku"] = json!("MUG-2");
    staff.post("/products", other).await.assert_problem(422, "idempotency_key_reused");
    assert_eq!(shop.database.count("SELECT count(*) FROM products").await, 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_needs_the_version_it_is_based_on() {
    let shop = shop_with_kitchen().await;
    shop.staff().post("/products", mug()).await.assert_status(201);
    let (staff, path) = (shop.staff(), shop.path("MUG-1").await);
    let body = json!({ "name": "Bigger mug" });
    staff.send(Method::PATCH, &path, Some(body.clone())).await.assert_problem(428, "if_match_required");
    staff.post(&format!("{path}/archive"), Value::Null).await.assert_problem(428, "if_match_required");
    let changed = patch(&staff, &path, 1, body.clone()).await;
    assert_eq!(changed.headers["etag"], "\"2\"");
    assert_eq!((&changed.body["name"], &changed.body["version"]), (&json!("Bigger mug"), &json!(2)));
    let stale = patch(&staff, &path, 1, json!({ "name": "Smaller mug" })).await;
    stale.assert_problem(412, "version_stale");
    assert_eq!(stale.body["version"], 2);
    let archive = staff.with_header("if-match", "\"1\"");
    archive.post(&format!("{path}/archive"), Value::Null).await.assert_problem(412, "version_stale");
    assert_eq!(shop.product("MUG-1").await["name"], "Bigger mug");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_change_one_version_one_wins() {
    let shop = shop_with_kitchen().await;
    shop.staff().post("/products", mug()).await.assert_status(201);
    let (staff, path) = (shop.staff(), shop.path("MUG-1").await);
    let tries = (0..8).map(|number| {
        let (staff, path) = (staff.clone(), path.clone());
        tokio::spawn(async move { patch(&staff, &path, 1, json!({ "name": format!("Mug {number}") })).await })
    });
    let mut statuses = Vec::new();
    for answer in tries.collect::<Vec<_>>() {
        statuses.push(answer.await.unwrap().status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_can_be_changed_and_what_is_left_out_stays() {
    let shop = shop_with_kitchen().await;
    let name = json!({ "name": "Gifts" });
    shop.staff().send(Method::PUT, "/categories/gifts", Some(name)).await.assert_status(204);
    shop.staff().post("/products", mug()).await.assert_status(201);
    let (staff, path) = (shop.staff(), shop.path("MUG-1").await);
    patch(&staff, &path, 1, json!({ "description": "Blue." })).await.assert_status(200);
    patch(&staff, &path, 2, json!({ "category": "gifts" })).await.assert_status(200);
    let changed = patch(&staff, &path, 3, json!({ "price": { "amount": 990, "currency": "USD" } })).await;
    let mut expected = changed.expect::<Value>(200);
    let body = expected.as_object_mut().unwrap();
    for varies in ["id", "created_at", "updated_at"] {
        body.remove(varies);
    }
    let whole = json!({
        "sku": "MUG-1", "name": "Stoneware mug", "description": "Blue.", "category": "gifts",
        "price": { "amount": 990, "currency": "USD" }, "available": 7, "picture": null, "status": "active", "version": 4,
    });
    assert_eq!(expected, whole);
    for refused in
        [json!({ "sku": "X" }), json!({ "stock": 5 }), json!({ "status": "archived" }), json!({ "name": "" })]
    {
        patch(&staff, &path, 4, refused).await.assert_problem(422, "invalid_fields");
    }
    patch(&staff, &path, 4, json!({ "category": "nowhere" })).await.assert_problem(422, "unknown_category");
    let events: Vec<(String, i64)> =
        announced(&shop).await.into_iter().filter(|(kind, _)| kind.starts_with("product")).collect();
    let expected: Vec<(String, i64)> =
        [("product.created", 1), ("product.updated", 2), ("product.updated", 3), ("product.updated", 4)]
            .map(|(kind, sequence)| (kind.to_owned(), sequence))
            .into();
    assert_eq!(events, expected);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_product_is_out_of_the_list_and_not_sold_but_still_found() {
    let shop = shop_with_kitchen().await;
    shop.staff().post("/products", mug()).await.assert_status(201);
    let (staff, path) = (shop.staff(), shop.path("MUG-1").await);
    let archived = staff.with_header("if-match", "\"1\"").post(&format!("{path}/archive"), Value::Null).await;
    assert_eq!((&archived.body["status"], &archived.body["available"]), (&json!("archived"), &json!(0)));
    let again = staff.with_header("if-match", "\"2\"").post(&format!("{path}/archive"), Value::Null).await;
    again.assert_problem(409, "already_archived");
    assert_eq!(shop.anybody().get("/products").await.body["items"], json!([]));
    assert_eq!(shop.anybody().get(&path).await.body["status"], "archived");
    let refused = shop.reserve(Checkout::new(), &[("MUG-1", 1)]).await;
    refused.assert_problem(422, "sku_not_sold");
    // Back on sale.
    patch(&staff, &path, 2, json!({ "status": "active" })).await.assert_status(200);
    shop.held(&[("MUG-1", 1)]).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_seen_by_staff_alone() {
    let shop = shop_with_kitchen().await;
    let mut draft = mug();
    draft["status"] = json!("draft");
    shop.staff().post("/products", draft).await.assert_status(201);
    let path = shop.path("MUG-1").await;
    let (_, customer) = shop.signer.customer();
    let customer = shop.anybody().with_token(customer);
    for shopper in [shop.anybody(), customer, shop.anybody().with_token("not a token")] {
        shopper.get(&path).await.assert_problem(404, "product_not_found");
        shopper.get("/products/by-sku/MUG-1").await.assert_problem(404, "product_not_found");
        assert_eq!(shopper.get("/products").await.body["items"], json!([]));
    }
    assert_eq!(shop.staff().get("/products?status=draft").await.body["items"][0]["sku"], "MUG-1");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_at_an_unknown_address() {
    let shop = shop_with_kitchen().await;
    let nobody = "/products/01890a5d-ac96-774b-bcce-b302099a8057";
    shop.anybody().get(nobody).await.assert_problem(404, "product_not_found");
    shop.anybody().get("/products/7").await.assert_problem(404, "not_found");
    shop.anybody().get("/products/by-sku/%00").await.assert_problem(404, "product_not_found");
    patch(&shop.staff(), nobody, 1, json!({ "name": "x" })).await.assert_problem(404, "product_not_found");
    shop.staff().get(&format!("{nobody}/stock")).await.assert_problem(404, "product_not_found");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn categories_count_what_is_sold_and_can_be_renamed() {
    let shop = shop_with_kitchen().await;
    shop.staff().send(Method::PUT, "/categories/attic", Some(json!({ "name": "Attic" }))).await.assert_status(204);
    shop.staff().post("/products", mug()).await.assert_status(201);
    shop.staff().send(Method::PUT, "/categories/attic", Some(json!({ "name": "Zoo" }))).await.assert_status(204);
    let expected = json!({ "items": [
        { "slug": "kitchen", "name": "Kitchen", "products": 1 },
        { "slug": "attic", "name": "Zoo", "products": 0 },
    ], "next": null });
    assert_eq!(shop.anybody().get("/categories").await.expect::<Value>(200), expected);
    let wrong = shop.staff().send(Method::PUT, "/categories/No", Some(json!({ "name": "No" }))).await;
    wrong.assert_problem(422, "invalid_fields");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sku_that_differs_in_its_case_alone_is_taken_and_found_only_as_it_is_typed() {
    let shop = shop_with_kitchen().await;
    shop.staff().post("/products", mug()).await.assert_status(201);
    for sku in ["mug-1", "Mug-1", "mUG-1"] {
        let mut other = mug();
        other["sku"] = json!(sku);
        shop.staff().post("/products", other).await.assert_problem(409, "sku_taken");
        shop.anybody().get(&format!("/products/by-sku/{sku}")).await.assert_problem(404, "product_not_found");
    }
    for sku in [".", "..", "-"] {
        let mut other = mug();
        other["sku"] = json!(sku);
        let answer = shop.staff().post("/products", other).await;
        assert_eq!(answer.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), "/sku");
    }
    // Of many at once one is made, whatever their case.
    let one = |sku: &'static str| {
        let mut other = mug();
        other["sku"] = json!(sku);
        let staff = shop.staff();
        async move { staff.post("/products", other).await.status.as_u16() }
    };
    let (a, b, c) = tokio::join!(one("CUP-9"), one("cup-9"), one("Cup-9"));
    let mut statuses = [a, b, c];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn skus_that_fell_together_before_keep_working() {
    let shop = Shop::open().await;
    shop.stock(&[("MUG", 3), ("CUP", 1), ("LID", 2)]).await;
    // What a version that told capital letters apart left behind, and the migration over it.
    let before = "DROP INDEX variants_sku_folded_unique;
         ALTER TABLE variants DROP COLUMN shares_sku;
         UPDATE variants SET sku = 'mug' WHERE sku = 'CUP';
         UPDATE variants SET sku = '..' WHERE sku = 'LID'";
    sqlx::raw_sql(before).execute(shop.database.pool()).await.unwrap();
    sqlx::raw_sql(include_str!("../../migrations/0004_skus_in_any_case.sql"))
        .execute(shop.database.pool())
        .await
        .unwrap();
    assert_eq!((shop.level("MUG").await, shop.level("mug").await), ((3, 0), (1, 0)));
    shop.held(&[("mug", 1), ("MUG", 1), ("..", 1)]).await;
    assert_ne!(shop.product("MUG").await["id"], shop.product("mug").await["id"]);
    // A third is not made, and the samples leave them alone.
    let report = seed(&shop.running.kit, vec![sample("Mug", 9), sample("NEW", 1)]).await.unwrap();
    assert_eq!(report, SeedReport { added: 1, left_alone: 1 });
    assert_eq!(shop.database.count("SELECT count(*) FROM variants WHERE shares_sku").await, 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_in_what_is_no_money_is_refused_and_an_old_one_is_still_sold() {
    let shop = shop_with_kitchen().await;
    shop.staff().post("/products", mug()).await.assert_status(201);
    let path = shop.path("MUG-1").await;
    for currency in ["XXX", "XTS", "XAU", "ZWL", "HRK", "CHE"] {
        let mut other = mug();
        (other["sku"], other["price"]["currency"]) = (json!("CUP"), json!(currency));
        let answer = shop.staff().post("/products", other).await;
        assert_eq!(answer.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), "/price");
        let price = json!({ "price": { "amount": 100, "currency": currency } });
        patch(&shop.staff(), &path, 1, price).await.assert_problem(422, "invalid_fields");
    }
    let old = "UPDATE prices SET currency = 'ZWL', amount = 100000000000";
    sqlx::query(old).execute(shop.database.pool()).await.unwrap();
    assert_eq!(shop.product("MUG-1").await["price"]["currency"], "ZWL");
    let listed = shop.anybody().get("/products?currency=ZWL").await;
    assert_eq!(listed.assert_status(200).body["items"].as_array().unwrap().len(), 1);
    shop.held(&[("MUG-1", 1)]).await;
    shop.close().await;
}
