//! What staff write about orders: added to, told to nobody else, and gone with the person.

use crate::support::{Shop, cancel};
use contracts::{
    OrderId,
    access::Permission,
    events::{order::PersonErased, user::Erased},
};
use serde_json::{Value, json};
use test_kit::{Answer, Client, event, until};

async fn write(client: &Client, key: &str, id: OrderId, text: &str) -> Answer {
    let client = client.with_header("Idempotency-Key", key);
    client.post(&format!("/orders/{id}/notes"), json!({ "text": text })).await
}

async fn texts(shop: &Shop, id: OrderId) -> Vec<Value> {
    let listed = shop.admin.get(&format!("/orders/{id}/notes")).await;
    listed.assert_status(200).body["items"].as_array().unwrap().iter().map(|note| note["text"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_are_listed_newest_first_with_who_wrote_them_and_one_click_writes_one() {
    let shop = Shop::open().await;
    let id = shop.order().await.order_id;
    let first = write(&shop.admin, "k1", id, " Called.\nWants it on Friday. ").await;
    assert_eq!(first.assert_status(201).body["text"], "Called.\nWants it on Friday.");
    let again = write(&shop.admin, "k1", id, "Called.\nWants it on Friday.").await;
    assert_eq!(again.assert_status(201).body, first.body);
    write(&shop.admin, "k1", id, "Another.").await.assert_problem(422, "idempotency_key_reused");
    write(&shop.admin, "k2", id, "Sent a voucher.").await.assert_status(201);
    assert_eq!(texts(&shop, id).await, ["Sent a voucher.", "Called.\nWants it on Friday."]);
    let page = shop.admin.get(&format!("/orders/{id}/notes?limit=1")).await;
    let next = page.text_at("/next");
    let second = shop.admin.get(&format!("/orders/{id}/notes?limit=1&after={next}")).await;
    assert_eq!(second.assert_status(200).body, json!({ "items": [first.body], "next": null }));
    let noted = "SELECT count(*) FROM audit_entries WHERE action = 'order.noted'";
    assert_eq!(shop.database.count(noted).await, 2);
    // The log says that something was written, not what.
    let repeated = "SELECT count(*) FROM audit_entries WHERE after::text LIKE '%voucher%'";
    assert_eq!(shop.database.count(repeated).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_are_for_staff_and_say_something() {
    let shop = Shop::open().await;
    let id = shop.order().await.order_id;
    write(&shop.customer, "k1", id, "Mine.").await.assert_problem(403, "forbidden");
    shop.customer.get(&format!("/orders/{id}/notes")).await.assert_problem(403, "forbidden");
    let reader = shop.customer.with_token(shop.signer.staff(&[Permission::ReadOrders]));
    write(&reader, "k1", id, "Mine.").await.assert_problem(403, "forbidden");
    reader.get(&format!("/orders/{id}/notes")).await.assert_status(200);
    for text in ["", " \n ", "a\u{0}b", &"x".repeat(2001), "Paid by\n4111 1111 1111 1111."] {
        write(&shop.admin, "k1", id, text).await.assert_problem(422, "invalid_fields");
    }
    write(&shop.admin, "k1", id, &"ü".repeat(2000)).await.assert_status(201);
    write(&shop.admin, "k1", uuid::Uuid::new_v4().into(), "Where?").await.assert_problem(404, "order_not_found");
    let path = format!("/orders/{id}/notes");
    shop.admin.post(&path, json!({ "text": "a" })).await.assert_problem(400, "idempotency_key_required");
    for statement in ["UPDATE order_notes SET text = 'x'", "TRUNCATE order_notes"] {
        let refused = sqlx::query(statement).execute(shop.database.pool()).await.unwrap_err().to_string();
        assert!(refused.contains("is append-only"), "{statement}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_go_with_the_person_and_none_is_written_afterwards() {
    let shop = Shop::open().await;
    let id = shop.order().await.order_id;
    write(&shop.admin, "k1", id, "Ada likes blue.").await.assert_status(201);
    cancel(&shop.customer, id).await.assert_status(200);
    shop.deliver(&event(1, Erased { account_id: shop.customer_id, also: Vec::new() })).await;
    shop.recorder.wait_for(|erased: &PersonErased| erased.account_id == shop.customer_id).await;
    until("the notes to be gone", || async { texts(&shop, id).await.is_empty().then_some(()) }).await;
    write(&shop.admin, "k2", id, "Ada liked blue.").await.assert_problem(409, "customer_erased");
    assert_eq!(texts(&shop, id).await, [Value::Null; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_is_being_written_while_its_person_is_erased_does_not_stay() {
    let shop = Shop::open().await;
    let id = shop.order().await.order_id;
    cancel(&shop.customer, id).await.assert_status(200);
    // The note holds its order, and waits to be stored.
    let mut blocker = shop.database.pool().begin().await.unwrap();
    sqlx::query("LOCK TABLE order_notes IN SHARE MODE").execute(&mut *blocker).await.unwrap();
    let writing = write(&shop.admin, "k1", id, "Ada likes blue.");
    let erasing = async {
        shop.waiting_for_locks(1).await;
        shop.deliver(&event(1, Erased { account_id: shop.customer_id, also: Vec::new() })).await;
        shop.waiting_for_locks(2).await;
        blocker.rollback().await.unwrap();
    };
    let (written, ()) = tokio::join!(writing, erasing);
    written.assert_status(201);
    shop.recorder.wait_for(|erased: &PersonErased| erased.account_id == shop.customer_id).await;
    assert_eq!(texts(&shop, id).await, [Value::Null; 0]);
}
