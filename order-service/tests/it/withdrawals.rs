//! That somebody withdraws from a contract: declared once by anybody, told to nobody who should not know, closed by staff, and
//! forgotten with the person.

use crate::support::{Shop, cancel};
use contracts::{
    AccountId, ServiceName,
    access::Permission,
    events::{
        order::{PersonErased, WithdrawalDeclared},
        user::{Erased, GuestJoined},
    },
};
use serde_json::{Value, json};
use test_kit::{Answer, Client, event, until};
use uuid::Uuid;

fn declared(number: &str, email: &str) -> Value {
    json!({ "order_number": number, "name": "Ada Lovelace", "email": email, "reason": "It is too small." })
}

async fn declare(client: &Client, key: &str, body: Value) -> Answer {
    client.with_header("Idempotency-Key", key).post("/orders/withdrawals", body).await
}

async fn stored(shop: &Shop) -> i64 {
    shop.database.count("SELECT count(*) FROM withdrawals").await
}

async fn told(shop: &Shop, answer: &Answer) -> WithdrawalDeclared {
    let id = answer.assert_status(201).text_at("/id");
    shop.recorder.wait_for(|told: &WithdrawalDeclared| told.withdrawal_id.to_string() == id).await.data
}

async fn close(client: &Client, id: &str, outcome: &str) -> Answer {
    client.post(&format!("/orders/withdrawals/{id}/close"), json!({ "outcome": outcome })).await
}

async fn receipt(shop: &Shop, id: &str) -> Answer {
    let notify = shop.running.client().with_token(shop.signer.service(ServiceName::Notify, ServiceName::Order));
    notify.get(&format!("/internal/withdrawals/{id}")).await
}

