//! An order's page follows the order: by a stream where scripts run, and by coming again where they do not.

use crate::{
    guests,
    shop::{ORDER, order},
    stand_in::{Browser, Desk, logged_in, login, open, problem},
};
use serde_json::{Value, json};
use service_kit::Clock;
use std::time::{Duration, Instant};
use time::format_description::well_known::Rfc3339;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

const SOON: Duration = Duration::from_secs(10);

fn path() -> String {
    format!("/orders/{ORDER}")
}

fn line() -> String {
    format!("GET /orders/{ORDER}")
}

fn stream() -> String {
    format!("/orders/{ORDER}/events")
}

/// Ordered so many seconds ago.
fn pending(ago: i64) -> Value {
    let mut pending = order("pending", None);
    let then = Clock::system().now() - time::Duration::seconds(ago);
    pending["created_at"] = json!(then.format(&Rfc3339).unwrap());
    pending
}

/// The next events, until one holds these words.
pub(crate) async fn hear(stream: &mut reqwest::Response, words: &str) -> String {
    let mut heard = String::new();
    while !heard.contains(words) {
        let chunk = timeout(SOON, stream.chunk()).await.unwrap().unwrap().unwrap();
        heard.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    heard
}

async fn until_it_ends(stream: &mut reqwest::Response) {
    while timeout(SOON, stream.chunk()).await.unwrap().unwrap().is_some() {}
}

#[tokio::test]
async fn a_stream_tells_how_the_order_stands_then_that_it_is_paid_and_ends() {
    let (desk, browser) = logged_in(900).await;
    desk.answer(&line(), 200, pending(1)).answer(&line(), 200, pending(1)).answer(&line(), 200, order("paid", None));
    let mut answer = browser.listen(&stream()).await;
    let header = |name: &str| answer.headers()[name].to_str().unwrap();
    assert_eq!(header("content-type"), "text/event-stream");
    assert_eq!(header("x-accel-buffering"), "no");
    assert_eq!(header("cache-control"), "no-store, no-transform");
    let first = hear(&mut answer, "\n\n").await;
    assert!(
        first.contains("event: order\n")
            && first.contains("\"status\":\"pending\"")
            && first.contains("Cancel the order")
    );
    let paid = hear(&mut answer, "\n\n").await;
    assert!(paid.contains("\"status\":\"paid\",\"told\":\"It is paid, and waits to be sent.\""), "{paid}");
    assert!(paid.contains("\"settled\":true"), "{paid}");
    until_it_ends(&mut answer).await;
    // In the visitor's own name, for the browser's address.
    assert_eq!(desk.bearers(), ["access-1"; 3]);
    assert!(desk.asked().iter().all(|asked| asked.header("x-forwarded-for") == "203.0.113.7"));
}

#[tokio::test]
async fn an_order_that_is_settled_is_told_once() {
    let (desk, browser) = logged_in(900).await;
    desk.answer(&line(), 200, order("cancelled", Some("payment_declined")));
    let mut answer = browser.listen(&stream()).await;
    let told = hear(&mut answer, "\n\n").await;
    assert!(told.contains("Nothing was charged") && told.contains("Order it again"), "{told}");
    until_it_ends(&mut answer).await;
    assert_eq!(desk.lines(), [line()]);
}

#[tokio::test]
async fn a_guest_follows_their_order_by_one_token() {
    let (desk, browser) = guests::ordered().await;
    desk.anew();
    desk.answer(guests::AGAIN, 200, guests::token(2));
    desk.answer(&line(), 200, pending(1)).answer(&line(), 200, order("paid", None));
    let mut answer = browser.listen(&stream()).await;
    hear(&mut answer, "\"status\":\"paid\"").await;
    assert_eq!(desk.lines(), [guests::AGAIN.to_owned(), line(), line()]);
    assert_eq!(desk.bearers()[1..], ["guest-2", "guest-2"]);
}

#[tokio::test]
async fn for_others_there_is_no_stream() {
    let (desk, nobody) = open().await;
    assert_eq!(nobody.listen(&stream()).await.status().as_u16(), 404);
    assert_eq!(nobody.listen("/orders/nonsense/events").await.status().as_u16(), 404);
    assert_eq!(desk.lines(), [""; 0]);
    let (desk, other) = logged_in(900).await;
    desk.answer(&line(), 404, problem("order_not_found", "There is no such order."));
    assert_eq!(other.listen(&stream()).await.status().as_u16(), 404);
    // Whose log-in is over.
    desk.anew();
    desk.answer(&line(), 401, problem("token_revoked", "")).answer(
        "POST /auth/refresh",
        401,
        problem("session_over", ""),
    );
    assert_eq!(other.listen(&stream()).await.status().as_u16(), 404);
}

#[tokio::test]
async fn a_stream_ends_when_its_token_is_not_taken_any_more_and_outlives_a_service_that_is_away() {
    let (desk, browser) = logged_in(900).await;
    desk.answer(&line(), 200, pending(1)).answer(&line(), 503, problem("unavailable", ""));
    desk.answer(&line(), 401, problem("token_revoked", ""));
    let mut answer = browser.listen(&stream()).await;
    hear(&mut answer, "\n\n").await;
    until_it_ends(&mut answer).await;
    // It is not renewed behind the browser's back.
    assert_eq!(desk.lines(), [line(), line(), line()]);
    desk.anew();
    desk.answer(&line(), 503, problem("unavailable", ""));
    assert_eq!(browser.listen(&stream()).await.status().as_u16(), 503);
}

#[tokio::test]
async fn a_customer_has_four_streams_and_gets_the_place_of_one_that_has_hung_up() {
    let (desk, browser) = logged_in(900).await;
    desk.answer(&line(), 200, pending(1));
    let mut streams = Vec::new();
    for _ in 0..4 {
        let mut stream = browser.listen(&stream()).await;
        hear(&mut stream, "\n\n").await;
        streams.push(stream);
    }
    let refused = browser.listen(&stream()).await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (503, &"10".parse().unwrap()));
    drop(streams.pop());
    let asked = Instant::now();
    while browser.listen(&stream()).await.status().as_u16() == 503 {
        assert!(asked.elapsed() < SOON, "the place is not given back");
        tokio::task::yield_now().await;
    }
}

