//! Mails to who ordered without an account, and whose the messages are later.

use crate::support::{Shop, created, event, fixed, paid};
use contracts::{RawEvent, events::user::GuestJoined};
use service_kit::auth::Role;
use test_kit::until;

const GUEST: u128 = 1;
const ORDER: u128 = 2;
const ACCOUNT: u128 = 3;
const STRANGER: u128 = 4;
const LINK: &str = "http://shop.test/guest?token=abc";

fn joined(number: u128, account: u128) -> RawEvent {
    event(number, GuestJoined { guest_id: fixed(GUEST), account_id: fixed(account) })
}

async fn inbox(shop: &Shop, account: u128) -> usize {
    let client = shop.client(shop.signer.person(fixed(account), Role::Customer));
    client.get("/notifications").await.assert_status(200).body["items"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guests_mail_holds_our_words_the_lines_and_the_link_and_no_name() {
    let shop = Shop::open().await;
    shop.users.everybody_is_a_guest(LINK);
    shop.deliver(&event(11, created(fixed(GUEST), fixed(ORDER), "Mug"))).await;
    shop.deliver(&event(12, paid(fixed(GUEST), fixed(ORDER)))).await;
    let mails = shop.mails(2).await;
    let mail = &mails[0];
    assert!(mail.text.starts_with("Hello,\n"), "{}", mail.text);
    for part in ["Mug", LINK, "ordered without an account", "have your address forgotten"] {
        assert!(mail.text.contains(part) && mail.html.contains(part), "{part} is missing in {}", mail.text);
    }
    assert!(!mails[1].text.contains("token="), "the first alone");
    // What is stored holds no link: it is asked for when the mail is sent.
    let stored = "SELECT count(*) FROM messages WHERE messages::text LIKE '%token=%'";
    assert_eq!(shop.database.count(stored).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_guest_was_told_is_in_the_inbox_of_whom_they_became_and_of_nobody_else() {
    let shop = Shop::open().await;
    shop.deliver(&event(11, created(fixed(GUEST), fixed(ORDER), "Mug"))).await;
    shop.mails(1).await;
    for told in [joined(20, ACCOUNT), joined(20, ACCOUNT), joined(21, ACCOUNT), joined(22, STRANGER)] {
        shop.deliver(&told).await;
    }
    until("the message to be moved", || async { (inbox(&shop, ACCOUNT).await == 1).then_some(()) }).await;
    // What is told of the guest later, as an event that was on its way, is told to the account.
    shop.deliver(&event(12, paid(fixed(GUEST), fixed(ORDER)))).await;
    shop.mails(2).await;
    assert_eq!((inbox(&shop, ACCOUNT).await, inbox(&shop, GUEST).await, inbox(&shop, STRANGER).await), (2, 0, 0));
    shop.running.settled().await;
    let of_both = "SELECT count(*) FROM messages JOIN deliveries ON message_id = messages.id
                   WHERE messages.account_id = deliveries.account_id";
    assert_eq!(shop.database.count(of_both).await, 2);
}