/// The click that comes twice, a lost answer, and a log-in that ended meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn one_form_declares_once_whoever_is_logged_in_by_then() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let (nobody, body) = (shop.running.client(), declared(&order.number.to_string(), "ada@example.com"));
    let first = declare(&nobody, "k1", body.clone()).await;
    assert_eq!(told(&shop, &first).await.number, Some(order.number));
    let expired = nobody.with_token(shop.signer.expired());
    for again in [&nobody, &shop.customer, &expired] {
        assert_eq!(declare(again, "k1", body.clone()).await.assert_status(201).body, first.body);
    }
    let eight = (0..8).map(|_| {
        let (client, body) = (nobody.clone(), declared("1001", "grace@example.com"));
        tokio::spawn(async move { declare(&client, "k2", body).await })
    });
    let mut ids = Vec::new();
    for one in eight.collect::<Vec<_>>() {
        let answer = one.await.unwrap();
        // So many of one mailbox's at once as may be.
        if answer.status == 201 {
            ids.push(answer.text_at("/id"));
        }
    }
    ids.dedup();
    assert_eq!((ids.len(), stored(&shop).await), (1, 2));
    declare(&nobody, "k1", declared("1002", "ada@example.com")).await.assert_problem(422, "idempotency_key_reused");
    nobody.post("/orders/withdrawals", body).await.assert_problem(400, "idempotency_key_required");
    assert_eq!(shop.database.count("SELECT count(*) FROM event_log WHERE type = 'withdrawal.declared'").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_does_not_tell_whether_there_is_such_an_order() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let nobody = shop.running.client();
    for (place, number) in [&*order.number.to_string(), "#1002", "none that I know"].into_iter().enumerate() {
        let answer = declare(&nobody, &format!("k{place}"), declared(number, "eve@example.com")).await;
        let mut names: Vec<_> = answer.assert_status(201).body.as_object().unwrap().keys().cloned().collect();
        names.sort();
        assert_eq!(names, ["id", "received_at"], "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_event_names_nobody_and_a_strangers_order_is_none_of_theirs() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let number = order.number.to_string();
    let nobody = shop.running.client();
    let by_stranger = told(&shop, &declare(&nobody, "k1", declared(&number, "a@example.com")).await).await;
    assert_eq!((by_stranger.customer_id, by_stranger.order_id), (Some(shop.customer_id), Some(order.order_id)));
    let by_owner = told(&shop, &declare(&shop.customer, "k2", declared(&number, "b@example.com")).await).await;
    assert_eq!((by_owner.customer_id, by_owner.order_id), (Some(shop.customer_id), Some(order.order_id)));
    let (eve, token) = shop.signer.customer();
    let other = nobody.with_token(token);
    let by_other = told(&shop, &declare(&other, "k3", declared(&number, "c@example.com")).await).await;
    assert_eq!((by_other.customer_id, by_other.order_id, by_other.number), (Some(eve), None, Some(order.number)));
    let of_none = told(&shop, &declare(&nobody, "k4", declared("my last one", "d@example.com")).await).await;
    assert_eq!((of_none.customer_id, of_none.order_id, of_none.number), (None, None, None));
    let naming = "SELECT count(*) FROM event_log WHERE type = 'withdrawal.declared'
                  AND (envelope::text LIKE '%Ada%' OR envelope::text LIKE '%@example%' OR envelope::text LIKE '%small%')";
    assert_eq!(shop.database.count(naming).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_declaration_is_refused_beside_its_field() {
    let shop = Shop::open().await;
    let nobody = shop.running.client();
    let good = declared("1001", "ada@example.com");
    let long = "x".repeat(2001);
    for (pointer, wrong) in [
        ("/order_number", json!("")),
        ("/order_number", json!("x".repeat(65))),
        ("/order_number", json!("1001\nBcc: eve@example.com")),
        ("/order_number", json!("4111 1111 1111 1111")),
        ("/name", json!(" ")),
        ("/name", json!("x".repeat(201))),
        ("/name", json!("Ada\u{202e}")),
        ("/email", json!("ada")),
        ("/email", json!("ada@example.com,eve@example.com")),
        ("/email", json!("Ada <ada@example.com>")),
        ("/reason", json!(long)),
        ("/reason", json!("a\u{0}b")),
        ("/reason", json!("Paid by 4111 1111 1111 1111.")),
        ("/order_id", json!(Uuid::nil())),
    ] {
        let mut body = good.clone();
        body[&pointer[1..]] = wrong;
        let refused = declare(&nobody, "k1", body).await;
        assert_eq!(refused.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), pointer);
    }
    for lacking in ["order_number", "name", "email"] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(lacking);
        declare(&nobody, "k1", body).await.assert_problem(422, "invalid_fields");
    }
    assert_eq!(stored(&shop).await, 0);
    let mut bare = good;
    bare.as_object_mut().unwrap().remove("reason");
    declare(&nobody, "k1", bare).await.assert_status(201);
}

/// Each sends a mail to an address that somebody typed.
#[tokio::test(flavor = "multi_thread")]
async fn so_many_are_declared_by_one_client_or_for_one_mailbox_and_no_more() {
    let shop = Shop::open_given(&[("WITHDRAWALS_PER_CLIENT", "7")]).await;
    let nobody = shop.running.client();
    for number in 0..5 {
        let email = format!("Ada+{number}@example.com");
        declare(&nobody, &format!("k{number}"), declared("1001", &email)).await.assert_status(201);
    }
    let refused = declare(&nobody, "k5", declared("1001", "ada@EXAMPLE.com")).await;
    refused.assert_problem(429, "too_many_withdrawals");
    let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=300).contains(&wait), "{wait}");
    // What was received stays so.
    declare(&nobody, "k4", declared("1001", "Ada+4@example.com")).await.assert_status(201);
    // That one counted for the client, too.
    declare(&nobody, "k6", declared("1001", "grace@example.com")).await.assert_status(201);
    declare(&nobody, "k7", declared("1001", "hedy@example.com")).await.assert_problem(429, "too_many_withdrawals");
    assert_eq!(stored(&shop).await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_the_open_ones_first_and_close_each_once() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let nobody = shop.running.client();
    let mut ids = Vec::new();
    for (key, number) in [("a", order.number.to_string()), ("b", "9".to_owned()), ("c", "8".to_owned())] {
        let answer = declare(&nobody, key, declared(&number, &format!("{key}@example.com"))).await;
        ids.push(answer.assert_status(201).text_at("/id"));
    }
    let [a, b, c] = [&*ids[0], &ids[1], &ids[2]];
    let closed = close(&shop.admin, a, " Cancelled, the money goes back. ").await;
    assert_eq!(closed.assert_status(200).body["outcome"], "Cancelled, the money goes back.");
    assert_eq!(close(&shop.admin, a, "Cancelled, the money goes back.").await.assert_status(200).body, closed.body);
    close(&shop.admin, a, "Sent back.").await.assert_problem(409, "withdrawal_closed");
    let (eve, token) = shop.signer.customer();
    close(&nobody.with_token(token.clone()), b, "Mine.").await.assert_problem(403, "forbidden");
    assert!(closed.body["closed_by"].is_string() && closed.body["closed_by"] != json!(eve));
    close(&shop.admin, &Uuid::new_v4().to_string(), "x").await.assert_problem(404, "withdrawal_not_found");
    for wrong in ["", " \n", &"x".repeat(501), "4111 1111 1111 1111"] {
        close(&shop.admin, b, wrong).await.assert_problem(422, "invalid_fields");
    }
    let reader = nobody.with_token(shop.signer.staff(&[Permission::ReadOrders]));
    close(&reader, b, "x").await.assert_problem(403, "forbidden");
    nobody.with_token(token).get("/orders/withdrawals").await.assert_problem(403, "forbidden");
    // A page at a time, from the open ones into the others.
    let (mut seen, mut after) = (Vec::new(), String::new());
    for _ in 0..3 {
        let page = reader.get(&format!("/orders/withdrawals?limit=1{after}")).await;
        seen.push(page.assert_status(200).text_at("/items/0/id"));
        after = page.body["next"].as_str().map(|next| format!("&after={next}")).unwrap_or_default();
    }
    assert_eq!((seen, after), (vec![b.to_owned(), c.to_owned(), a.to_owned()], String::new()));
    let all = reader.get("/orders/withdrawals").await.body["items"].clone();
    assert_eq!(all[2], closed.body);
    let named = |number: usize| (all[number]["order_id"].clone(), all[number]["customer_id"].clone());
    assert_eq!(named(2), (json!(order.order_id), json!(shop.customer_id)));
    assert_eq!(named(0), (Value::Null, Value::Null));
    let figures = shop.admin.get("/orders/figures").await;
    assert_eq!(figures.body["withdrawals"], 2);
    let noted = "SELECT count(*) FROM audit_entries WHERE action = 'withdrawal.closed' AND allowed";
    assert_eq!(shop.database.count(noted).await, 1);
    let repeated = "SELECT count(*) FROM audit_entries WHERE after::text LIKE '%money%'";
    assert_eq!(shop.database.count(repeated).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_is_told_to_who_sends_the_receipt_alone() {
    let shop = Shop::open().await;
    let id = declare(&shop.running.client(), "k1", declared("1001", "ada@Example.com")).await.text_at("/id");
    let receipt = receipt(&shop, &id).await;
    let typed = json!({ "email": "ada@example.com", "name": "Ada Lovelace", "reason": "It is too small." });
    assert_eq!(receipt.assert_status(200).body, typed);
    let payment = shop.running.client().with_token(shop.signer.service(ServiceName::Payment, ServiceName::Order));
    assert_eq!(payment.get(&format!("/internal/withdrawals/{id}")).await.status, 403);
    shop.admin.get(&format!("/internal/withdrawals/{id}")).await.assert_status(401);
}

const TYPED: &str = "SELECT count(*) FROM withdrawals WHERE name <> '' OR email <> '' OR reason IS NOT NULL
                         OR declared_by IS NOT NULL OR outcome <> ''";

async fn erase(shop: &Shop, account_id: AccountId) -> PersonErased {
    shop.deliver(&event(1, Erased { account_id, also: Vec::new() })).await;
    shop.recorder.wait_for(|erased: &PersonErased| erased.account_id == account_id).await.data
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_leaves_no_word_of_what_they_declared() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    cancel(&shop.customer, order.order_id).await.assert_status(200);
    let (number, nobody) = (order.number.to_string(), shop.running.client());
    let by_mail = declare(&nobody, "k1", declared(&number, "ada@example.com")).await.text_at("/id");
    let logged_in = declare(&shop.customer, "k2", declared("I forgot it, Ada", "ada@example.com")).await.text_at("/id");
    let others = declare(&nobody, "k3", declared("9", "grace@example.com")).await.text_at("/id");
    close(&shop.admin, &by_mail, "Ada was called.").await.assert_status(200);
    erase(&shop, shop.customer_id).await;
    assert_eq!(shop.database.count(TYPED).await, 1, "that of somebody else");
    for gone in [&by_mail, &logged_in] {
        receipt(&shop, gone).await.assert_problem(404, "withdrawal_not_found");
    }
    receipt(&shop, &others).await.assert_status(200);
    // That there was one stays, and it can be closed without a word.
    let listed = shop.admin.get("/orders/withdrawals").await.assert_status(200).body["items"].clone();
    let of = |id: &str| listed.as_array().unwrap().iter().find(|one| one["id"] == id).unwrap().clone();
    assert_eq!((&of(&by_mail)["order_number"], &of(&by_mail)["outcome"]), (&json!(number), &json!("")));
    assert_eq!(of(&logged_in)["order_number"], "");
    assert_eq!(close(&shop.admin, &logged_in, "Ada was called.").await.assert_status(200).body["outcome"], "");
    assert_eq!(shop.database.count(TYPED).await, 1);
    // What is declared for their order later is nobody's.
    let late = told(&shop, &declare(&nobody, "k4", declared(&number, "ada@example.com")).await).await;
    assert_eq!((late.customer_id, late.order_id, late.number), (None, None, Some(order.number)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_declared_while_its_customer_is_erased_does_not_stay() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    cancel(&shop.customer, order.order_id).await.assert_status(200);
    // The declaration holds its order, and waits to be stored.
    let mut blocker = shop.database.pool().begin().await.unwrap();
    sqlx::query("LOCK TABLE withdrawals IN SHARE MODE").execute(&mut *blocker).await.unwrap();
    let (nobody, body) = (shop.running.client(), declared(&order.number.to_string(), "ada@example.com"));
    let erasing = async {
        shop.waiting_for_locks(1).await;
        shop.deliver(&event(1, Erased { account_id: shop.customer_id, also: Vec::new() })).await;
        shop.waiting_for_locks(2).await;
        blocker.rollback().await.unwrap();
    };
    let (answer, ()) = tokio::join!(declare(&nobody, "k1", body), erasing);
    answer.assert_status(201);
    shop.recorder.wait_for(|erased: &PersonErased| erased.account_id == shop.customer_id).await;
    assert_eq!(shop.database.count(TYPED).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_guest_declared_is_the_accounts_that_they_join() {
    let shop = Shop::open().await;
    let guest = shop.customer_id_of_a_guest();
    let client = shop.running.client().with_token(shop.signer.guest(guest, Uuid::new_v4(), &[]));
    let before = told(&shop, &declare(&client, "k1", declared("9", "ada@example.com")).await).await;
    assert_eq!(before.customer_id, Some(guest));
    shop.deliver(&event(1, GuestJoined { guest_id: guest, account_id: shop.customer_id })).await;
    let of_account = || async {
        let query = "SELECT count(*) FROM withdrawals WHERE declared_by = $1";
        let query = sqlx::query_scalar::<_, i64>(query).bind(shop.customer_id.uuid());
        query.fetch_one(shop.database.pool()).await.unwrap()
    };
    until("the declaration to be moved", || async { (of_account().await == 1).then_some(()) }).await;
    // By a token that lives on.
    declare(&client, "k2", declared("9", "ada@example.com")).await.assert_status(201);
    assert_eq!(of_account().await, 2);
}
