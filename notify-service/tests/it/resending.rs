//! Mails that were given up are sent after all, when staff want it; nobody gets one twice by it.

use crate::{
    mail_server::Reply,
    support::{Shop, event, fixed, paid, verified},
    user_service::Mood,
};
use contracts::{
    AccountId,
    access::Permission::{ReadNotifications, SendNotifications},
    events::notification::{Failed, Sent},
};
use serde_json::{Value, json};
use test_kit::{Answer, Client};
use uuid::Uuid;

fn clerk(shop: &Shop) -> Client {
    shop.client(shop.signer.staff(&[ReadNotifications, SendNotifications]))
}

async fn delivery(shop: &Shop) -> Uuid {
    sqlx::query_scalar("SELECT id FROM deliveries").fetch_one(shop.database.pool()).await.unwrap()
}

async fn resend(shop: &Shop, id: Uuid) -> Answer {
    clerk(shop).post(&format!("/notifications/deliveries/{id}/resend"), Value::Null).await
}

/// One mail that the mail server refused for good.
async fn given_up() -> (Shop, Uuid) {
    let shop = Shop::open_with(&[("MAIL_ATTEMPTS", "1")]).await;
    shop.mails.next(Reply::Refuse);
    shop.deliver(&event(10, paid(fixed(1), fixed(2)))).await;
    shop.deliveries("failed", 1).await;
    let id = delivery(&shop).await;
    (shop, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_was_given_up_is_sent_after_all_and_it_is_noted_who_wanted_it() {
    let (shop, id) = given_up().await;
    let listed = clerk(&shop).get("/notifications/deliveries?status=failed").await.body["items"][0].clone();
    assert_eq!((&listed["can_be_resent"], &listed["attempts"]), (&json!(true), &json!(1)));
    let answer = resend(&shop, id).await;
    assert_eq!(answer.assert_status(200).body["status"], "waiting");
    assert_eq!(answer.body["can_be_resent"], false);
    shop.deliveries("sent", 1).await;
    assert_eq!(shop.mails(1).await.len(), 1);
    assert_eq!((shop.announced::<Failed>().await.len(), shop.announced::<Sent>().await.len()), (1, 1));
    let entry: (String, Uuid, Value, Value, bool) =
        sqlx::query_as("SELECT action, subject, before, after, network IS NOT NULL FROM audit_entries")
            .fetch_one(shop.database.pool())
            .await
            .unwrap();
    let (before, after) = (json!({ "status": "failed" }), json!({ "status": "waiting" }));
    assert_eq!(entry, ("delivery.resent".to_owned(), id, before, after, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clicks_at_once_send_one_mail() {
    let (shop, id) = given_up().await;
    // The first is still under way when the second comes.
    shop.mails.next(Reply::TakeSlowly);
    let answers = futures_util::future::join_all((0..8).map(|_| resend(&shop, id))).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.assert_problem(409, "delivery_not_failed");
    }
    shop.deliveries("sending", 1).await;
    resend(&shop, id).await.assert_problem(409, "delivery_not_failed");
    shop.mails.go_on();
    shop.deliveries("sent", 1).await;
    resend(&shop, id).await.assert_problem(409, "delivery_not_failed");
    assert_eq!(shop.mails(1).await.len(), 1);
    assert_eq!(shop.database.count("SELECT count(*) FROM audit_entries").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_or_was_sent_is_left_alone() {
    let shop = Shop::open().await;
    shop.users.is(Mood::Away);
    shop.deliver(&event(10, paid(fixed(1), fixed(2)))).await;
    shop.deliveries("waiting", 1).await;
    let id = delivery(&shop).await;
    resend(&shop, id).await.assert_problem(409, "delivery_not_failed");
    let sent = Shop::open().await;
    sent.deliver(&event(10, paid(fixed(1), fixed(2)))).await;
    sent.deliveries("sent", 1).await;
    resend(&sent, delivery(&sent).await).await.assert_problem(409, "delivery_not_failed");
    assert_eq!(sent.mails(1).await.len(), 1);
    assert_eq!(shop.database.count("SELECT count(*) FROM audit_entries").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_written_to_who_was_erased() {
    let (shop, id) = given_up().await;
    // As erasing leaves it.
    sqlx::query(r#"UPDATE messages SET title = '', body = '', content = '{"template": "erased"}', in_inbox = false"#)
        .execute(shop.database.pool())
        .await
        .unwrap();
    let listed = clerk(&shop).get("/notifications/deliveries").await.body["items"][0].clone();
    assert_eq!(listed["can_be_resent"], false);
    resend(&shop, id).await.assert_problem(409, "recipient_erased");
    assert_eq!(shop.mails.taken().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_look_sends_nothing_and_what_is_not_there_is_not_found() {
    let (shop, id) = given_up().await;
    let path = format!("/notifications/deliveries/{id}/resend");
    let reader = shop.client(shop.signer.staff(&[ReadNotifications]));
    reader.post(&path, Value::Null).await.assert_problem(403, "forbidden");
    shop.running.client().post(&path, Value::Null).await.assert_problem(401, "token_required");
    resend(&shop, Uuid::from_u128(9)).await.assert_problem(404, "delivery_not_found");
    shop.deliveries("failed", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_found_by_whom_they_tell_and_of_which_order() {
    let shop = Shop::open().await;
    let (ada, grace): (AccountId, AccountId) = (fixed(1), fixed(2));
    shop.deliver(&event(10, verified(ada))).await;
    shop.deliver(&event(11, paid(ada, fixed(201)))).await;
    shop.deliver(&event(12, paid(ada, fixed(202)))).await;
    shop.deliver(&event(13, paid(grace, fixed(203)))).await;
    shop.deliveries("sent", 4).await;
    let clerk = clerk(&shop);
    let found = |query: String| {
        let clerk = clerk.clone();
        async move {
            let page = clerk.get(&format!("/notifications/deliveries?{query}")).await.assert_status(200).body.clone();
            let items = page["items"].as_array().unwrap().clone();
            items.into_iter().map(|item| (item["template"].clone(), item["order_id"].clone())).collect::<Vec<_>>()
        }
    };
    let order = |number: u128| (json!("order_paid"), json!(Uuid::from_u128(number)));
    let adas = [order(202), order(201), (json!("welcome"), Value::Null)];
    assert_eq!(found(format!("account_id={ada}")).await, adas);
    assert_eq!(found(format!("account_id={ada}&status=sent")).await, adas);
    assert_eq!(found(format!("account_id={ada}&status=failed")).await, []);
    assert_eq!(found(format!("order_id={}", Uuid::from_u128(203))).await, [order(203)]);
    assert_eq!(found(format!("order_id={}&account_id={ada}", Uuid::from_u128(203))).await, []);
    let first = clerk.get(&format!("/notifications/deliveries?account_id={ada}&limit=2")).await.body.clone();
    let next = first["next"].as_str().unwrap();
    assert_eq!(found(format!("account_id={ada}&limit=2&after={next}")).await, adas[2..]);
    // The place in one list is none in another.
    let other = format!("/notifications/deliveries?account_id={grace}&after={next}");
    clerk.get(&other).await.assert_problem(400, "invalid_cursor");
}
