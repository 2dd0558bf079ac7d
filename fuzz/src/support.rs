//! What targets share.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_body_util::BodyExt;
use serde::Serialize;
use serde_json::Value;
use service_kit::Problem;
use std::{borrow::Cow, cell::OnceCell, sync::LazyLock};
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static RUNTIME: OnceCell<Runtime> = const { OnceCell::new() };
}

/// What a future comes to that waits for nobody.
pub(crate) fn done<T>(future: impl Future<Output = T>) -> T {
    let make = || Builder::new_current_thread().enable_time().build().expect("a runtime");
    RUNTIME.with(|runtime| runtime.get_or_init(make).block_on(future))
}

/// Which of so many, and the rest.
pub(crate) fn choice(data: &[u8], of: usize) -> (usize, &[u8]) {
    data.split_first().map_or((0, data), |(first, rest)| (usize::from(*first) % of, rest))
}

/// The same the other way round, for seeds.
pub(crate) fn chosen(number: usize, rest: impl AsRef<[u8]>) -> Vec<u8> {
    let first = u8::try_from(number).expect("few choices");
    [&[first], rest.as_ref()].concat()
}

pub(crate) fn text(data: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(data)
}

/// A line, and what follows.
pub(crate) fn line(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &[]),
    }
}

/// A header a line, as far as HTTP takes them.
pub(crate) fn headers(data: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for one in data.split(|byte| *byte == b'\n').take(64) {
        let Some(colon) = one.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) =
            (HeaderName::from_bytes(&one[..colon]), HeaderValue::from_bytes(one[colon + 1..].trim_ascii()));
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}

/// A request with this body.
pub(crate) fn sent(kind: &'static str, body: &[u8]) -> Request {
    let mut request = Request::new(Body::from(body.to_vec()));
    request.headers_mut().insert(header::HOST, HeaderValue::from_static("shop.example"));
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    request
}

/// A refusal is the sender's fault, and says so in the form of all.
pub(crate) fn refused(problem: Problem) {
    let code = problem.code.clone();
    assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') && !code.is_empty(), "{code}");
    assert!(!problem.detail.is_empty(), "{code} without words");
    for field in &problem.errors {
        let pointer = &field.pointer;
        assert!(pointer.is_empty() || pointer.starts_with('/') || !pointer.contains('/'), "{pointer} is no pointer");
    }
    answered(problem.into_response());
}

/// The answer to what was refused: never a 5xx, with JSON that says why.
pub(crate) fn answered(response: Response) -> Value {
    let status = response.status();
    assert!(status.is_client_error(), "answered with {status}");
    let body = done(response.into_body().collect()).expect("a body that is there").to_bytes();
    serde_json::from_slice(&body).expect("a refusal in JSON")
}

/// Whether a value has no number that JSON's readers may not agree on to the last bit.
pub(crate) fn is_exact(value: &impl Serialize) -> bool {
    fn exact(value: &Value) -> bool {
        match value {
            Value::Number(number) => !number.is_f64(),
            Value::Array(all) => all.iter().all(exact),
            Value::Object(all) => all.values().all(exact),
            Value::Null | Value::Bool(_) | Value::String(_) => true,
        }
    }
    serde_json::to_value(value).is_ok_and(|value| exact(&value))
}

static KEY: LazyLock<Ed25519KeyPair> = LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key"));

/// The public half of the key that [`signed`] signs with.
pub(crate) fn public_key() -> String {
    URL_SAFE_NO_PAD.encode(KEY.public_key())
}

/// A JWS of these two texts, whatever they hold.
pub(crate) fn signed(head: &[u8], claims: &[u8]) -> String {
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims));
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(KEY.sign(text.as_bytes())))
}

/// Whether the key has signed it: looked at without the library whose user is on trial.
pub(crate) fn is_signed(token: &str) -> bool {
    token.rsplit_once('.').is_some_and(|(text, signature)| {
        URL_SAFE_NO_PAD.decode(signature).is_ok_and(|signature| KEY.sign(text.as_bytes()).as_ref() == signature)
    })
}

/// A page that is shown in place of what was asked for: never a 5xx.
pub(crate) fn answered_by_page(page: Response) {
    let status = page.status();
    assert!(status.is_client_error(), "answered with {status}");
    let body = done(page.into_body().collect()).expect("a body that is there").to_bytes();
    assert!(std::str::from_utf8(&body).is_ok_and(|html| html.contains("</html>")), "no page");
}
