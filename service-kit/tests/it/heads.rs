//! Heads of requests and of answers: what may come, and what is told to browsers, caches and proxies.

use crate::support::{Sample, Way, database, settings};
use reqwest::Method;
use serde_json::json;
use service_kit::{Bus, Clock, Settings, bus::LocalBus};
use test_kit::{Answer, Client, Signer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What is answered to a request as it stands.
async fn raw(sample: &Sample, request: &str) -> String {
    let mut stream = TcpStream::connect(sample.running.url.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn sample(change: impl FnOnce(&mut Settings)) -> (Sample, Signer) {
    let database = database().await;
    let signer = Signer::trusted_by(&database).await;
    let mut settings = settings(&database);
    change(&mut settings);
    (Sample::start_with(settings, database, Bus::Local(LocalBus::new()), Clock::system()).await, signer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_says_a_thing_twice_or_not_for_whom_it_is_is_refused() {
    let sample = Sample::start(Way::Local).await;
    for (head, expected) in [
        ("GET /livez HTTP/1.1\r\n", "400 invalid_host"),
        ("GET /livez HTTP/1.1\r\nHost:\r\n", "400 invalid_host"),
        ("GET http://shop/livez HTTP/1.1\r\n", "400 invalid_host"),
        ("GET /nothing HTTP/1.1\r\nHost: a\r\nHost: b\r\n", "400 doubled_header"),
        ("GET /me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nauthorization: Bearer b\r\n", "400 doubled_header"),
        ("POST /notes HTTP/1.1\r\nHost: a\r\nIdempotency-Key: a\r\nIdempotency-Key: a\r\n", "400 doubled_header"),
        ("PUT /notes/1 HTTP/1.1\r\nHost: a\r\nIf-Range: \"1\"\r\nIf-Range: \"2\"\r\n", "400 doubled_header"),
        ("POST /notes HTTP/1.1\r\nHost: a\r\nContent-Type: a/b\r\nContent-Type: a/b\r\n", "400 doubled_header"),
        (
            "POST /notes HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n",
            "415 unsupported_encoding",
        ),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nContent-Encoding: br\r\n", "415 unsupported_encoding"),
    ] {
        let body = if head.contains("Content-Length: 2") { "{}" } else { "" };
        let answer = raw(&sample, &format!("{head}Connection: close\r\n\r\n{body}")).await;
        let (status, code) = expected.split_once(' ').unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{head}: {answer}");
        assert!(answer.contains(&format!(r#""code":"{code}""#)), "{head}: {answer}");
    }
    assert!(raw(&sample, "GET /livez HTTP/1.0\r\n\r\n").await.starts_with("HTTP/1.0 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_personal_is_kept_by_no_cache_and_keys_are_kept_for_a_while() {
    let (sample, signer) = sample(|_| {}).await;
    let anybody = sample.running.client();
    let known = anybody.with_token(signer.customer().1);
    let kept = |answer: &Answer| answer.headers.get("cache-control").map(|value| value.to_str().unwrap().to_owned());
    for answer in [
        known.get("/me").await,
        known.get("/livez").await,
        known.get("/nothing").await,
        anybody.with_token("not.a.token").get("/me").await,
        anybody.post("/notes", json!({"title": "a", "lines": []})).await,
    ] {
        assert_eq!(kept(&answer).as_deref(), Some("no-store"), "{answer:?}");
    }
    assert_eq!(kept(&anybody.get("/livez").await), None);
    assert_eq!(kept(&anybody.get("/.well-known/jwks.json").await).as_deref(), Some("public, max-age=60"));
    // A cache between two services asks with their token, and must still be told how long keys last.
    assert_eq!(kept(&known.get("/.well-known/jwks.json").await).as_deref(), Some("public, max-age=60"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_told_to_a_client_behind_a_gateway_leads_through_it() {
    let told = async |client: &Client, name: &str, value: &str| {
        let answer = client.with_header(name, value).post("/notes/copies", json!({})).await;
        answer.assert_status(201).headers["location"].to_str().unwrap().to_owned()
    };
    let (sample, _) = self::sample(|settings| settings.trusted_proxies = "127.0.0.1".parse().unwrap()).await;
    let behind = sample.running.client();
    for (name, value, expected) in [
        ("X-Forwarded-Prefix", "/api", "/api/notes/2"),
        ("X-Forwarded-Prefix", "/shop/api", "/shop/api/notes/2"),
        ("X-Forwarded-Path", "/api/notes/copies", "/api/notes/2"),
        ("X-Forwarded-Prefix", "//evil.example", "/notes/2"),
    ] {
        assert_eq!(told(&behind, name, value).await, expected);
    }
    let (sample, _) = self::sample(|_| {}).await;
    assert_eq!(told(&sample.running.client(), "X-Forwarded-Prefix", "/evil").await, "/notes/2");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_pages_of_named_origins_may_ask_and_only_what_is_public() {
    let origins = "https://shop.example,http://localhost:3000";
    let (sample, _) = sample(|settings| settings.origins = origins.parse().unwrap()).await;
    let asked = async |origin: &str, method: Method, path: &str| {
        let client = sample.running.client().with_header("Origin", origin);
        let client = client.with_header("Access-Control-Request-Method", "POST");
        client
            .with_header("Access-Control-Request-Headers", "authorization,idempotency-key")
            .send(method, path, None)
            .await
    };
    let admitted = |answer: &Answer| answer.headers.get("access-control-allow-origin").cloned();
    for origin in ["https://shop.example", "http://localhost:3000"] {
        let preflight = asked(origin, Method::OPTIONS, "/notes").await;
        assert_eq!(admitted(preflight.assert_status(200)).unwrap(), origin);
        for (name, expected) in [
            ("methods", "POST"),
            ("headers", "idempotency-key"),
            ("headers", "authorization"),
            ("headers", "cart-token"),
        ] {
            let allowed = preflight.headers[format!("access-control-allow-{name}").as_str()].to_str().unwrap();
            assert!(allowed.contains(expected), "{allowed}");
        }
        assert!(!preflight.headers.contains_key("access-control-allow-credentials"));
        // Also what is refused can be read.
        let refused = asked(origin, Method::GET, "/me").await;
        assert_eq!(admitted(refused.assert_status(401)).unwrap(), origin);
        assert!(refused.headers.get_all("vary").iter().any(|vary| vary.to_str().unwrap().contains("origin")));
        for hidden in ["/internal/notes", "/metrics", "/readyz", "/flow/now"] {
            assert_eq!(admitted(&asked(origin, Method::GET, hidden).await), None, "{hidden}");
        }
    }
    for stranger in ["https://evil.example", "https://shop.example.evil.example", "http://shop.example", "null"] {
        assert_eq!(admitted(&asked(stranger, Method::OPTIONS, "/notes").await), None, "{stranger}");
        assert_eq!(admitted(&asked(stranger, Method::GET, "/me").await), None, "{stranger}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_named_origins_no_page_may_ask() {
    let (sample, _) = sample(|_| {}).await;
    let client = sample.running.client().with_header("Origin", "https://shop.example");
    let client = client.with_header("Access-Control-Request-Method", "GET");
    for method in [Method::OPTIONS, Method::GET] {
        let answer = client.send(method, "/me", None).await;
        assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control")), "{answer:?}");
    }
}
