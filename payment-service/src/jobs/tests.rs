//! What is due is worked on in slices, and one that cannot be booked holds up nobody else.

use super::{
    claim::{self, Looked},
    refund, settle,
    side_by_side::{About, Heard, book_all},
};
use crate::{
    at_hand::Serving,
    changes::create::create,
    domain::Step,
    provider::{ChargeAnswer, RefundAnswer},
    store::{payments::Stored, refunds},
    support::Desk,
};
use axum::{
    Json, Router,
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use contracts::events::payment::FailureReason;
use serde_json::{Value, json};
use service_kit::{Cause, jobs::Progress};
use sqlx::AssertSqlSafe;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::TcpListener;

fn captured(reference: &str) -> ChargeAnswer {
    ChargeAnswer::Captured { reference: reference.to_owned() }
}

#[tokio::test]
async fn a_payment_that_cannot_be_booked_holds_up_nobody_of_its_slice() {
    let desk = Desk::new(None).await;
    let claimed = desk.claimed(&["sim_ok", "sim_ok", "sim_declined", "sim_lost"]).await;
    let answers = [
        captured("ch_1"),
        // The provider has given this id away.
        captured("ch_1"),
        ChargeAnswer::Declined { reason: FailureReason::Declined },
        ChargeAnswer::Unclear { trouble: "no answer".to_owned() },
    ];
    let talks = claimed.iter().map(|stored| settle::begin(&desk.app, stored.clone()).0);
    let mut heard: Vec<_> = talks.zip(answers).map(|(talk, answer)| Heard { talk, answer }).collect();
    let (next, outcome) = book_all(&desk.app, &mut heard, &settle::PAYMENTS).await;

    assert_eq!(next, [None, None, None, None]);
    let refused = outcome.unwrap_err().to_string();
    assert!(refused.contains("payments_provider_reference_unique"), "{refused}");
    assert_eq!(desk.statuses(&claimed).await, ["captured", "unknown", "failed", "unknown"]);
    let aside = "SELECT count(*) FROM payments WHERE next_at < created_at + interval '1 second'
                 AND trouble LIKE '%payments_provider_reference_unique%'";
    assert_eq!(desk.count(aside).await, 1, "put aside with the reason, and asked about again");
    assert_eq!(desk.count("SELECT count(*) FROM payments WHERE trouble = 'no answer'").await, 1);
    assert_eq!(desk.count("SELECT count(*) FROM ledger_transactions").await, 1);
    assert_eq!(desk.count("SELECT count(*) FROM event_log").await, 2);
}

/// Two captured payments of cancelled orders, whose refunds are claimed.
async fn refunds_due(desk: &Desk) -> Vec<refunds::Claimed> {
    let claimed = desk.claimed(&["sim_ok", "sim_ok", "sim_ok"]).await;
    let talks = claimed.iter().map(|stored| settle::begin(&desk.app, stored.clone()).0);
    let heard: Vec<_> = talks.zip(["ch_1", "ch_2", "ch_3"]).collect();
    let heard: Vec<_> = heard.into_iter().map(|(talk, id)| Heard { talk, answer: captured(id) }).collect();
    (settle::PAYMENTS.book)(&desk.app, &heard).await.unwrap();
    let mut tx = desk.app.kit.database.begin("cancel").await.unwrap();
    let ids: Vec<_> = claimed.iter().map(|stored| stored.payment.id).collect();
    let locked = crate::store::payments::lock(&mut tx, &ids).await.unwrap();
    let learned = ids.iter().map(|&payment| crate::changes::learn::Learned {
        payment,
        fact: crate::domain::Fact::OrderCancelled { cause: desk.clock.new_id() },
        cause: Cause::current(),
    });
    crate::changes::learn::learn(&desk.app, &mut tx, locked, learned.collect()).await.unwrap();
    let _committed = tx.commit().await.unwrap();
    let (now, mut connection) = (desk.clock.now(), desk.app.kit.database.acquire().await.unwrap());
    let mut due = refunds::claim(&mut connection, now, now + desk.app.lease, 16).await.unwrap();
    due.sort_by_key(|refund| ids.iter().position(|id| *id == refund.payment_id));
    due
}

#[tokio::test]
async fn refunds_are_booked_by_one_transaction_and_again_changes_nothing() {
    let desk = Desk::new(None).await;
    let due = refunds_due(&desk).await;
    let heard = |due: &[refunds::Claimed]| -> Vec<_> {
        let answers = [
            RefundAnswer::Completed { reference: "re_1".to_owned() },
            RefundAnswer::Completed { reference: "re_2".to_owned() },
            RefundAnswer::Unclear { trouble: "no answer".to_owned() },
        ];
        let talks = due.iter().map(|claimed| refund::begin(&desk.app, claimed.clone()));
        talks.zip(answers).map(|(talk, answer)| Heard { talk, answer }).collect()
    };
    for _ in 0..2 {
        (refund::REFUNDS.book)(&desk.app, &heard(&due)).await.unwrap();
        assert_eq!(desk.count("SELECT count(*) FROM refunds WHERE status = 'completed'").await, 2);
        assert_eq!(desk.count("SELECT count(*) FROM refunds WHERE trouble = 'no answer'").await, 1);
        let together = "SELECT count(DISTINCT xmin::text) FROM payments WHERE refunded = 1999";
        assert_eq!(desk.count(together).await, 1, "one transaction");
        assert_eq!(desk.count("SELECT sum(refunded)::bigint FROM payments").await, 3998);
        assert_eq!(desk.count("SELECT count(*) FROM ledger_transactions WHERE kind = 'refund'").await, 2);
        assert_eq!(desk.count("SELECT count(*) FROM event_log WHERE type = 'payment.refunded'").await, 2);
    }
}

#[tokio::test]
async fn a_refund_over_more_than_was_promised_holds_up_nobody_of_its_slice() {
    let desk = Desk::new(None).await;
    let mut due = refunds_due(&desk).await;
    due[1].amount.amount += 1;
    let talks = due.iter().map(|claimed| refund::begin(&desk.app, claimed.clone()));
    let done = |number: usize| RefundAnswer::Completed { reference: format!("re_{number}") };
    let heard = talks.enumerate().map(|(number, talk)| Heard { talk, answer: done(number) });
    let mut heard: Vec<_> = heard.collect();
    let (_, outcome) = book_all(&desk.app, &mut heard, &refund::REFUNDS).await;
    let refused = outcome.unwrap_err().to_string();
    assert!(refused.contains("would give back more than was promised"), "{refused}");
    assert_eq!(desk.count("SELECT count(*) FROM refunds WHERE status = 'completed'").await, 2);
    assert_eq!(desk.count("SELECT sum(refunded)::bigint FROM payments").await, 3998);
    let aside = "SELECT count(*) FROM refunds WHERE trouble LIKE '%more than was promised%'";
    assert_eq!(desk.count(aside).await, 1);
}

/// In this database the capture of one payment lacks a cent on one side.
async fn one_capture_is_unbalanced(desk: &Desk, odd: &Stored) {
    let spoiled = format!(
        "CREATE FUNCTION lose_a_cent() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             NEW.amount := NEW.amount - 1;
             RETURN NEW;
         END $$;
         CREATE TRIGGER lose_a_cent BEFORE INSERT ON ledger_entries FOR EACH ROW WHEN (NEW.amount = 1777)
             EXECUTE FUNCTION lose_a_cent();
         UPDATE payments SET total = 1777 WHERE id = '{}'",
        odd.payment.id
    );
    sqlx::raw_sql(AssertSqlSafe(spoiled)).execute(desk.database.pool()).await.unwrap();
}

#[tokio::test]
async fn one_unbalanced_booking_among_sixty_four_is_put_aside_and_all_others_are_booked() {
    let desk = Desk::new(None).await;
    let claimed = desk.claimed(&["sim_ok"; 64]).await;
    one_capture_is_unbalanced(&desk, &claimed[17]).await;
    let talks = claimed.iter().map(|stored| settle::begin(&desk.app, stored.clone()).0);
    let heard = talks.enumerate().map(|(number, talk)| Heard { talk, answer: captured(&format!("ch_{number}")) });
    let mut heard: Vec<_> = heard.collect();
    let (next, outcome) = book_all(&desk.app, &mut heard, &settle::PAYMENTS).await;

    assert_eq!(next, [None; 64]);
    let refused = outcome.unwrap_err().to_string();
    assert!(refused.contains("do not sum to zero"), "{refused}");
    let statuses = desk.statuses(&claimed).await;
    let open = statuses.iter().enumerate().filter(|(_, status)| *status != "captured");
    assert_eq!(open.map(|(number, status)| (number, status.as_str())).collect::<Vec<_>>(), [(17, "unknown")]);
    let aside = "SELECT count(*) FROM payments WHERE status = 'unknown' AND trouble LIKE '%do not sum to zero%'
                 AND next_at < created_at + interval '1 second'";
    assert_eq!(desk.count(aside).await, 1);
    for (query, expected) in [
        ("SELECT count(*) FROM ledger_transactions", 63),
        ("SELECT count(*) FROM ledger_entries", 126),
        ("SELECT sum(amount)::bigint FROM ledger_entries", 0),
        ("SELECT count(*) FROM event_log WHERE type = 'payment.completed'", 63),
    ] {
        assert_eq!(desk.count(query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_panic_is_that_of_one_payment() {
    let desk = Desk::new(None).await;
    let claimed = desk.claimed(&["sim_ok", "sim_slow", "sim_ok"]).await;
    let talks = claimed.iter().map(|stored| settle::begin(&desk.app, stored.clone()).0);
    let heard = talks.enumerate().map(|(number, talk)| Heard { talk, answer: captured(&format!("ch_{number}")) });
    let mut heard: Vec<_> = heard.collect();
    let about: About<Stored, Step, ChargeAnswer> = About {
        book: |app, heard| {
            let odd = heard.iter().any(|one| one.talk.row.payment.method.as_deref() == Some("sim_slow"));
            Box::pin(async move {
                assert!(!odd, "an odd one");
                (settle::PAYMENTS.book)(app, heard).await
            })
        },
        ..settle::PAYMENTS
    };
    let (_, outcome) = book_all(&desk.app, &mut heard, &about).await;
    assert!(outcome.unwrap_err().to_string().contains("panicked"));
    assert_eq!(desk.statuses(&claimed).await, ["captured", "unknown", "captured"]);
    assert_eq!(desk.count("SELECT count(*) FROM payments WHERE trouble LIKE '%panicked%'").await, 1);
}

/// Methods and addresses, as they were asked.
type Asked = Arc<Mutex<Vec<String>>>;

/// Plays the day that the method names; once it is asked for a charge it has it, whatever it answered before.
async fn provider(State(asked): State<Asked>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, 10_000).await.unwrap();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let key = parts.headers.get("idempotency-key").map_or("", |key| key.to_str().unwrap()).to_owned();
    let charge =
        |key: &str| json!({ "id": format!("ch_{key}"), "status": "captured", "amount": 1999, "currency": "EUR" });
    asked.lock().unwrap().push(format!("{} {}", parts.method, parts.uri.path()));
    match (parts.method, body["method"].as_str().unwrap_or_default()) {
        (Method::GET, _) => Json(charge(parts.uri.query().unwrap())).into_response(),
        (_, "lost") => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        (_, "declined") => Json(json!({ "id": null, "status": "declined", "reason": "declined" })).into_response(),
        _ => Json(charge(&key)).into_response(),
    }
}

#[tokio::test]
async fn one_run_works_on_all_that_is_due_and_asks_later_about_who_got_no_answer() {
    let asked = Asked::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(provider).with_state(Arc::clone(&asked));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let desk = Desk::new(Some(&url)).await;
    let orders = desk.due(&["ok", "declined", "lost"]).await;
    let status = async |number: usize| desk.payment(orders[number].data.order_id).await.0;

    let _serving = desk.app.at_hand.serve();
    assert_eq!(
        claim::run(desk.app.clone(), &Looked::default()).await.unwrap(),
        Progress::Found,
        "fewer than there are places"
    );
    settle::run(desk.app.clone()).await.unwrap();
    assert_eq!([status(0).await, status(1).await, status(2).await], ["captured", "failed", "unknown"]);
    assert_eq!(*asked.lock().unwrap(), ["POST /charges"; 3]);
    let again = async || {
        claim::run(desk.app.clone(), &Looked::default()).await.unwrap();
        settle::run(desk.app.clone()).await.unwrap();
    };
    again().await;
    assert_eq!(asked.lock().unwrap().len(), 3, "not yet");

    desk.clock.advance(time::Duration::SECOND);
    again().await;
    assert_eq!(status(2).await, "captured");
    assert_eq!(asked.lock().unwrap().last().unwrap(), "GET /charges", "asked for, not charged again");
}

/// A service that serves, and a provider that answers after `delay` what it was sent.
async fn serving(delay: Duration) -> (Desk, Asked, Serving) {
    let asked = Asked::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let slowly = middleware::from_fn(move |request: Request, next: Next| async move {
        tokio::time::sleep(delay).await;
        next.run(request).await
    });
    let router = Router::new().fallback(provider).layer(slowly).with_state(Arc::clone(&asked));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let desk = Desk::new(Some(&url)).await;
    let serving = desk.app.at_hand.serve();
    (desk, asked, serving)
}

#[tokio::test]
async fn what_is_stored_is_handed_over_and_charged_without_a_claim() {
    let (desk, asked, _serving) = serving(Duration::ZERO).await;
    let orders = [desk.created("ok"), desk.created("declined")];
    let mut tx = desk.app.kit.database.begin("test").await.unwrap();
    let begun = create(&desk.app, &mut tx, [orders.as_slice(), &orders[..1]].concat()).await.unwrap();
    assert_eq!(begun.len(), 2, "once, however often it is told");
    let _committed = tx.commit().await.unwrap();
    for order in &orders {
        assert_eq!(desk.payment(order.data.order_id).await, ("unknown".to_owned(), 0), "the note of the first call");
    }
    claim::run(desk.app.clone(), &Looked::default()).await.unwrap();
    assert_eq!(desk.count("SELECT sum(attempts)::bigint FROM payments").await, 2, "leased to who stored them");
    desk.app.at_hand.give(begun);
    settle::run(desk.app.clone()).await.unwrap();
    assert_eq!(desk.payment(orders[0].data.order_id).await, ("captured".to_owned(), 1));
    assert_eq!(desk.payment(orders[1].data.order_id).await, ("failed".to_owned(), 1));
    assert_eq!(*asked.lock().unwrap(), ["POST /charges"; 2]);
}

#[tokio::test]
async fn what_is_rolled_back_gives_its_places_back_and_is_not_charged() {
    let (desk, asked, _serving) = serving(Duration::ZERO).await;
    for _ in 0..300 {
        let mut tx = desk.app.kit.database.begin("test").await.unwrap();
        let begun = create(&desk.app, &mut tx, vec![desk.created("ok")]).await.unwrap();
        assert_eq!(begun.len(), 1);
        tx.rollback().await.unwrap();
    }
    settle::run(desk.app.clone()).await.unwrap();
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn who_finds_no_place_is_due_and_claimed_when_there_is_one() {
    let (desk, asked, _serving) = serving(Duration::ZERO).await;
    let orders: Vec<_> = (0..300).map(|_| desk.created("ok")).collect();
    let mut tx = desk.app.kit.database.begin("test").await.unwrap();
    let begun = create(&desk.app, &mut tx, orders.clone()).await.unwrap();
    let _committed = tx.commit().await.unwrap();
    let due = "SELECT count(*) FROM payments WHERE status = 'created' AND next_at = created_at AND attempts = 0";
    assert_eq!((begun.len(), desk.count(due).await), (128, 172));
    assert_eq!(claim::run(desk.app.clone(), &Looked::default()).await.unwrap(), Progress::Idle, "no place");
    desk.app.at_hand.give(begun);
    settle::run(desk.app.clone()).await.unwrap();
    tokio::time::timeout(Duration::ZERO, desk.app.payments_due.notified()).await.expect("the claim is woken");
    for expected in [172 - 128, 0] {
        while claim::run(desk.app.clone(), &Looked::default()).await.unwrap() == Progress::More {}
        settle::run(desk.app.clone()).await.unwrap();
        assert_eq!(desk.count(due).await, expected);
    }
    assert_eq!(desk.count("SELECT count(*) FROM payments WHERE status = 'captured'").await, 300);
    assert_eq!(asked.lock().unwrap().len(), 300);
}

#[tokio::test]
async fn a_service_that_ends_leases_nothing_to_itself() {
    let (desk, _, serving) = serving(Duration::ZERO).await;
    drop(serving);
    let orders = desk.due(&["ok"]).await;
    assert_eq!(desk.payment(orders[0].data.order_id).await.0, "created", "anybody may claim it");
}

#[tokio::test]
async fn a_crowd_is_booked_together_and_a_slow_answer_holds_up_nobody() {
    let (desk, _, _serving) = serving(Duration::from_millis(50)).await;
    let mut tx = desk.app.kit.database.begin("test").await.unwrap();
    let orders = (0..100).map(|_| desk.created("ok")).collect();
    let begun = create(&desk.app, &mut tx, orders).await.unwrap();
    let _committed = tx.commit().await.unwrap();
    desk.app.at_hand.give(begun);
    settle::run(desk.app.clone()).await.unwrap();
    assert_eq!(desk.count("SELECT count(*) FROM payments WHERE status = 'captured'").await, 100);
    let bookings = desk.count("SELECT count(DISTINCT xmin::text) FROM payments").await;
    assert!((2..20).contains(&bookings), "100 payments were booked by {bookings} transactions");
}

#[tokio::test]
async fn what_is_due_for_long_is_found_once_a_minute_and_what_has_just_come_at_once() {
    let (desk, _, serving) = serving(Duration::ZERO).await;
    drop(serving);
    desk.due(&["ok"]).await;
    desk.clock.advance(time::Duration::HOUR);
    let _serving = desk.app.at_hand.serve();
    let looked = Looked::default();
    let claimed = async || {
        claim::run(desk.app.clone(), &looked).await.unwrap();
        desk.count("SELECT count(*) FROM payments WHERE attempts > 0").await
    };
    assert_eq!(claimed().await, 1, "the first look is at all of them");
    let late = desk.due(&["ok"]).await.remove(0).data.order_id;
    let forgotten = "UPDATE payments SET status = 'created', attempts = 0, next_at = created_at - interval '31 seconds'
                     WHERE order_id = $1";
    sqlx::query(forgotten).bind(late.uuid()).execute(desk.app.kit.database.pool()).await.unwrap();
    assert_eq!(claimed().await, 1, "nobody looks so far back now");
    desk.clock.advance(time::Duration::seconds(59));
    assert_eq!(claimed().await, 1);
    desk.clock.advance(time::Duration::SECOND);
    assert_eq!(claimed().await, 2);
}
