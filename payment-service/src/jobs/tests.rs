//! What is due is worked on in slices, and one that cannot be booked holds up nobody else.

use super::{
    refund, settle,
    side_by_side::{Heard, book_all},
};
use crate::{
    provider::{ChargeAnswer, RefundAnswer},
    store::refunds,
    support::Desk,
};
use axum::{
    Json, Router,
    extract::{Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use contracts::events::payment::FailureReason;
use serde_json::{Value, json};
use service_kit::{Cause, jobs::Progress};
use std::sync::{Arc, Mutex};
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
    let (next, outcome) = book_all(&desk.app, &mut heard, |app, heard| Box::pin(settle::book(app, heard))).await;

    assert_eq!(next, [None, None, None, None]);
    let refused = outcome.unwrap_err().to_string();
    assert!(refused.contains("payments_provider_reference_unique"), "{refused}");
    assert_eq!(desk.statuses(&claimed).await, ["captured", "unknown", "failed", "unknown"]);
    let leased = "SELECT count(*) FROM payments WHERE next_at = created_at + interval '1 minute' AND trouble IS NULL";
    assert_eq!(desk.count(leased).await, 1, "asked about when its lease ends");
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
    settle::book(&desk.app, &heard).await.unwrap();
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
        refund::book(&desk.app, &heard(&due)).await.unwrap();
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
    let (_, outcome) = book_all(&desk.app, &mut heard, |app, heard| Box::pin(refund::book(app, heard))).await;
    let refused = outcome.unwrap_err().to_string();
    assert!(refused.contains("would give back more than was promised"), "{refused}");
    assert_eq!(desk.count("SELECT count(*) FROM refunds WHERE status = 'completed'").await, 2);
    assert_eq!(desk.count("SELECT sum(refunded)::bigint FROM payments").await, 3998);
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

    assert_eq!(settle::run(desk.app.clone()).await.unwrap(), Progress::More);
    assert_eq!([status(0).await, status(1).await, status(2).await], ["captured", "failed", "unknown"]);
    assert_eq!(*asked.lock().unwrap(), ["POST /charges"; 3]);
    assert_eq!(settle::run(desk.app.clone()).await.unwrap(), Progress::Idle, "not yet");

    desk.clock.advance(time::Duration::SECOND);
    assert_eq!(settle::run(desk.app.clone()).await.unwrap(), Progress::More);
    assert_eq!(status(2).await, "captured");
    assert_eq!(asked.lock().unwrap().last().unwrap(), "GET /charges", "asked for, not charged again");
}
