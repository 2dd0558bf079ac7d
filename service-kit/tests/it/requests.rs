//! Reading requests: what is wrong with one is said with its place.

use crate::support::{Sample, Way};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// The answer to a raw body.
async fn send(sample: &Sample, content_type: Option<&str>, body: impl Into<reqwest::Body>) -> (StatusCode, Value) {
    let mut request = reqwest::Client::new().post(format!("{}/notes", sample.running.url)).body(body);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn json_body(sample: &Sample, body: &'static str) -> (u16, Value) {
    let (status, answer) = send(sample, Some("application/json"), body).await;
    (status.as_u16(), answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_body_is_read_under_any_name_json_has() {
    let sample = Sample::start(Way::Local).await;
    for content_type in
        ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/a+json"]
    {
        let note = json!({"title": "Shopping", "lines": [{"quantity": 2}]});
        assert_eq!(send(&sample, Some(content_type), note.to_string()).await, (StatusCode::OK, note));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_json_is_refused() {
    let sample = Sample::start(Way::Local).await;
    for body in ["", "{", "{\"title\": }", "{\"title\": \"a\", \"lines\": []} {}", "\u{0}", "nul"] {
        let (status, answer) = json_body(&sample, body).await;
        assert_eq!((status, &answer["code"]), (400, &json!("invalid_json")), "{body:?}");
        assert!(answer["detail"].as_str().unwrap().starts_with("The body is not valid JSON: "), "{answer}");
    }
    // Nested without end: refused where it begins.
    let deep = "[".repeat(200_000);
    let (status, answer) = send(&sample, Some("application/json"), deep).await;
    assert_eq!((status.as_u16(), &answer["code"]), (422, &json!("invalid_fields")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_another_kind_is_refused() {
    let sample = Sample::start(Way::Local).await;
    for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("jsonp")] {
        let (status, answer) = send(&sample, content_type, "{}").await;
        assert_eq!((status.as_u16(), &answer["code"]), (415, &json!("json_required")), "{content_type:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_field_is_named_by_a_json_pointer() {
    let sample = Sample::start(Way::Local).await;
    let cases = [
        (r#"{"title": 1, "lines": []}"#, "/title"),
        (r#"{"title": "a", "lines": [{"quantity": 1}, {"quantity": "two"}]}"#, "/lines/1/quantity"),
        (r#"{"title": "a", "lines": [{"quantity": 1.5}]}"#, "/lines/0/quantity"),
        (r#"{"title": "a", "lines": [{"quantity": 9223372036854775808}]}"#, "/lines/0/quantity"),
        (r#"{"title": "a", "lines": [{}]}"#, "/lines/0"),
        (r#"{"title": "a"}"#, ""),
        (r#"[]"#, ""),
        (r#"{"title": "a", "lines": [], "status": "paid"}"#, "/status"),
        // RFC 6901: ~ and / in a name are escaped, a dot is not special.
        (r#"{"title": "a", "lines": [], "a.b/c~d": 1}"#, "/a.b~1c~0d"),
    ];
    for (body, pointer) in cases {
        let (status, answer) = json_body(&sample, body).await;
        assert_eq!((status, &answer["code"]), (422, &json!("invalid_fields")), "{body}");
        assert_eq!(answer["errors"][0]["pointer"], pointer, "{body}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_a_caller_may_not_set_are_refused_and_never_merged() {
    let sample = Sample::start(Way::Local).await;
    let (_, answer) = json_body(&sample, r#"{"title": "a", "lines": [], "role": "admin"}"#).await;
    let expected = "unknown field `role`, expected `title` or `lines` at line 1 column 34";
    assert_eq!(answer["errors"], json!([{"pointer": "/role", "detail": expected}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused() {
    let sample = Sample::start(Way::Local).await;
    let fits = json!({"title": "x".repeat(255 * 1024), "lines": []}).to_string();
    assert_eq!(send(&sample, Some("application/json"), fits).await.0, StatusCode::OK);
    let large = json!({"title": "x".repeat(256 * 1024), "lines": []}).to_string();
    let (status, answer) = send(&sample, Some("application/json"), large).await;
    assert_eq!((status.as_u16(), &answer["code"]), (413, &json!("body_too_large")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_says_on_which_version_it_is_based() {
    let sample = Sample::start(Way::Local).await;
    let client = sample.running.client();
    let put = async |version: &str| client.with_header("If-Match", version).send(Method::PUT, "/notes/1", None).await;
    assert_eq!(put("\"3\"").await.assert_status(200).text, "3");
    client.send(Method::PUT, "/notes/1", None).await.assert_problem(428, "if_match_required");
    for version in ["*", "W/\"3\"", "\"three\"", "\"3\", \"4\"", "", "\"99999999999999999999\"", "\"\"", "\"\"3\"\""] {
        put(version).await.assert_problem(400, "invalid_if_match");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_the_document_calls_nobody_elsewhere() {
    let sample = Sample::start(Way::Local).await;
    let client = sample.running.client();
    let initializer = client.get("/docs/swagger-initializer.js").await.assert_status(200).text.clone();
    assert!(initializer.contains(r#""validatorUrl": "none""#), "{initializer}");
    assert!(initializer.contains(r#""url": "/openapi.json""#), "{initializer}");
    let page = client.get("/docs/").await.assert_status(200).text.clone();
    assert!(!page.contains("http://") && !page.contains("https://"), "{page}");
}
