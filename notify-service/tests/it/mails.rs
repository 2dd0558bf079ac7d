//! What each event makes people read: the mail, and the message in the app.

use crate::support::{Read, Shop, cancelled, created, event, fixed, fulfilled, paid, refunded, registered, verified};
use crate::user_service::Mood;
use contracts::{
    RawEvent,
    events::{order::CancelReason, user},
};
use service_kit::auth::Role;

const ACCOUNT: u128 = 1;
const ORDER: u128 = 2;

/// Hands over the event; shows its mail and what the app shows.
async fn told(event: &RawEvent) -> String {
    let shop = Shop::open().await;
    shop.deliver(event).await;
    show(&shop, &shop.mails(1).await[0]).await
}

async fn show(shop: &Shop, mail: &Read) -> String {
    let client = shop.client(shop.signer.person(fixed(ACCOUNT), Role::Customer));
    let inbox = client.get("/notifications").await;
    let items = inbox.assert_status(200).body["items"].as_array().unwrap().clone();
    let newest = items.first().map_or_else(
        || "(not in the app)".to_owned(),
        |item| format!("{}\n{}", item["title"].as_str().unwrap(), item["body"].as_str().unwrap()),
    );
    let Read { subject, message_id, text, html, .. } = mail;
    format!("SUBJECT {subject}\nID {message_id}\n\n== TEXT\n{text}\n== APP\n{newest}\n\n== HTML\n{html}")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_registers_gets_the_link_that_confirms() {
    insta::assert_snapshot!(told(&event(10, registered(fixed(ACCOUNT)))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_address_has_an_account_learns_that_and_gets_no_link() {
    let shop = Shop::open().await;
    shop.users.is(Mood::Knowing);
    shop.deliver(&event(11, registered(fixed(ACCOUNT)))).await;
    let mail = show(&shop, &shop.mails(1).await[0]).await;
    assert!(
        mail.contains("SUBJECT Somebody tried to register with your address") && !mail.contains("token="),
        "{mail}"
    );
    // Under the name that the other one has: what is announced and stored of it tells nobody which it was.
    assert!(mail.contains(".verify_email@shop.test") && mail.contains("(not in the app)"), "{mail}");
    let stored = "SELECT count(*) FROM messages WHERE template = 'verify_email' AND title = 'Your registration'";
    assert_eq!(shop.database.count(stored).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_name_is_in_no_mail_to_an_address_that_is_not_confirmed() {
    let shop = Shop::open().await;
    shop.users.everybody_is_called("Win 500 EUR", "https://evil.example");
    shop.deliver(&event(11, registered(fixed(ACCOUNT)))).await;
    let mail = show(&shop, &shop.mails(1).await[0]).await;
    assert!(mail.contains("Hello,\n") && !mail.contains("evil") && !mail.contains("500 EUR"), "{mail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_made_is_welcomed_by_its_confirmation_alone() {
    let shop = Shop::open().await;
    shop.deliver(&event(11, user::Registered { account_id: fixed(ACCOUNT), confirmed: true })).await;
    shop.deliver(&event(12, verified(fixed(ACCOUNT)))).await;
    let subjects: Vec<_> = shop.mails(1).await.into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects, ["Welcome!"]);
}

/// Its accounts were confirmed after that event.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_made_by_an_older_version_gets_its_link() {
    let mail = told(&event(11, user::Registered { account_id: fixed(ACCOUNT), confirmed: false })).await;
    assert!(mail.contains("verify-email?token=9fffffffffff7000800000000000000b"), "{mail}");
    assert!(mail.contains("(not in the app)"), "{mail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_an_address_learns_that_somebody_registered_with_it() {
    let repeated = user::RegistrationRepeated { account_id: fixed(ACCOUNT) };
    insta::assert_snapshot!(told(&event(12, repeated)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_verified_is_welcomed() {
    insta::assert_snapshot!(told(&event(13, verified(fixed(ACCOUNT)))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_placed_order_is_told_with_its_lines_and_total() {
    insta::assert_snapshot!(told(&event(14, created(fixed(ACCOUNT), fixed(ORDER), "Stoneware mug"))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_is_confirmed() {
    insta::assert_snapshot!(told(&event(15, paid(fixed(ACCOUNT), fixed(ORDER)))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_payment_says_that_nothing_was_charged() {
    let cancelled = cancelled(fixed(ACCOUNT), fixed(ORDER), CancelReason::PaymentDeclined, false);
    insta::assert_snapshot!(told(&event(16, cancelled)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_order_that_was_paid_says_that_the_money_comes_back() {
    let cancelled = cancelled(fixed(ACCOUNT), fixed(ORDER), CancelReason::Requested, true);
    insta::assert_snapshot!(told(&event(17, cancelled)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipped_order_is_told() {
    insta::assert_snapshot!(told(&event(18, fulfilled(fixed(ACCOUNT), fixed(ORDER)))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_names_the_number_of_its_order() {
    let shop = Shop::open().await;
    shop.deliver(&event(19, paid(fixed(ACCOUNT), fixed(ORDER)))).await;
    shop.deliver(&event(20, refunded(fixed(ACCOUNT), fixed(ORDER)))).await;
    let mails = shop.mails(2).await;
    insta::assert_snapshot!(show(&shop, &mails[1]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_is_told_even_when_its_order_is_not_known_yet() {
    let mail = told(&event(21, refunded(fixed(ACCOUNT), fixed(ORDER)))).await;
    assert!(mail.contains("32.38 EUR for your order back to you"), "{mail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_persons_mails_are_sent_in_the_order_of_what_happened() {
    let shop = Shop::open().await;
    shop.deliver(&event(22, created(fixed(ACCOUNT), fixed(ORDER), "Mug"))).await;
    shop.deliver(&event(23, paid(fixed(ACCOUNT), fixed(ORDER)))).await;
    shop.deliver(&event(24, fulfilled(fixed(ACCOUNT), fixed(ORDER)))).await;
    let subjects: Vec<_> = shop.mails(3).await.into_iter().map(|mail| mail.subject).collect();
    let expected =
        ["We have received order 1001", "Payment received: order 1001 is confirmed", "Order 1001 is on its way"];
    assert_eq!(subjects, expected);
}
