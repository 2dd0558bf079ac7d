//! Confirming an address.

use crate::services::{NOWHERE, Pages, Services, pages, problem};
use http::StatusCode;
use serde_json::json;

/// What a form's button does: status and page.
async fn press(pages: &Pages, form: &str) -> (u16, String) {
    let request = reqwest::Client::new()
        .post(format!("{}/verify-email", pages.url))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned());
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

const KNOWN: &str = "token=abc&password=correct+horse";
const NEW: &str = "token=abc&first_name=Ada&last_name=Lovelace&new_password=tell+nobody+of+it";

#[tokio::test]
async fn opening_the_link_changes_nothing_and_shows_both_ways() {
    let (services, pages) = Services::answering(StatusCode::OK, json!({ "message": "Done." })).await;
    let page = pages.get("/verify-email?token=abc").await;
    let text = &page.assert_status(200).text;
    let form = "<form method=\"post\" action=\"/verify-email\"><input type=\"hidden\" name=\"token\" value=\"abc\">";
    assert_eq!(text.matches(form).count(), 2, "{text}");
    for field in ["name=\"password\"", "name=\"new_password\"", "name=\"first_name\"", "name=\"last_name\""] {
        assert!(text.contains(field), "{field} is missing in {text}");
    }
    assert_eq!(services.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn each_button_asks_user_service_and_shows_what_it_says() {
    let (services, pages) = Services::answering(StatusCode::OK, json!({ "message": "You can log in now." })).await;
    for form in [KNOWN, NEW] {
        let (status, page) = press(&pages, form).await;
        assert_eq!(status, 200);
        assert!(page.contains("<h1>Your address is confirmed</h1><p>You can log in now.</p>"), "{page}");
    }
    let asked: Vec<serde_json::Value> =
        services.asked().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(
        asked,
        [
            json!({"token": "abc", "password": "correct horse"}),
            json!({"token": "abc", "first_name": "Ada", "last_name": "Lovelace", "new_password": "tell nobody of it"}),
        ]
    );
}

#[tokio::test]
async fn a_wrong_password_can_be_mended_and_no_password_is_shown_again() {
    let refusal = problem("wrong_registration_password", "This is not the password; tries left: 4.");
    let (_, pages) = Services::answering(StatusCode::UNPROCESSABLE_ENTITY, refusal).await;
    let (status, page) = press(&pages, KNOWN).await;
    assert_eq!(status, 422);
    assert!(page.contains("tries left: 4.") && page.contains("name=\"password\""), "{page}");
    assert!(!page.contains("correct horse"), "{page}");
    let mut refusal = problem("invalid_fields", "Some fields are wrong.");
    refusal["errors"] = json!([{"pointer": "/new_password", "detail": "is too short"}]);
    let (_, pages) = Services::answering(StatusCode::UNPROCESSABLE_ENTITY, refusal).await;
    let (_, page) = press(&pages, NEW).await;
    assert!(page.contains("The new password is too short.") && page.contains("value=\"Lovelace\""), "{page}");
    assert!(!page.contains("tell nobody"), "{page}");
}

#[tokio::test]
async fn a_refusal_that_nothing_mends_is_shown_in_its_own_words() {
    let refusal = problem("verification_token_used", "This link was used before: log in.");
    let (_, pages) = Services::answering(StatusCode::UNPROCESSABLE_ENTITY, refusal).await;
    let (status, page) = press(&pages, KNOWN).await;
    assert_eq!(status, 422);
    assert!(page.contains("This link was used before: log in.") && !page.contains("<form"), "{page}");
}

#[tokio::test]
async fn when_user_service_is_away_the_link_is_said_to_be_good_still() {
    let broken = Services::answering(StatusCode::SERVICE_UNAVAILABLE, problem("x", "inner words")).await.1;
    for pages in [pages(NOWHERE).await, broken] {
        let (status, page) = press(&pages, KNOWN).await;
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
