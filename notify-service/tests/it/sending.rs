//! Mail servers and user-service fail; mails do not get lost.

use crate::{
    mail_server::Reply,
    support::{Read, Shop, event, fixed, paid, registered, verified},
    user_service::Mood,
};
use contracts::{
    AccountId, RawEvent,
    events::notification::{Failed, Sent},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_sent_mail_is_announced_on_the_journey_of_its_event() {
    let shop = Shop::open().await;
    let paid = event(10, paid(fixed(1), fixed(2)));
    shop.deliver(&paid).await;
    shop.deliveries("sent", 1).await;
    let envelope: serde_json::Value =
        sqlx::query_scalar("SELECT envelope FROM event_log").fetch_one(shop.database.pool()).await.unwrap();
    let sent = RawEvent::from_json(envelope).unwrap();
    assert_eq!(sent.correlation_id, paid.correlation_id);
    assert_eq!(sent.causation_id, Some(paid.id));
    assert_eq!(sent.sequence, 1);
    let sent = sent.decode::<Sent>().unwrap();
    assert_eq!(sent.data.message_id.uuid(), sent.subject);
    assert_eq!((sent.data.account_id, sent.data.template.as_str()), (fixed::<AccountId>(1), "order_paid"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_waits_for_user_service_and_is_then_sent() {
    let shop = Shop::open().await;
    shop.users.is(Mood::Away);
    shop.deliver(&event(10, registered(fixed(1)))).await;
    shop.deliveries("waiting", 1).await;
    let reason = "user-service answered 503 Service Unavailable database_unavailable: …";
    until_error(&shop, reason).await;
    assert_eq!(shop.mails.taken().len(), 0);
    shop.users.is(Mood::Answering);
    shop.in_time("the mail", || async { (shop.mails.taken().len() == 1).then_some(()) }).await;
    shop.deliveries("sent", 1).await;
    assert_eq!(shop.last_error().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_account_is_given_up_at_once() {
    let shop = Shop::open().await;
    shop.users.is(Mood::Erased);
    shop.deliver(&event(10, verified(fixed(1)))).await;
    shop.deliveries("failed", 1).await;
    assert_eq!(shop.last_error().await.unwrap(), "user-service answered account_not_found");
    let failed = shop.announced::<Failed>().await;
    assert_eq!((failed.len(), failed[0].attempts, failed[0].template.as_str()), (1, 1, "welcome"));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_404_does_not_give_a_mail_up() {
    let shop = Shop::open().await;
    shop.users.is(Mood::Misplaced);
    shop.deliver(&event(10, verified(fixed(1)))).await;
    until_error(&shop, "user-service answered 404 Not Found not_found: …").await;
    shop.users.is(Mood::Answering);
    shop.in_time("the mail", || async { (shop.mails.taken().len() == 1).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn past_the_bound_a_mail_is_given_up_and_announced() {
    let shop = Shop::open_with(&[("MAIL_ATTEMPTS", "3")]).await;
    for _ in 0..3 {
        shop.mails.next(Reply::Refuse);
    }
    shop.deliver(&event(10, verified(fixed(1)))).await;
    let failed = shop.in_time("the failure", || async { shop.announced::<Failed>().await.pop() }).await;
    assert_eq!((failed.attempts, failed.template.as_str()), (3, "welcome"));
    // The server's own words name the address.
    assert_eq!(shop.last_error().await.unwrap(), "the mail server refused it with 550");
    assert_eq!(shop.announced::<Sent>().await.len(), 0);
    // It is over: later times bring no further attempt.
    assert_eq!(shop.database.count("SELECT count(*) FROM deliveries WHERE next_at IS NOT NULL").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_whose_last_attempt_killed_its_process_is_given_up_and_not_tried_again() {
    let shop = Shop::open_with(&[("MAIL_ATTEMPTS", "3")]).await;
    shop.users.is(Mood::Away);
    shop.deliver(&event(10, verified(fixed(1)))).await;
    test_kit::until("the first attempt to fail", || async { shop.last_error().await }).await;
    // What a process leaves behind that dies in the third attempt, when its lease is over.
    shop.users.is(Mood::Answering);
    let died = "UPDATE deliveries SET status = 'sending', attempts = 3, last_error = NULL, next_at = $1";
    let lease_over = shop.clock.now() - time::Duration::seconds(1);
    sqlx::query(died).bind(lease_over).execute(shop.database.pool()).await.unwrap();
    shop.deliveries("failed", 1).await;
    assert_eq!(shop.mails.taken().len(), 0);
    let reason = "no attempt is left: 3 were begun, and none is known to have delivered it";
    assert_eq!(shop.last_error().await.unwrap(), reason);
    let failed = shop.announced::<Failed>().await;
    assert_eq!((failed.len(), failed[0].template.as_str()), (1, "welcome"));
    assert_eq!(shop.announced::<Sent>().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_sends_the_mail_again_under_the_same_message_id() {
    let shop = Shop::open().await;
    shop.mails.next(Reply::TakeAndHangUp);
    shop.deliver(&event(10, registered(fixed(1)))).await;
    shop.in_time("the second mail", || async { (shop.mails.taken().len() == 2).then_some(()) }).await;
    let mails = shop.mails(2).await;
    assert_eq!(mails[0].message_id, "9fffffff-ffff-7000-8000-00000000000a.verify_email@shop.test");
    assert_eq!(mails[0].message_id, mails[1].message_id);
    assert_eq!(mails[0].text, mails[1].text, "the link in it is the same too");
    assert_eq!(date(&mails[0]), date(&mails[1]), "and so is its date");
    shop.deliveries("sent", 1).await;
    assert_eq!(shop.announced::<Sent>().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_sending_and_marking_sends_again_under_the_same_message_id() {
    let shop = Shop::open().await;
    // The database refuses to mark the first attempt: what a process that dies just before leaves behind.
    let break_marking = "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'dead'; END $$;
         CREATE TRIGGER die BEFORE UPDATE ON deliveries FOR EACH ROW WHEN (NEW.status = 'sent' AND NEW.attempts = 1)
         EXECUTE FUNCTION die()";
    sqlx::raw_sql(break_marking).execute(shop.database.pool()).await.unwrap();
    shop.deliver(&event(10, verified(fixed(1)))).await;
    shop.mails(1).await;
    shop.deliveries("sending", 1).await;
    assert_eq!(shop.announced::<Sent>().await.len(), 0);
    // Nobody touches it until its lease is over.
    shop.in_time("the second mail", || async { (shop.mails.taken().len() == 2).then_some(()) }).await;
    let mails = shop.mails(2).await;
    assert_eq!(mails[0].message_id, mails[1].message_id);
    shop.deliveries("sent", 1).await;
    assert_eq!(shop.announced::<Sent>().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_waits_does_not_hold_up_the_next() {
    let shop = Shop::open().await;
    shop.mails.next(Reply::Refuse);
    shop.deliver(&event(10, verified(fixed(1)))).await;
    until_error(&shop, "the mail server refused it with 550").await;
    shop.deliver(&event(11, paid(fixed(1), fixed(2)))).await;
    assert_eq!(shop.mails(1).await[0].subject, "Payment received: order 1001 is confirmed");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_mails_all_leave_once() {
    let shop = Shop::open().await;
    for number in 0..60 {
        shop.deliver(&event(100 + number, verified(fixed(number % 7 + 1)))).await;
    }
    shop.deliveries("sent", 60).await;
    let mut ids: Vec<_> = shop.mails(60).await.into_iter().map(|mail| mail.message_id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_leaves_hours_later_says_when_it_was_written() {
    let shop = Shop::open().await;
    shop.users.is(Mood::Away);
    let written = shop.clock.now();
    shop.deliver(&event(10, paid(fixed(1), fixed(2)))).await;
    test_kit::until("the first attempt to fail", || async { shop.last_error().await }).await;
    shop.clock.advance(time::Duration::hours(5));
    shop.users.is(Mood::Answering);
    shop.in_time("the mail", || async { (shop.mails.taken().len() == 1).then_some(()) }).await;
    let date = date(&shop.mails(1).await[0]);
    let date = time::OffsetDateTime::parse(&date, &time::format_description::well_known::Rfc2822).unwrap();
    assert!((date - written).abs() < time::Duration::minutes(1), "{date} is not {written}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_names_the_shop_as_it_is_called() {
    let shop = Shop::open_with(&[("SHOP_NAME", "Ada <b>Lovelace</b> & Söhne")]).await;
    shop.deliver(&event(10, paid(fixed(1), fixed(2)))).await;
    let mail = shop.mails(1).await.pop().unwrap();
    let (headers, _) = mail.raw.split_once("\r\n\r\n").unwrap();
    let from = headers.lines().find(|line| line.starts_with("From: ")).unwrap();
    assert!(from.is_ascii() && from.ends_with("<shop@shop.test>"), "{from}");
    assert!(mail.text.contains("Ada <b>Lovelace</b> & Söhne · "), "{}", mail.text);
    assert!(mail.html.contains("Ada &#60;b&#62;Lovelace&#60;/b&#62; &#38; Söhne"), "{}", mail.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_to_an_international_domain_leaves_by_a_server_that_knows_ascii_alone() {
    let shop = Shop::open_with(&[("MAIL_FROM", "Der Kaufladen <laden@k\u{e4}ufer.example>")]).await;
    for (number, (email, sent)) in (10..).zip([
        ("ada@b\u{fc}cher.example", "ada@xn--bcher-kva.example"),
        ("ada@\u{43f}\u{43e}\u{447}\u{442}\u{430}.example", "ada@xn--80a1acny.example"),
        ("ada@\u{4f8b}\u{3048}.example", "ada@xn--r8jz45g.example"),
    ]) {
        shop.users.everybody_reads_mail_at(email);
        shop.deliver(&event(number, paid(fixed(1), fixed(2)))).await;
        let count = shop.in_time("the mail", || async {
            let taken = shop.mails.taken().len();
            (taken == usize::try_from(number - 9).unwrap()).then_some(taken)
        });
        let count = count.await;
        let mail = shop.mails(count).await.pop().unwrap();
        let (headers, _) = mail.raw.split_once("\r\n\r\n").unwrap();
        assert!(headers.is_ascii() && headers.contains(sent), "{headers}");
        let envelopes = shop.mails.envelopes();
        let last: Vec<_> = envelopes.iter().rev().take(2).map(String::as_str).collect();
        assert!(last[0].starts_with(&format!("RCPT TO:<{sent}>")), "{last:?}");
        assert!(last[1].starts_with("MAIL FROM:<laden@xn--kufer-gra.example>"), "{last:?}");
        assert!(mail.message_id.ends_with("@xn--kufer-gra.example"), "{}", mail.message_id);
    }
}

fn date(mail: &Read) -> String {
    let line = mail.raw.lines().find_map(|line| line.strip_prefix("Date: "));
    line.unwrap().to_owned()
}

async fn until_error(shop: &Shop, reason: &str) {
    let found = test_kit::until("an error to be noted", || async { shop.last_error().await }).await;
    assert_eq!(found, reason);
}
