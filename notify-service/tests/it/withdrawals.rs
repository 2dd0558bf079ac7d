//! The receipt of a declaration of withdrawal: to the address that was typed, once, and with no word that somebody typed unless
//! the address is known to be theirs.

use crate::{
    support::{Read, Shop, event, fixed},
    user_service::Mood,
};
use contracts::{
    RawEvent,
    events::{notification::PersonErased, order::WithdrawalDeclared, user::Erased},
};
use service_kit::auth::Role;
use test_kit::until;
use time::macros::datetime;

const CUSTOMER: u128 = 1;
const ORDER: u128 = 2;
const WITHDRAWAL: u128 = 3;

fn declared(customer: Option<u128>, number: Option<i64>) -> RawEvent {
    let declared = WithdrawalDeclared {
        withdrawal_id: fixed(WITHDRAWAL),
        customer_id: customer.map(fixed),
        order_id: customer.map(|_| fixed(ORDER)),
        number,
        received_at: datetime!(2026-11-22 10:00:07 UTC),
    };
    event(31, declared)
}

fn shown(Read { subject, message_id, text, html, .. }: &Read) -> String {
    format!("SUBJECT {subject}\nID {message_id}\n\n== TEXT\n{text}\n== HTML\n{html}")
}

async fn inbox(shop: &Shop, person: u128) -> serde_json::Value {
    let client = shop.client(shop.signer.person(fixed(person), Role::Customer));
    client.get("/notifications").await.assert_status(200).body["items"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customer_reads_at_their_address_what_they_declared_and_when() {
    let shop = Shop::open().await;
    shop.orders.was_told("Ada@example.com", "Ada L. <b>", Some("Too small.\nAnd blue."));
    let told = declared(Some(CUSTOMER), Some(1001));
    shop.deliver(&told).await;
    insta::assert_snapshot!(shown(&shop.mails(1).await[0]));
    let notices = inbox(&shop, CUSTOMER).await;
    assert!(notices[0]["body"].as_str().unwrap().contains("order 1001"), "{notices}");
    assert!(!notices.to_string().contains("Too small"), "{notices}");
    // Of what was typed nothing is kept here.
    let stored = "SELECT count(*) FROM messages WHERE messages::text ~ 'Ada|small|example.com'";
    assert_eq!(shop.database.count(stored).await, 0);
    // Delivered again it is one mail.
    shop.deliver(&told).await;
    shop.running.settled().await;
    shop.deliveries("sent", 1).await;
    assert_eq!(shop.mails(1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_address_it_is_not_known_to_be_reads_only_that_something_was_declared() {
    let shop = Shop::open().await;
    shop.orders.was_told("victim@example.com", "Win 500 EUR", Some("https://evil.example"));
    shop.deliver(&declared(None, Some(1001))).await;
    let mail = shop.mails(1).await[0].clone();
    insta::assert_snapshot!(shown(&mail));
    assert!(mail.raw.contains("To: victim@example.com"), "{}", mail.raw);
    assert!(!mail.raw.contains("evil") && !mail.raw.contains("500 EUR"), "{}", mail.raw);
}

/// It reads the same, whether the order is there or not.
#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_address_a_guests_and_an_erased_accounts_are_none_of_theirs() {
    let of_none = {
        let shop = Shop::open().await;
        shop.orders.was_told("victim@example.com", "Win 500 EUR", None);
        shop.deliver(&declared(None, Some(1001))).await;
        shop.mails(1).await[0].text.clone()
    };
    for case in ["another", "guest", "erased"] {
        let shop = Shop::open().await;
        shop.orders.was_told("victim@example.com", "Win 500 EUR", Some("https://evil.example"));
        match case {
            "guest" => {
                shop.users.everybody_reads_mail_at("victim@example.com");
                shop.users.everybody_is_a_guest("http://shop.test/guest?token=abc");
            }
            "erased" => shop.users.has_erased(fixed(CUSTOMER)),
            _ => {}
        }
        shop.deliver(&declared(Some(CUSTOMER), Some(1001))).await;
        let mail = shop.mails(1).await[0].clone();
        assert_eq!(mail.text, of_none, "{case}");
        assert!(!mail.raw.contains("evil") && !mail.raw.contains("token="), "{case}: {}", mail.raw);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_none_of_ours_is_in_no_mail() {
    let shop = Shop::open().await;
    shop.orders.was_told("ada@example.com", "Ada", None);
    shop.deliver(&declared(None, None)).await;
    let mail = shop.mails(1).await[0].clone();
    assert!(mail.text.contains("the contract of the order that was named"), "{}", mail.text);
    assert!(inbox(&shop, WITHDRAWAL).await.as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_waits_while_nobody_says_whose_the_address_is() {
    let shop = Shop::open().await;
    shop.users.is(Mood::Away);
    shop.orders.was_told("ada@example.com", "Ada", None);
    shop.deliver(&declared(Some(CUSTOMER), Some(1001))).await;
    shop.deliveries("waiting", 1).await;
    assert_eq!(shop.mails.taken().len(), 0);
    shop.users.is(Mood::Answering);
    let mail = shop.in_time("the receipt", || async { shop.mails.taken().pop() }).await;
    assert!(String::from_utf8_lossy(&mail).contains("It was declared by: Ada"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_who_was_erased_meanwhile_no_receipt_leaves() {
    let shop = Shop::open().await;
    shop.deliver(&declared(None, Some(1001))).await;
    shop.deliveries("failed", 1).await;
    assert_eq!(shop.last_error().await.as_deref(), Some("order-service answered withdrawal_not_found"));
    // And of their customer's no message says anything any more.
    shop.orders.was_told("ada@example.com", "Ada", None);
    let told = RawEvent {
        id: uuid::Uuid::from_u128(0x9fff_ffff_ffff_7000_8000_0000_0000_0032).into(),
        ..declared(Some(CUSTOMER), Some(1001))
    };
    shop.deliver(&told).await;
    shop.mails(1).await;
    shop.deliver(&event(100, Erased { account_id: fixed(CUSTOMER), also: Vec::new() })).await;
    until("the receipt of the erasure", || async { shop.announced::<PersonErased>().await.pop() }).await;
    assert!(inbox(&shop, CUSTOMER).await.as_array().unwrap().is_empty());
}
