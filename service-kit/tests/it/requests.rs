//! Reading requests: what is wrong with one is said with its place.

use crate::support::{Sample, Way, database, settings};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use service_kit::{Bus, Clock, bus::LocalBus};
use std::{num::NonZeroU16, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream},
    net::TcpStream,
};

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
    // Nested without end.
    let deep = "[".repeat(200_000);
    let (status, answer) = send(&sample, Some("application/json"), deep).await;
    assert_eq!((status.as_u16(), &answer["code"]), (400, &json!("invalid_json")));
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
    let expected = "`role` is not known: known are `title` and `lines`";
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

/// A connection as a proxy keeps it: reused for the next request, perhaps another person's.
struct Connection(BufStream<TcpStream>);

impl Connection {
    async fn open(sample: &Sample) -> Self {
        let address = sample.running.url.strip_prefix("http://").unwrap();
        Self(BufStream::new(TcpStream::connect(address).await.unwrap()))
    }

    async fn write(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// The head of a request with a body of two bytes, as a proxy sends it: before it has the body.
    async fn write_head(&mut self, line: &str) {
        let head = "HTTP/1.1\r\nHost: sample\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n";
        self.write(&format!("{line} {head}")).await;
    }

    /// The status and the headers of an answer, its body read; nothing once the connection is closed.
    async fn answer(&mut self) -> Option<(u16, String)> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head).await.ok()? == 0 {
                return None;
            }
        }
        let head = head.to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse().unwrap();
        self.0.read_exact(&mut vec![0; length]).await.ok()?;
        Some((head.split(' ').nth(1)?.parse().unwrap(), head))
    }
}

/// A proxy sends a request's head on before it has the body. If the answer came then, the server could only close the
/// connection, and what the proxy sent on it next, for somebody else, would be lost with a 502.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_not_answered_before_its_body_has_come() {
    let sample = Sample::start(Way::Local).await;
    let cases =
        [("GET /me", 401), ("PUT /notes/1", 428), ("POST /me", 405), ("POST /nothing", 404), ("POST /panic", 405)];
    for (line, expected) in cases {
        let mut connection = Connection::open(&sample).await;
        connection.write_head(line).await;
        let early = tokio::time::timeout(Duration::from_millis(200), connection.answer()).await;
        assert!(early.is_err(), "{line}: answered before the body: {early:?}");
        connection.write("{}").await;
        assert_eq!(connection.answer().await.expect(line).0, expected, "{line}");
        connection.write("GET /livez HTTP/1.1\r\nHost: sample\r\n\r\n").await;
        assert_eq!(connection.answer().await.expect("the connection can be used again").0, 200, "after {line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_given_up_and_holds_up_nobody() {
    let database = database().await;
    let mut settings = settings(&database);
    settings.max_in_flight = NonZeroU16::new(1).unwrap();
    let sample = Sample::start_with(settings, database, Bus::Local(LocalBus::new()), Clock::system()).await;
    let mut slow = Connection::open(&sample).await;
    slow.write_head("POST /notes").await;
    let note = json!({"title": "a", "lines": []});
    assert_eq!(send(&sample, Some("application/json"), note.to_string()).await, (StatusCode::OK, note));
    let (status, head) = slow.answer().await.expect("it is told");
    assert_eq!(status, 408);
    assert!(head.contains("connection: close\r\n"), "{head}");
    assert_eq!(slow.answer().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_or_is_too_large_ends_the_connection() {
    let sample = Sample::start(Way::Local).await;
    let mut large = Connection::open(&sample).await;
    large.write("POST /nothing HTTP/1.1\r\nHost: sample\r\nContent-Length: 262145\r\n\r\n").await;
    let (status, head) = large.answer().await.expect("it is told without being read");
    assert_eq!(status, 413);
    assert!(head.contains("connection: close\r\n"), "{head}");

    let mut broken = Connection::open(&sample).await;
    broken.write("POST /notes HTTP/1.1\r\nHost: sample\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n").await;
    assert_eq!(broken.answer().await.expect("it is told").0, 400);
    assert_eq!(broken.answer().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_says_on_which_version_it_is_based() {
    let sample = Sample::start(Way::Local).await;
    let client = sample.running.client();
    let put = async |version: &str| client.with_header("If-Match", version).send(Method::PUT, "/notes/1", None).await;
    client.send(Method::PUT, "/notes/1", None).await.assert_problem(428, "if_match_required");
    for version in ["\"3\"", "*", "\"2\", \"3\"", "W/\"3\", \"3\"", "3"] {
        assert_eq!(put(version).await.assert_status(200).text, "true", "{version}");
    }
    for version in ["\"4\"", "W/\"3\"", "\"three\"", "\"99999999999999999999\"", "\"\""] {
        assert_eq!(put(version).await.assert_status(200).text, "false", "{version}");
    }
    for version in ["", "three", "\"3", "*, \"3\"", "\"\"3\"\""] {
        put(version).await.assert_problem(400, "invalid_if_match");
    }
    let lines = client.with_header("If-Match", "\"2\"").with_header("If-Match", "\"3\"");
    assert_eq!(lines.send(Method::PUT, "/notes/1", None).await.text, "true");
}

/// Whoever sends a body means something by it: cancelling the lines it names, say.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_wanted_is_refused_and_its_fields_are_named() {
    let sample = Sample::start(Way::Local).await;
    let url = format!("{}/bells/big/ring", sample.running.url);
    let ring = async |body: &'static str| {
        let answer = reqwest::Client::new().post(&url).body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    for body in ["", "{}", " {\n}\t", "\n", "null"] {
        assert_eq!(ring(body).await, (200, "rung".to_owned()), "{body:?}");
    }
    let (status, answer) = ring(r#"{"lines":[{"sku":"MUG"}],"a/b":null}"#).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((status, &answer["code"]), (422, &json!("invalid_fields")));
    let expected = json!([
        {"pointer": "/a~1b", "detail": "`a/b` is not known: this request takes no fields"},
        {"pointer": "/lines", "detail": "`lines` is not known: this request takes no fields"},
    ]);
    assert_eq!(answer["errors"], expected);
    for body in ["[]", "false", "\"MUG\"", "0", "[{\"lines\":1}]"] {
        let (status, answer) = ring(body).await;
        assert_eq!(status, 422, "{body}: {answer}");
        assert!(answer.contains("this request takes no body"), "{answer}");
    }
    for body in ["lines=1", "{", "{}{}", "\u{0}"] {
        let (status, answer) = ring(body).await;
        assert_eq!(status, 400, "{body:?}: {answer}");
        assert!(answer.contains("invalid_json"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_is_not_wanted_is_refused_and_named() {
    let sample = Sample::start(Way::Local).await;
    let client = sample.running.client();
    for query in ["lines=MUG", "dry_run=true", "&&lines"] {
        let answer = client.post(&format!("/bells/big/ring?{query}"), json!({})).await;
        let name = query.trim_start_matches('&').split('=').next().unwrap();
        assert_eq!(
            answer.assert_problem(400, "invalid_query").body["detail"].as_str().unwrap(),
            format!("`{name}` is not known: this request takes no parameters.")
        );
    }
    client.post("/bells/big/ring?", json!({})).await.assert_status(200);
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