/// A crowd does not ask for each of its tabs all the time.
#[tokio::test]
async fn a_stream_asks_at_a_modest_pace() {
    let (desk, browser) = logged_in(900).await;
    desk.answer(&line(), 200, pending(1));
    let mut answer = browser.listen(&stream()).await;
    hear(&mut answer, "\n\n").await;
    assert!(timeout(Duration::from_secs(2), answer.chunk()).await.is_err(), "nothing has changed");
    let asked = desk.lines().len();
    assert!((2..=5).contains(&asked), "{asked}");
}

#[tokio::test]
async fn at_the_end_those_who_follow_are_sent_away() {
    let (desk, stop) = (Desk::default(), CancellationToken::new());
    let browser = Browser::at(&desk.pages_until(&[], stop.clone()).await);
    desk.answer("POST /auth/login", 200, login(900)).answer(&line(), 200, pending(1));
    browser.send("/login", &[("email", "ada@example.com"), ("password", "correct horse")]).await;
    let mut answer = browser.listen(&stream()).await;
    hear(&mut answer, "\n\n").await;
    let asked = Instant::now();
    stop.cancel();
    until_it_ends(&mut answer).await;
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn without_scripts_the_page_comes_again_less_and_less_often_and_can_be_told_not_to() {
    let (desk, browser) = logged_in(900).await;
    let refresh = |seconds: u32| format!("<noscript><meta http-equiv=\"refresh\" content=\"{seconds}\"></noscript>");
    for (ago, seconds) in [(1, 2), (90, 15)] {
        desk.anew();
        desk.answer(&line(), 200, pending(ago));
        let page = browser.get(&path()).await;
        page.holds(200, &[&refresh(seconds), "?still=yes\">Do not look again by itself", "aria-live=\"polite\""]);
        assert!(page.headers["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));
        // Scripts are not sent away from what they follow.
        assert!(!page.headers.contains_key("refresh"));
        let still = browser.get(&format!("{}?still=yes", path())).await;
        still.holds(200, &["Look again", "/assets/order.js"]).lacks(&["http-equiv"]);
    }
    desk.anew();
    desk.answer(&line(), 200, pending(3600));
    browser.get(&path()).await.holds(200, &["/assets/order.js", "Look again"]).lacks(&["http-equiv"]);
    // What is told above it stays.
    desk.answer(&format!("POST {}/cancel", path()), 409, problem("order_not_cancellable", "It is too late."));
    let refused = browser.send(&path(), &[("act", "cancel"), ("key", "k2")]).await;
    refused.holds(409, &["It is too late."]).lacks(&["http-equiv", "<script"]);
}

#[tokio::test]
async fn its_script_is_small() {
    let (_, browser) = open().await;
    let script = browser.get("/assets/order.js").await;
    assert_eq!(script.headers["content-type"], "text/javascript; charset=utf-8");
    assert!(script.text.len() <= 1536, "{}", script.text.len());
}
