//! Reading requests: bodies, paths and queries whose faults come back as problems that say where and why.

use crate::{Kind, Problem, arrival};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Request},
};
use http::{HeaderMap, header, request::Parts};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use std::str::FromStr;

/// A JSON body as a `T`. Unknown fields are refused where `T` says `deny_unknown_fields`.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

impl<S, T> FromRequest<S> for Body<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "Send the body as JSON with the header `Content-Type: application/json`.";
            return Err(Problem::new(Kind::UnsupportedMediaType, "json_required", detail));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|_| arrival::unreadable())?;
        parse(&bytes).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.ends_with("+json")
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut deserializer);
    let value = read.map_err(|error| {
        let pointer = pointer(error.path());
        let cause = error.into_inner();
        if cause.is_data() {
            return Problem::field(&pointer, cause.to_string());
        }
        Problem::new(Kind::Invalid, "invalid_json", format!("The body is not valid JSON: {cause}."))
    })?;
    let trailing = |cause: serde_json::Error| {
        Problem::new(Kind::Invalid, "invalid_json", format!("The body is not valid JSON: {cause}."))
    };
    deserializer.end().map_err(trailing)?;
    Ok(value)
}

/// A JSON Pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    let parts = path.iter().map(|segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key: name } | Segment::Enum { variant: name } => {
            format!("/{}", name.replace('~', "~0").replace('/', "~1"))
        }
        Segment::Unknown => "/?".to_owned(),
    });
    parts.collect()
}

/// The parameters of the path.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = <axum::extract::Path<T> as FromRequestParts<S>>::from_request_parts(parts, state).await;
        // An id that is none names nothing: 404, like an id that is unknown.
        let rejected = |_| Problem::new(Kind::NotFound, "not_found", "There is nothing at this address.");
        read.map(|axum::extract::Path(value)| Self(value)).map_err(rejected)
    }
}

/// The query parameters.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        read.map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection| Problem::new(Kind::Invalid, "invalid_query", rejection.body_text()))
    }
}

/// The version a change is based on: `If-Match: "3"` (RFC 9110, 13.1.1). Required as a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            let detail =
                "Send If-Match with the ETag of the version you changed, so that nobody's work is overwritten.";
            return Err(Problem::new(Kind::PreconditionRequired, "if_match_required", detail));
        };
        let bare = |text: &str| text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map(i64::from_str);
        let version = value.to_str().ok().and_then(|text| bare(text).unwrap_or_else(|| i64::from_str(text)).ok());
        let detail = "If-Match must hold one ETag of ours, such as \"3\".";
        version.map(Self).ok_or_else(|| Problem::new(Kind::Invalid, "invalid_if_match", detail))
    }
}

/// The optional form of [`crate::idempotency::IdempotencyKey`]: honoured where it is sent.
impl<S: Send + Sync> OptionalFromRequestParts<S> for crate::idempotency::IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        if parts.headers.contains_key("idempotency-key") {
            return <Self as FromRequestParts<S>>::from_request_parts(parts, state).await.map(Some);
        }
        Ok(None)
    }
}
