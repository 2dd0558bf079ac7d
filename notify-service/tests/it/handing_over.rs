//! A new mail is in its sender's hands once it is stored: nobody claims it, and nobody else sends it.

use crate::{
    mail_server::Reply,
    support::{Shop, event, fixed, paid, verified},
    user_service::Mood,
};
use test_kit::until;
use time::Duration;

/// Notes each status that a delivery is given, in turn.
const NOTE_STATUSES: &str = "
    CREATE TABLE statuses (number bigserial, status text);
    GRANT ALL ON statuses TO PUBLIC; GRANT ALL ON SEQUENCE statuses_number_seq TO PUBLIC;
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO statuses (status) VALUES (NEW.status); RETURN NULL; END $$;
    CREATE TRIGGER note AFTER INSERT OR UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION note();";

/// Each delivery's status, attempts and whether it has an error, by age.
async fn deliveries(shop: &Shop) -> Vec<(String, i32, bool)> {
    let query = "SELECT status, attempts, last_error IS NOT NULL FROM deliveries ORDER BY id";
    sqlx::query_as(query).fetch_all(shop.database.pool()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_mail_is_stored_as_being_sent_and_then_marked() {
    let shop = Shop::open().await;
    sqlx::raw_sql(NOTE_STATUSES).execute(shop.database.pool()).await.unwrap();
    shop.deliver(&event(10, verified(fixed(1)))).await;
    shop.deliveries("sent", 1).await;
    let query = "SELECT status FROM statuses ORDER BY number";
    let statuses: Vec<String> = sqlx::query_scalar(query).fetch_all(shop.database.pool()).await.unwrap();
    assert_eq!(statuses, ["sending", "sent"]);
    assert_eq!(deliveries(&shop).await, [("sent".to_owned(), 1, false)]);
    // Its number is its message's first change, and the last.
    let numbers = "SELECT sequence FROM event_log JOIN messages ON messages.id = subject";
    assert_eq!(shop.database.count(numbers).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_was_stored_and_never_handed_over_leaves_when_its_lease_is_over() {
    let shop = Shop::open().await;
    // What a process leaves behind that dies right after its commit.
    shop.users.is(Mood::Away);
    shop.deliver(&event(10, verified(fixed(1)))).await;
    until("the first attempt to fail", || async { shop.last_error().await }).await;
    shop.users.is(Mood::Answering);
    let lease_over = shop.clock.now() + Duration::seconds(30);
    let died = "UPDATE deliveries SET status = 'sending', attempts = 1, last_error = NULL, next_at = $1";
    sqlx::query(died).bind(lease_over).execute(shop.database.pool()).await.unwrap();
    shop.clock.advance(Duration::seconds(29));
    // Another person's mail passes it by; its own person's waits behind it.
    shop.deliver(&event(11, verified(fixed(2)))).await;
    shop.deliver(&event(12, paid(fixed(1), fixed(2)))).await;
    shop.mails(1).await;
    assert_eq!(deliveries(&shop).await[0], ("sending".to_owned(), 1, false));
    assert_eq!(deliveries(&shop).await[2], ("waiting".to_owned(), 0, false));
    shop.in_time("all three", || async { (shop.mails.taken().len() == 3).then_some(()) }).await;
    let subjects: Vec<_> = shop.mails(3).await.into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects[1..], ["Welcome!", "Payment received: order 1001 is confirmed"]);
    shop.deliveries("sent", 3).await;
    assert_eq!(deliveries(&shop).await[0].1, 2, "the attempt that died counts");
}

/// As after a crash in the middle of a rush. At one each time the job looks they would take half a minute.
#[tokio::test(flavor = "multi_thread")]
async fn one_persons_mails_that_were_left_behind_leave_one_after_the_other_without_a_pause() {
    let shop = Shop::open().await;
    shop.users.is(Mood::Away);
    shop.deliver(&event(10, verified(fixed(1)))).await;
    until("the first attempt to fail", || async { shop.last_error().await }).await;
    let sixty = "INSERT INTO messages SELECT (jsonb_populate_record(message, jsonb_build_object('id', gen_random_uuid(),
                     'event_id', gen_random_uuid()))).* FROM messages AS message, generate_series(1, 59);
                 INSERT INTO deliveries SELECT (jsonb_populate_record(delivery, jsonb_build_object('id', gen_random_uuid(),
                     'message_id', message.id, 'status', 'waiting', 'attempts', 0, 'last_error', NULL))).*
                 FROM deliveries AS delivery, messages AS message WHERE message.id <> delivery.message_id";
    sqlx::raw_sql(sixty).execute(shop.database.pool()).await.unwrap();
    shop.users.is(Mood::Answering);
    shop.clock.advance(Duration::minutes(1));
    shop.deliveries("sent", 60).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_hand_here_is_not_claimed_here_however_late_it_is() {
    let shop = Shop::open().await;
    shop.mails.next(Reply::TakeSlowly);
    shop.deliver(&event(10, verified(fixed(1)))).await;
    until("the mail to be under way", || async { (shop.mails.taken().len() == 1).then_some(()) }).await;
    shop.clock.advance(Duration::minutes(5));
    // Claims go on meanwhile.
    shop.deliver(&event(11, verified(fixed(2)))).await;
    shop.deliveries("sent", 1).await;
    shop.mails.go_on();
    shop.deliveries("sent", 2).await;
    shop.mails(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_process_gives_back_what_it_has_not_begun() {
    let shop = Shop::open().await;
    shop.mails.next(Reply::TakeSlowly);
    // One person's mails leave one after the other: the second is in hand, and not begun.
    shop.deliver(&event(10, verified(fixed(1)))).await;
    until("the first to be under way", || async { (shop.mails.taken().len() == 1).then_some(()) }).await;
    shop.deliver(&event(11, paid(fixed(1), fixed(2)))).await;
    assert_eq!(deliveries(&shop).await[1], ("sending".to_owned(), 1, false));
    let Shop { running, database, mails, clock, .. } = shop;
    let given_back = async {
        until("the second to be given back", || async {
            let query = "SELECT count(*) FROM deliveries WHERE status = 'waiting'";
            (database.count(query).await == 1).then_some(())
        })
        .await;
        // What is under way is waited for.
        mails.go_on();
    };
    tokio::join!(running.stop(), given_back);
    let query = "SELECT status, attempts, next_at <= $1 FROM deliveries ORDER BY id";
    let left: Vec<(String, i32, Option<bool>)> =
        sqlx::query_as(query).bind(clock.now()).fetch_all(database.pool()).await.unwrap();
    assert_eq!(left, [("sent".to_owned(), 1, None), ("waiting".to_owned(), 0, Some(true))]);
    assert_eq!(mails.taken().len(), 1);
}
