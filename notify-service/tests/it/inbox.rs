//! The app's inbox: one's own messages and nobody else's.

use crate::support::{Shop, event, fixed, paid, registered, verified};
use contracts::AccountId;
use serde_json::{Value, json};
use service_kit::auth::Role;
use test_kit::Client;

async fn shop_with(messages: u128) -> (Shop, Client) {
    let shop = Shop::open().await;
    for number in 0..messages {
        shop.deliver(&event(100 + number, paid(fixed(1), fixed(200 + number)))).await;
    }
    let client = shop.client(shop.signer.person(fixed(1), Role::Customer));
    (shop, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_listed_with_what_it_says() {
    let (_shop, client) = shop_with(1).await;
    let list = client.get("/notifications").await;
    let item = &list.assert_status(200).body["items"][0];
    let expected = json!({
        "id": item["id"], "created_at": item["created_at"], "read_at": null,
        "template": "order_paid", "order_id": "00000000-0000-0000-0000-0000000000c8",
        "title": "Payment received: order 1001 is confirmed",
        "body": "Your payment of 32.38 EUR has arrived and order 1001 is confirmed.\n\nWe are packing it now and will \
                 write again when it is on its way.",
    });
    assert_eq!(list.body, json!({ "items": [expected], "next": null }));
}

/// What `field` says of every item, page by page.
async fn paged(client: &Client, address: &str, field: &str) -> Vec<String> {
    let (mut seen, mut next) = (Vec::new(), address.to_owned());
    loop {
        let page = client.get(&next).await;
        let items = page.assert_status(200).body["items"].as_array().unwrap().clone();
        assert!(items.len() <= 2, "{}", page.text);
        seen.extend(items.iter().map(|item| item[field].as_str().unwrap().to_owned()));
        let Some(after) = page.body["next"].as_str() else { return seen };
        next = format!("{address}&after={after}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_from_the_newest_to_the_oldest_without_a_gap() {
    let (_shop, client) = shop_with(5).await;
    let seen = paged(&client, "/notifications?limit=2", "order_id").await;
    let newest_first: Vec<_> = (200..205).rev().map(|number| fixed::<uuid::Uuid>(number).to_string()).collect();
    assert_eq!(seen, newest_first);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_what_is_unread_leave_out_what_was_read() {
    let (_shop, client) = shop_with(6).await;
    // The newest but one, and the oldest.
    let ids = paged(&client, "/notifications?limit=2", "id").await;
    for id in [&ids[1], &ids[5]] {
        client.post(&format!("/notifications/{id}/read"), Value::Null).await.assert_status(200);
    }
    let unread = paged(&client, "/notifications?unread=true&limit=2", "id").await;
    assert_eq!(unread, [&ids[0], &ids[2], &ids[3], &ids[4]].map(String::as_str));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_deliveries_go_from_the_newest_to_the_oldest_without_a_gap() {
    let (shop, _) = shop_with(5).await;
    shop.deliveries("sent", 5).await;
    let admin = shop.client(shop.signer.admin());
    let query = "SELECT id::text FROM deliveries ORDER BY id DESC";
    let newest_first: Vec<String> = sqlx::query_scalar(query).fetch_all(shop.database.pool()).await.unwrap();
    assert_eq!(paged(&admin, "/notifications/deliveries?limit=2", "id").await, newest_first);
    assert_eq!(paged(&admin, "/notifications/deliveries?status=sent&limit=2", "id").await, newest_first);
    admin.get("/notifications/deliveries?after=xyz").await.assert_problem(400, "invalid_cursor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_page_is_a_problem() {
    let (_shop, client) = shop_with(0).await;
    client.get("/notifications?after=xyz").await.assert_problem(400, "invalid_cursor");
    client.get("/notifications?limit=0").await.assert_problem(400, "invalid_limit");
    client.get("/notifications?unread=perhaps").await.assert_problem(400, "invalid_query");
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_one_and_reading_all_bring_the_count_down() {
    let (_shop, client) = shop_with(3).await;
    let count = || async { client.get("/notifications/unread-count").await.assert_status(200).body.clone() };
    assert_eq!(count().await, json!({ "unread": 3 }));
    let id = client.get("/notifications").await.text_at("/items/1/id");
    let read = client.post(&format!("/notifications/{id}/read"), Value::Null).await;
    let first_time = read.assert_status(200).text_at("/read_at");
    let again = client.post(&format!("/notifications/{id}/read"), Value::Null).await;
    assert_eq!(again.assert_status(200).text_at("/read_at"), first_time);
    assert_eq!(count().await, json!({ "unread": 2 }));
    let unread = client.get("/notifications?unread=true").await;
    let ids: Vec<_> = unread.body["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
    assert_eq!(ids.len(), 2);
    assert!(!ids.contains(&Value::String(id)));
    let all = client.post("/notifications/read-all", Value::Null).await;
    assert_eq!(all.assert_status(200).body, json!({ "marked": 2 }));
    assert_eq!(count().await, json!({ "unread": 0 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_customers_message_is_not_there() {
    let (shop, owner) = shop_with(1).await;
    let stranger = shop.client(shop.signer.customer().1);
    let id = owner.get("/notifications").await.text_at("/items/0/id");
    let read = stranger.post(&format!("/notifications/{id}/read"), Value::Null).await;
    read.assert_problem(404, "notification_not_found");
    let all = stranger.post("/notifications/read-all", Value::Null).await;
    assert_eq!(all.assert_status(200).body, json!({ "marked": 0 }));
    let list = stranger.get("/notifications").await;
    assert_eq!(list.assert_status(200).body, json!({ "items": [], "next": null }));
    assert_eq!(owner.get("/notifications/unread-count").await.body, json!({ "unread": 1 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_have_no_look_into_a_customers_inbox() {
    let (shop, owner) = shop_with(1).await;
    let id = owner.get("/notifications").await.text_at("/items/0/id");
    let admin = shop.client(shop.signer.admin());
    let read = admin.post(&format!("/notifications/{id}/read"), Value::Null).await;
    read.assert_problem(404, "notification_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_there_is_no_inbox() {
    let (shop, _) = shop_with(0).await;
    let nobody = shop.running.client();
    for path in ["/notifications", "/notifications/unread-count", "/notifications/deliveries"] {
        nobody.get(path).await.assert_problem(401, "token_required");
    }
    nobody.post("/notifications/read-all", Value::Null).await.assert_problem(401, "token_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_mail_is_no_message_in_the_app_and_cannot_be_marked() {
    let shop = Shop::open().await;
    shop.deliver(&event(10, registered(fixed(1)))).await;
    shop.mails(1).await;
    let client = shop.client(shop.signer.person(fixed(1), Role::Customer));
    assert_eq!(client.get("/notifications/unread-count").await.body, json!({ "unread": 0 }));
    let id: uuid::Uuid = sqlx::query_scalar("SELECT id FROM messages").fetch_one(shop.database.pool()).await.unwrap();
    let read = client.post(&format!("/notifications/{id}/read"), Value::Null).await;
    read.assert_problem(404, "notification_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_what_became_of_the_mails() {
    let shop = Shop::open().await;
    let account: AccountId = fixed(1);
    shop.deliver(&event(10, verified(account))).await;
    shop.deliver(&event(11, paid(account, fixed(2)))).await;
    shop.deliveries("sent", 2).await;
    let admin = shop.client(shop.signer.admin());
    let page = admin.get("/notifications/deliveries?status=sent&limit=1").await;
    let item = &page.assert_status(200).body["items"][0];
    let expected = json!({
        "id": item["id"], "message_id": item["message_id"], "created_at": item["created_at"],
        "sent_at": item["sent_at"], "account_id": account, "order_id": fixed::<AccountId>(2), "template": "order_paid",
        "channel": "email", "status": "sent", "attempts": 1, "can_be_resent": false, "next_at": null, "last_error": null,
    });
    assert_eq!(*item, expected);
    assert!(page.body["next"].is_string());
    assert_eq!(admin.get("/notifications/deliveries?status=failed").await.body, json!({ "items": [], "next": null }));
    admin.get("/notifications/deliveries?status=lost").await.assert_problem(400, "invalid_query");
    shop.client(shop.signer.customer().1).get("/notifications/deliveries").await.assert_problem(403, "forbidden");
}
