//! The start page, and what all pages have in common.

use crate::services::{NOWHERE, pages, pages_with};

#[tokio::test]
async fn no_page_runs_a_script_or_loads_anything_from_elsewhere() {
    let pages = pages(NOWHERE).await;
    for path in [
        "/",
        "/developers",
        "/products",
        "/login",
        "/register",
        "/resend-verification",
        "/forgot-password",
        "/verify-email",
        "/verify-email?token=x",
        "/reset-password?token=x",
        "/confirm-email?token=x",
        "/accept-invitation?token=x",
        "/erasure",
        "/erasure?token=x",
        "/nothing/here",
    ] {
        let page = pages.get(path).await;
        assert!(!page.text.contains("<script") && !page.text.contains(" style=") && !page.text.contains(" onclick"));
        assert!(!page.text.contains("src=\"http") && page.text.contains("href=\"/assets/style.css\""), "{path}");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert_eq!(
            policy,
            "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'",
            "{path}"
        );
        // Where a token stands in the address not even we are told.
        let referrer = if path.contains("token=") { "no-referrer" } else { "same-origin" };
        assert_eq!(page.headers["referrer-policy"], referrer, "{path}");
        assert_eq!(page.headers["cache-control"], "no-store", "{path}");
    }
    pages.get("/nothing/here").await.assert_status(404);
    assert_eq!(pages.get("/assets/style.css").await.headers["content-type"], "text/css; charset=utf-8");
    assert_eq!(pages.get("/favicon.ico").await.headers["content-type"], "image/svg+xml");
}

/// Not in the plain words of a library.
#[tokio::test]
async fn what_cannot_be_read_is_answered_with_a_page() {
    let pages = pages(NOWHERE).await;
    for path in [
        "/products?after=a&after=b",
        "/verify-email?token=a&token=a",
        "/erasure?token=a&token=a",
        "/flow/orders?order=1&order=2",
        "/flow/orders/%FF",
    ] {
        let page = pages.get(path).await;
        assert!(page.assert_status(400).text.contains("<h1>That did not work</h1>"), "{path}: {}", page.text);
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8", "{path}");
    }
    for (kind, body) in [
        ("application/x-www-form-urlencoded", "token=a&token=b"),
        ("application/json", "{\"token\":\"a\"}"),
        ("text/plain", "token=a"),
    ] {
        let request = reqwest::Client::new().post(format!("{}/verify-email", pages.url));
        let answer = request.header("content-type", kind).body(body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 400, "{kind}");
        assert!(answer.text().await.unwrap().contains("Go back and send it again."), "{kind}");
    }
    // What links gather on their way is passed over.
    let page = pages.get("/verify-email?token=a&utm_source=mail&utm_source=shop").await;
    assert!(page.assert_status(200).text.contains("value=\"a\""));
}

#[tokio::test]
async fn in_place_of_a_service_that_is_away_the_gateway_has_a_503_that_says_when_to_come_again() {
    let answer = pages(NOWHERE).await.get("/unavailable").await;
    answer.assert_problem(503, "service_away");
    assert_eq!(answer.headers["retry-after"], "2");
}

#[tokio::test]
async fn in_development_the_developers_page_shows_mails_and_the_services_own_pages() {
    let pages = pages_with(&[("PUBLIC_URL", "http://shop.test:9000"), ("ORDER_SERVICE_PORT", "9083")]).await;
    let start = pages.get("/developers").await;
    assert!(start.assert_status(200).text.contains("href=\"/dev/mails\""));
    assert!(start.text.contains("href=\"http://shop.test:8081/docs\""), "{}", start.text);
    assert!(start.text.contains("href=\"http://shop.test:9083/docs\""), "{}", start.text);
    assert!(start.text.contains("curl -s http://shop.test:9000/api/auth/register "), "{}", start.text);
}

#[tokio::test]
async fn in_production_the_developers_page_shows_neither() {
    let pages = pages_with(&[("ECOM_ENV", "production"), ("PUBLIC_URL", "https://shop.test")]).await;
    let start = pages.get("/developers").await;
    assert!(!start.assert_status(200).text.contains("/dev/mails") && !start.text.contains("/docs"));
    assert!(!start.text.contains("sim_declined"));
    assert!(start.text.contains("curl -s https://shop.test/api/auth/register "));
}
