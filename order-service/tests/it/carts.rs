//! Carts: filled, told of what has changed, merged, ordered.

use crate::{
    shopper::{Shopper, checkout, held, orders},
    support::{Shop, database},
};
use contracts::events::user::Erased;
use reqwest::Method;
use serde_json::{Value, json};
use service_kit::auth::Role;
use std::sync::atomic::Ordering;
use test_kit::{event, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_fills_a_cart_and_nobody_else_finds_it() {
    let shop = Shop::open().await;
    let guest = Shopper::guest(&shop).await;
    guest.add("MUG", 2).await.assert_status(200);
    guest.add_under("again", "POT", 1).await.assert_status(200);
    guest.add_under("again", "POT", 1).await.assert_status(200);
    let mug = format!("/carts/{}/lines/MUG", guest.cart);
    guest.client.send(Method::PUT, &mug, Some(json!({"quantity": 5}))).await.assert_status(200);
    let cart = guest.look().await;
    assert_eq!(held(&cart), [("MUG", 5, 1999), ("POT", 1, 1999)]);
    assert_eq!(
        (&cart["total"], &cart["changed"], &cart["checked"]),
        (&json!({"amount": 11994, "currency": "EUR"}), &json!(false), &json!(true))
    );
    guest.client.delete(&mug).await.assert_status(200);
    assert_eq!(held(&guest.look().await), [("POT", 1, 1999)]);

    let path = format!("/carts/{}", guest.cart);
    let another = Shopper::guest(&shop).await;
    let expired = shop.running.client().with_token(shop.signer.expired());
    for stranger in [&shop.running.client(), &shop.customer, &shop.admin, &another.client, &expired] {
        stranger.get(&path).await.assert_problem(404, "cart_not_found");
        stranger.delete(&format!("{path}/lines/POT")).await.assert_problem(404, "cart_not_found");
        let keyed = stranger.with_header("Idempotency-Key", "x");
        keyed
            .post(&format!("{path}/lines"), json!({"sku": "MUG", "quantity": 1}))
            .await
            .assert_problem(404, "cart_not_found");
    }
    assert_eq!(held(&guest.look().await), [("POT", 1, 1999)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_in_a_cart_is_refused() {
    let shop = Shop::open().await;
    let guest = Shopper::guest(&shop).await;
    shop.products.offer("GONE", None);
    guest.add("GONE", 1).await.assert_problem(422, "sku_not_sold");
    guest.add("MUG", 0).await.assert_problem(422, "invalid_fields");
    guest.add("", 1).await.assert_problem(422, "invalid_fields");
    guest.add("MUG", 999).await.assert_status(200);
    guest.add("MUG", 1).await.assert_problem(422, "too_many_pieces");
    let lines = format!("/carts/{}/lines", guest.cart);
    let without_key = guest.client.post(&lines, json!({"sku": "MUG", "quantity": 1})).await;
    without_key.assert_problem(400, "idempotency_key_required");
    assert_eq!(held(&guest.look().await), [("MUG", 999, 1999)]);
}

/// Eight tabs, each ten times, and each click twice.
#[tokio::test(flavor = "multi_thread")]
async fn many_tabs_lose_no_piece_and_double_none() {
    let shop = Shop::open().await;
    let customer = Shopper::customer(&shop.customer).await;
    let tabs = (0..8).map(|tab| {
        let (client, cart) = (customer.client.clone(), customer.cart.clone());
        tokio::spawn(async move {
            for turn in 0..10 {
                let key = format!("{tab}-{turn}");
                let shopper = Shopper { client: client.clone(), cart: cart.clone() };
                for _ in 0..2 {
                    // Whoever was overtaken too often is told so, and tries again.
                    while shopper.add_under(&key, "MUG", 1).await.status == 503 {}
                }
            }
        })
    });
    for tab in tabs.collect::<Vec<_>>() {
        tab.await.unwrap();
    }
    assert_eq!(held(&customer.look().await), [("MUG", 80, 1999)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_one_cart_however_many_tabs_open_it() {
    let shop = Shop::open().await;
    let opened = (0..8).map(|_| {
        let client = shop.customer.clone();
        tokio::spawn(async move { client.post("/carts", Value::Null).await.text_at("/id") })
    });
    let mut ids = Vec::new();
    for id in opened.collect::<Vec<_>>() {
        ids.push(id.await.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(shop.database.count("SELECT count(*) FROM carts").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_is_ordered_once_and_is_empty_then() {
    let shop = Shop::open().await;
    let customer = Shopper::customer(&shop.customer).await;
    customer.add("POT", 1).await.assert_status(200);
    let version = customer.add("MUG", 2).await.body["version"].clone();
    let order = customer.checkout("one", &version).await;
    order.assert_status(201);
    assert_eq!(order.body["total"], json!({"amount": 5997, "currency": "EUR"}));
    assert_eq!(held(&customer.look().await), []);
    // The click that came twice; the answer that got lost.
    assert_eq!(customer.checkout("one", &version).await.assert_status(201).body, order.body);
    // Another tab, and the back button.
    customer.checkout("two", &version).await.assert_problem(409, "cart_changed");
    let now = customer.look().await["version"].clone();
    customer.checkout("three", &now).await.assert_problem(422, "cart_empty");
    assert_eq!(orders(&shop).await, 1);
}

/// All of them press the button at once, each under its own key.
#[tokio::test(flavor = "multi_thread")]
async fn ten_tabs_that_order_one_cart_at_once_get_one_order() {
    let shop = Shop::open().await;
    let customer = Shopper::customer(&shop.customer).await;
    let version = customer.add("MUG", 2).await.body["version"].clone();
    let tabs = (0..10).map(|tab| {
        let (client, cart, version) = (customer.client.clone(), customer.cart.clone(), version.clone());
        tokio::spawn(async move { checkout(&client, &cart, &format!("tab-{tab}"), &version).await })
    });
    let mut placed = 0;
    for tab in tabs.collect::<Vec<_>>() {
        let answer = tab.await.unwrap();
        if answer.status == 201 {
            placed += 1;
        } else {
            answer.assert_problem(409, "cart_changed");
        }
    }
    assert_eq!((placed, orders(&shop).await), (1, 1));
    let asked = shop.products.asked.lock().unwrap();
    assert!(asked.iter().all(|request| request.checkout_id == asked[0].checkout_id), "{asked:?}");
}

/// The second click overtakes the first, whose stock comes late; so does another tab.
#[tokio::test(flavor = "multi_thread")]
async fn a_click_that_is_overtaken_by_its_double_gets_the_same_order() {
    for key in ["one", "two"] {
        let shop = Shop::open().await;
        let customer = Shopper::customer(&shop.customer).await;
        let version = customer.add("MUG", 2).await.body["version"].clone();
        shop.products.next_waits.store(true, Ordering::SeqCst);
        let first = {
            let (client, cart, version) = (customer.client.clone(), customer.cart.clone(), version.clone());
            tokio::spawn(async move { checkout(&client, &cart, "one", &version).await })
        };
        until("the stock to be asked for", || async {
            (!shop.products.asked.lock().unwrap().is_empty()).then_some(())
        })
        .await;
        let second = customer.checkout(key, &version).await;
        shop.products.go_on.notify_one();
        let first = first.await.unwrap();
        second.assert_status(201);
        if key == "one" {
            assert_eq!(first.assert_status(201).body, second.body);
        } else {
            first.assert_problem(409, "cart_changed");
        }
        assert_eq!(orders(&shop).await, 1);
    }
}

/// While product-service holds the stock, or finds that it held it too long.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_comes_in_while_the_cart_is_ordered_is_neither_lost_nor_ordered() {
    for is_held in [true, false] {
        let shop = Shop::open().await;
        let customer = Shopper::customer(&shop.customer).await;
        let version = customer.add("MUG", 2).await.body["version"].clone();
        let slow = if is_held { &shop.products.next_waits } else { &shop.products.next_comes_late };
        slow.store(true, Ordering::SeqCst);
        let ordering = {
            let (client, cart) = (customer.client.clone(), customer.cart.clone());
            tokio::spawn(async move { checkout(&client, &cart, "one", &version).await })
        };
        until("the stock to be asked for", || async {
            (!shop.products.asked.lock().unwrap().is_empty()).then_some(())
        })
        .await;
        customer.add("POT", 1).await.assert_status(200);
        shop.products.go_on.notify_one();
        ordering.await.unwrap().assert_problem(409, "cart_changed");
        let cart = customer.look().await;
        assert_eq!(held(&cart), [("MUG", 2, 1999), ("POT", 1, 1999)]);
        assert_eq!(orders(&shop).await, 0);
        customer.checkout("two", &cart["version"]).await.assert_status(201);
        assert_eq!(orders(&shop).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_the_shopper_was_not_told_is_not_charged() {
    let shop = Shop::open().await;
    let customer = Shopper::customer(&shop.customer).await;
    let version = customer.add("MUG", 2).await.body["version"].clone();
    shop.products.offer("MUG", Some((2499, 100)));
    let refused = customer.checkout("one", &version).await;
    refused.assert_problem(409, "price_changed");
    let euro = |amount: i64| json!({"amount": amount, "currency": "EUR"});
    assert_eq!(refused.body["changed"], json!([{"sku": "MUG", "told": euro(1999), "now": euro(2499)}]));
    let cart = customer.look().await;
    assert_eq!(cart["lines"][0]["changes"], json!([{"what": "price", "now": euro(2499)}]));
    assert_eq!((held(&cart), &cart["changed"]), (vec![("MUG", 2, 1999)], &json!(true)));
    let agreed = customer.agree().await.assert_status(200).body.clone();
    assert_eq!((held(&agreed), &agreed["changed"]), (vec![("MUG", 2, 2499)], &json!(false)));
    // What was agreed to is another cart than the one of the old page.
    customer.checkout("two", &version).await.assert_problem(409, "cart_changed");
    let order = customer.checkout("three", &agreed["version"]).await;
    assert_eq!(order.assert_status(201).body["total"], euro(4998));
    assert_eq!(orders(&shop).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_short_or_not_sold_any_more_is_told_and_taken_out_when_agreed() {
    let shop = Shop::open().await;
    let customer = Shopper::customer(&shop.customer).await;
    for sku in ["MUG", "POT", "CAN"] {
        customer.add(sku, 4).await.assert_status(200);
    }
    shop.products.offer("MUG", Some((1999, 3)));
    shop.products.offer("POT", None);
    let cart = customer.look().await;
    let changes: Vec<_> = cart["lines"].as_array().unwrap().iter().map(|line| line["changes"].clone()).collect();
    assert_eq!(changes, [json!([{"what": "short", "available": 3}]), json!([{"what": "not_sold"}]), json!([])]);
    assert_eq!(held(&cart).len(), 3);
    assert_eq!(held(&customer.agree().await.body), [("MUG", 3, 1999), ("CAN", 4, 1999)]);
}

/// product-service keeps a refusal for each checkout's repeats: the cart's next checkout must be another one.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_refusal_the_cart_can_be_ordered_when_there_is_enough_again() {
    let shop = Shop::open().await;
    let customer = Shopper::customer(&shop.customer).await;
    let version = customer.add("NONE-LEFT", 1).await.body["version"].clone();
    customer.checkout("one", &version).await.assert_problem(409, "out_of_stock");
    let cart = customer.look().await;
    assert_ne!(cart["version"], version);
    customer.checkout("two", &cart["version"]).await.assert_problem(409, "out_of_stock");
    let asked = shop.products.asked.lock().unwrap();
    assert_ne!(asked[0].checkout_id, asked[1].checkout_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_catalogue_is_away_a_cart_is_shown_as_it_was_told() {
    let away = Shop::without_products().await;
    let customer = Shopper::customer(&away.customer).await;
    customer.add("MUG", 1).await.assert_status(503);
    let line =
        json!([{"sku": "MUG", "name": "The MUG", "quantity": 2, "unit_price": {"amount": 1999, "currency": "EUR"}}]);
    let filled = sqlx::query("UPDATE carts SET lines = $1").bind(line).execute(away.database.pool()).await.unwrap();
    assert_eq!(filled.rows_affected(), 1);
    let cart = customer.look().await;
    assert_eq!(
        (held(&cart), &cart["checked"], &cart["changed"]),
        (vec![("MUG", 2, 1999)], &json!(false), &json!(false))
    );
    customer.client.delete(&format!("/carts/{}/lines/MUG", customer.cart)).await.assert_status(200);
    assert_eq!(held(&customer.look().await), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_guest_chose_is_the_accounts_after_the_log_in() {
    let shop = Shop::open().await;
    let guest = Shopper::guest(&shop).await;
    guest.add("MUG", 2).await.assert_status(200);
    let merge = |guest: &Shopper| {
        let token = guest.client.clone();
        let path = format!("/carts/{}/merge", guest.cart);
        let signed_in = token.with_token(shop.signer.person(shop.customer_id, Role::Customer));
        async move { signed_in.post(&path, Value::Null).await }
    };
    // Who had none has the guest's.
    let merged = merge(&guest).await;
    assert_eq!(held(&merged.assert_status(200).body), [("MUG", 2, 1999)]);
    guest.client.get(&format!("/carts/{}", guest.cart)).await.assert_problem(404, "cart_not_found");
    // The other tab does the same, and it changes nothing.
    assert_eq!(merge(&guest).await.assert_status(200).body["version"], merged.body["version"]);

    let again = Shopper::guest(&shop).await;
    again.add("POT", 1).await.assert_status(200);
    again.add("MUG", 3).await.assert_status(200);
    let both = merge(&again).await;
    assert_eq!(held(&both.assert_status(200).body), [("MUG", 5, 1999), ("POT", 1, 1999)]);
    assert_eq!(shop.database.count("SELECT count(*) FROM carts").await, 1);
    // With a stranger's token nothing comes in.
    let third = Shopper::guest(&shop).await;
    third.add("CAN", 1).await.assert_status(200);
    let stranger = Shopper { client: again.client.clone(), cart: third.cart.clone() };
    assert_eq!(held(&merge(&stranger).await.assert_status(200).body).len(), 2);
    assert_eq!(held(&third.look().await), [("CAN", 1, 1999)]);
}

/// Five guests' carts of one person, each merged by three tabs at once.
#[tokio::test(flavor = "multi_thread")]
async fn carts_that_are_merged_at_once_lose_nothing_and_double_nothing() {
    let shop = Shop::open().await;
    let mut merges = Vec::new();
    for _ in 0..5 {
        let guest = Shopper::guest(&shop).await;
        guest.add("MUG", 2).await.assert_status(200);
        for _ in 0..3 {
            let client = guest.client.with_token(shop.signer.person(shop.customer_id, Role::Customer));
            let path = format!("/carts/{}/merge", guest.cart);
            merges.push(tokio::spawn(async move { client.post(&path, Value::Null).await.status }));
        }
    }
    for merge in merges {
        assert_eq!(merge.await.unwrap(), 200);
    }
    let customer = Shopper::customer(&shop.customer).await;
    assert_eq!(held(&customer.look().await), [("MUG", 10, 1999)]);
    assert_eq!(shop.database.count("SELECT count(*) FROM carts").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cart_of_who_is_erased_goes_with_them() {
    let shop = Shop::open().await;
    Shopper::guest(&shop).await.add("MUG", 1).await.assert_status(200);
    Shopper::customer(&shop.customer).await.add("MUG", 1).await.assert_status(200);
    shop.deliver(&event(1, Erased { account_id: shop.customer_id, also: Vec::new() })).await;
    until("the person's cart to be gone", || async {
        (shop.database.count("SELECT count(*) FROM carts WHERE account_id IS NOT NULL").await == 0).then_some(())
    })
    .await;
    assert_eq!(shop.database.count("SELECT count(*) FROM carts").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_that_nobody_comes_back_to_is_forgotten() {
    let database = database().await;
    let carts = "INSERT INTO carts (id, account_id, created_at, changed_at, expires_at)
                 SELECT gen_random_uuid(), gen_random_uuid(), now(), now(), now() + days * interval '1 day'
                 FROM unnest('{-1, -2, 1}'::int[]) AS days";
    sqlx::query(carts).execute(database.pool()).await.unwrap();
    let url = database.url().to_owned();
    let shop = Shop::open_on(database, url).await;
    until("the old carts to be gone", || async {
        (shop.database.count("SELECT count(*) FROM carts").await == 1).then_some(())
    })
    .await;
    let kept = "SELECT count(*) FROM carts WHERE expires_at > now()";
    assert_eq!(shop.database.count(kept).await, 1);
}
