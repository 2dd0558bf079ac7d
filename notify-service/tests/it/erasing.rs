//! A person is forgotten: no message of theirs says anything any more, no mail leaves, and nothing is told again.

use crate::{
    support::{Shop, created, event, fixed, paid},
    user_service::Mood,
};
use contracts::{
    RawEvent,
    events::{notification::PersonErased, user::Erased},
};
use service_kit::auth::Role;
use std::fs;
use test_kit::until;
use uuid::Uuid;

const ACCOUNT: u128 = 1;
const ORDER: u128 = 2;
const OTHER: u128 = 9;

fn erased(account: u128, also: Vec<Uuid>) -> RawEvent {
    event(100, Erased { account_id: fixed(account), also })
}

async fn receipt(shop: &Shop) -> PersonErased {
    until("the receipt", || async { shop.announced::<PersonErased>().await.pop() }).await
}

const SAYING: &str =
    "SELECT count(*) FROM messages WHERE title <> '' OR body <> '' OR content <> '{\"template\": \"erased\"}'";

#[tokio::test(flavor = "multi_thread")]
async fn no_message_says_anything_any_more_and_what_is_told_again_stays_untold() {
    let shop = Shop::open().await;
    let (placed, confirmed) =
        (event(11, created(fixed(ACCOUNT), fixed(ORDER), "Mug")), event(12, paid(fixed(ACCOUNT), fixed(ORDER))));
    let others = event(13, created(fixed(OTHER), fixed(OTHER), "Mug"));
    for told in [&placed, &confirmed, &others] {
        shop.deliver(told).await;
    }
    shop.mails(3).await;
    shop.deliveries("sent", 3).await;
    shop.deliver(&erased(ACCOUNT, Vec::new())).await;
    assert_eq!(receipt(&shop).await, PersonErased { account_id: fixed(ACCOUNT), rows: 2 });
    assert_eq!(shop.database.count(SAYING).await, 1, "that of somebody else");
    let client = shop.client(shop.signer.person(fixed(ACCOUNT), Role::Customer));
    assert_eq!(client.get("/notifications").await.body["items"], serde_json::json!([]));
    // By hand, as `ecom events replay --again` does.
    sqlx::query("DELETE FROM inbox WHERE event_id = $1")
        .bind(placed.id.uuid())
        .execute(shop.database.pool())
        .await
        .unwrap();
    shop.deliver(&placed).await;
    shop.running.settled().await;
    assert_eq!(shop.database.count("SELECT count(*) FROM messages").await, 3);
    assert_eq!(shop.mails(3).await.len(), 3);
}

/// A refund may come long after the account is gone, when nobody looks any more.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_when_the_last_look_is_over_is_looked_for_once_more() {
    let shop = Shop::open().await;
    shop.deliver(&erased(ACCOUNT, Vec::new())).await;
    receipt(&shop).await;
    let over = "UPDATE people_erased SET look_at = NULL, told_at = told_at - interval '1 hour'";
    sqlx::query(over).execute(shop.database.pool()).await.unwrap();
    shop.deliver(&event(12, paid(fixed(ACCOUNT), fixed(ORDER)))).await;
    shop.deliver(&event(13, paid(fixed(OTHER), fixed(OTHER)))).await;
    assert_eq!(shop.database.count("SELECT count(*) FROM people_erased WHERE look_at IS NOT NULL").await, 1);
    // Whoever is told of wakes the job, which else looks once a minute.
    shop.deliver(&event(101, Erased { account_id: fixed(8), also: Vec::new() })).await;
    until("the message to be emptied", || async { (shop.database.count(SAYING).await == 1).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_that_wait_are_not_sent() {
    let shop = Shop::open().await;
    shop.users.is(Mood::Away);
    shop.deliver(&event(11, created(fixed(ACCOUNT), fixed(ORDER), "Mug"))).await;
    shop.deliveries("waiting", 1).await;
    shop.deliver(&erased(ACCOUNT, Vec::new())).await;
    receipt(&shop).await;
    shop.deliveries("failed", 1).await;
    assert_eq!(shop.last_error().await.as_deref(), Some("the account was erased"));
    assert_eq!(shop.mails.taken().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_in_the_folder_go_with_those_of_their_other_ids() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    let shop = Shop::open_with(&[("SMTP_URL", ""), ("MAIL_FOLDER", &path)]).await;
    let (mine, invited, others) = (fixed(ORDER), Uuid::from_u128(77), fixed(OTHER));
    shop.deliver(&event(11, created(fixed(ACCOUNT), mine, "Mug"))).await;
    shop.deliver(&event(12, created(invited.into(), fixed(5), "Mug"))).await;
    shop.deliver(&event(13, created(fixed(OTHER), others, "Mug"))).await;
    shop.deliveries("sent", 3).await;
    let mails = || {
        fs::read_dir(folder.path())
            .unwrap()
            .flatten()
            .filter(|entry| entry.path().extension().is_some_and(|end| end == "eml"))
            .count()
    };
    assert_eq!(mails(), 3);
    shop.deliver(&erased(ACCOUNT, vec![invited])).await;
    receipt(&shop).await;
    assert_eq!(mails(), 1);
}
