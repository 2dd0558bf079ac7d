//! Several mails that leave side by side: each has an end of its own, and no end is lost.

use crate::{
    mail_server::Reply,
    support::{Shop, event, fixed, verified},
    user_service::Mood,
};
use contracts::{
    AccountId,
    events::notification::{Failed, Sent},
};
use std::collections::BTreeMap;
use time::Duration;

/// Mails to three people that have failed once and come due together when the clock goes on.
async fn three_waiting() -> Shop {
    let shop = Shop::open().await;
    shop.users.is(Mood::Away);
    for number in 1..=3 {
        shop.deliver(&event(10 + number, verified(fixed(number)))).await;
    }
    test_kit::until("three first attempts to fail", || async {
        let query = "SELECT count(*) FROM deliveries WHERE status = 'waiting' AND last_error IS NOT NULL";
        (shop.database.count(query).await == 3).then_some(())
    })
    .await;
    shop.users.is(Mood::Answering);
    shop
}

/// Status and last error by person.
async fn ends(shop: &Shop) -> BTreeMap<AccountId, (String, Option<String>)> {
    let query = "SELECT account_id, status, last_error FROM deliveries WHERE attempts = 2";
    let rows: Vec<(uuid::Uuid, String, Option<String>)> =
        sqlx::query_as(query).fetch_all(shop.database.pool()).await.unwrap();
    rows.into_iter().map(|(account, status, error)| (account.into(), (status, error))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mail_leaves_one_is_tried_again_and_one_is_given_up() {
    let shop = three_waiting().await;
    shop.users.has_erased(fixed(2));
    shop.mails.next(Reply::Refuse);
    shop.clock.advance(Duration::minutes(1));
    for status in ["sent", "waiting", "failed"] {
        shop.deliveries(status, 1).await;
    }
    let ends = ends(&shop).await;
    assert_eq!(ends[&fixed(2)], ("failed".to_owned(), Some("user-service answered account_not_found".to_owned())));
    let mut others = [&ends[&fixed(1)], &ends[&fixed(3)]];
    others.sort_unstable();
    let refused = ("waiting".to_owned(), Some("the mail server refused it with 550".to_owned()));
    assert_eq!(others, [&("sent".to_owned(), None), &refused]);
    let failed = shop.announced::<Failed>().await;
    assert_eq!((failed.len(), failed[0].account_id, failed[0].attempts), (1, fixed(2), 2));
    assert_eq!(shop.announced::<Sent>().await.len(), 1);
    // The one that waits leaves in its time.
    shop.in_time("the other mail", || async { (shop.mails.taken().len() == 2).then_some(()) }).await;
    shop.deliveries("sent", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_sending_and_marking_sends_all_of_them_again_under_their_message_ids() {
    let shop = three_waiting().await;
    let break_marking = "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'dead'; END $$;
         CREATE TRIGGER die BEFORE UPDATE ON deliveries FOR EACH ROW WHEN (NEW.status = 'sent' AND NEW.attempts = 2)
         EXECUTE FUNCTION die()";
    sqlx::raw_sql(break_marking).execute(shop.database.pool()).await.unwrap();
    shop.clock.advance(Duration::minutes(1));
    let first: Vec<_> = shop.mails(3).await.into_iter().map(|mail| mail.message_id).collect();
    shop.deliveries("sending", 3).await;
    assert_eq!(shop.announced::<Sent>().await.len(), 0);
    // Nobody touches them until their lease is over.
    shop.in_time("all three once more", || async { (shop.mails.taken().len() == 6).then_some(()) }).await;
    shop.deliveries("sent", 3).await;
    let mut again: Vec<_> = shop.mails(6).await.drain(3..).map(|mail| mail.message_id).collect();
    let mut first = first;
    first.sort_unstable();
    again.sort_unstable();
    assert_eq!(first, again);
    assert_eq!(shop.announced::<Sent>().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_mail_holds_up_the_marking_of_none_that_left() {
    let shop = three_waiting().await;
    shop.mails.next(Reply::TakeSlowly);
    shop.clock.advance(Duration::minutes(1));
    shop.deliveries("sent", 2).await;
    shop.deliveries("sending", 1).await;
    assert_eq!(shop.mails.taken().len(), 3);
    shop.mails.go_on();
    shop.deliveries("sent", 3).await;
    assert_eq!(shop.announced::<Sent>().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_cannot_be_marked_takes_no_other_along() {
    let shop = three_waiting().await;
    let break_one = format!(
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'dead'; END $$;
         CREATE TRIGGER die BEFORE UPDATE ON deliveries FOR EACH ROW
         WHEN (NEW.status = 'sent' AND NEW.attempts = 2 AND NEW.account_id = '{}') EXECUTE FUNCTION die()",
        fixed::<AccountId>(2)
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(break_one)).execute(shop.database.pool()).await.unwrap();
    shop.clock.advance(Duration::minutes(1));
    shop.mails(3).await;
    shop.deliveries("sent", 2).await;
    shop.deliveries("sending", 1).await;
    // That one alone leaves again.
    shop.in_time("the mail once more", || async { (shop.mails.taken().len() == 4).then_some(()) }).await;
    shop.deliveries("sent", 3).await;
    assert_eq!(shop.announced::<Sent>().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_contacts_are_asked_for_by_one_call_and_each_mail_goes_to_its_own() {
    let shop = three_waiting().await;
    shop.users.everybody_is_called("Ada", "Lovelace");
    shop.users.everybody_reads_mail_at("{id}@example.com");
    shop.users.has_erased(fixed(2));
    shop.clock.advance(Duration::minutes(1));
    shop.deliveries("sent", 2).await;
    shop.deliveries("failed", 1).await;
    assert_eq!(shop.users.asked(), [3]);
    let mut to: Vec<_> = shop.mails.envelopes().into_iter().filter(|line| line.starts_with("RCPT")).collect();
    to.sort_unstable();
    let expected = [1, 3].map(|number| format!("RCPT TO:<{}@example.com>", fixed::<AccountId>(number)));
    assert_eq!(to, expected, "the one who is gone shifts nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_service_of_an_older_version_is_asked_for_each() {
    let shop = three_waiting().await;
    shop.users.is(Mood::Older);
    shop.users.has_erased(fixed(2));
    shop.clock.advance(Duration::minutes(1));
    shop.deliveries("sent", 2).await;
    shop.deliveries("failed", 1).await;
    assert_eq!(shop.users.asked(), [1, 1, 1]);
}
