//! Confirming an address.

use crate::services::{NOWHERE, Pages, Services, pages, problem};
use http::StatusCode;
use serde_json::json;

/// What the button does: status and page.
async fn press(pages: &Pages, token: &str) -> (u16, String) {
    let request = reqwest::Client::new()
        .post(format!("{}/verify-email", pages.url))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("token={token}"));
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn opening_the_link_confirms_nothing_yet() {
    let (services, pages) = Services::answering(StatusCode::OK, json!({ "message": "Done." })).await;
    let page = pages.get("/verify-email?token=abc").await;
    assert!(page.assert_status(200).text.contains(
        "<form method=\"post\" action=\"/verify-email\"><input type=\"hidden\" name=\"token\" value=\"abc\">"
    ));
    assert_eq!(services.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn the_button_confirms_and_shows_what_user_service_says() {
    let (services, pages) = Services::answering(StatusCode::OK, json!({ "message": "You can log in now." })).await;
    let (status, page) = press(&pages, "abc").await;
    assert_eq!(status, 200);
    assert!(page.contains("<h1>Your address is confirmed</h1><p>You can log in now.</p>"), "{page}");
    assert_eq!(services.asked(), [r#"{"token":"abc"}"#]);
}

#[tokio::test]
async fn a_refusal_is_shown_in_its_own_words() {
    let refusal = problem("verification_token_used", "This link was used before: log in.");
    let (_, pages) = Services::answering(StatusCode::UNPROCESSABLE_ENTITY, refusal).await;
    let (status, page) = press(&pages, "abc").await;
    assert_eq!(status, 422);
    assert!(page.contains("This link was used before: log in."), "{page}");
}

#[tokio::test]
async fn when_user_service_is_away_the_link_is_said_to_be_good_still() {
    let broken = Services::answering(StatusCode::SERVICE_UNAVAILABLE, problem("x", "inner words")).await.1;
    for pages in [pages(NOWHERE).await, broken] {
        let (status, page) = press(&pages, "abc").await;
        assert_eq!(status, 503);
        assert!(page.contains("your link is still good") && !page.contains("inner words"), "{page}");
    }
}

#[tokio::test]
async fn a_token_with_markup_is_shown_and_not_obeyed() {
    let (_, pages) = Services::answering(StatusCode::OK, json!({})).await;
    let page = pages.get("/verify-email?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(!page.assert_status(200).text.contains("<script"), "{}", page.text);
}

#[tokio::test]
async fn a_link_without_its_token_says_so() {
    let (services, pages) = Services::answering(StatusCode::OK, json!({})).await;
    assert!(pages.get("/verify-email").await.assert_status(400).text.contains("lacks its token"));
    assert_eq!(services.asked(), Vec::<String>::new());
}
