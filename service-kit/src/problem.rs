//! Problems on the wire: `application/problem+json` (RFC 9457) with a stable `code`. Services' error enums know nothing
//! of HTTP; they are turned into a [`Problem`] at the last step.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{error::Error, fmt::Display, time::Duration};
use utoipa::ToSchema;

/// What kind of trouble it is; decides the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 400: cannot be read.
    Invalid,
    /// 401
    Unauthenticated,
    /// 403
    Forbidden,
    /// 404: not there, or not for this caller.
    NotFound,
    /// 405
    MethodNotAllowed,
    /// 408: the request did not come in time.
    TooSlow,
    /// 409: the state of things forbids it.
    Conflict,
    /// 412: somebody changed it meanwhile.
    PreconditionFailed,
    /// 413
    TooLarge,
    /// 415
    UnsupportedMediaType,
    /// 422: read, but cannot be done as asked.
    Unprocessable,
    /// 428: the request must say on what version it is based.
    PreconditionRequired,
    /// 429
    TooMany,
    /// 500: our bug; logged.
    Internal,
    /// 503: a dependency is away; come again.
    Unavailable,
}

impl Kind {
    /// The HTTP status it is answered with.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Invalid => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// What an error enum says of itself so that it can become a [`Problem`].
pub trait Fault: Error {
    /// Stable, unique, `snake_case`: programs decide by it.
    fn code(&self) -> &'static str;
    /// Decides the status.
    fn kind(&self) -> Kind;
    /// A sentence for the caller: what was wrong, where, and what to do. Never the private cause.
    fn public(&self) -> String;
    /// More members of the problem, e.g. the SKUs that are short.
    fn members(&self) -> Map<String, Value> {
        Map::new()
    }
    /// When to come again, where that is known: the `Retry-After` of a 429 or 503.
    fn retry_after(&self) -> Option<Duration> {
        None
    }
    /// Whether the transaction was ended because it and another were in each other's way: at once again it may do.
    fn is_contended(&self) -> bool {
        false
    }
}

/// One field that was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// JSON Pointer (RFC 6901) into the request's body, or a parameter's name.
    pub pointer: String,
    /// What is wrong with it, in words that go on from its name.
    pub detail: String,
}

/// An RFC 9457 problem.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:ecom-micro:problem:` and the code.
    pub r#type: String,
    /// What the status means.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong and what to do.
    pub detail: String,
    /// Stable; decide by it.
    pub code: String,
    /// Every field that is wrong, where fields are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// More members, beside those of RFC 9457.
    #[serde(flatten)]
    #[schema(ignore)]
    pub members: Map<String, Value>,
    /// When to come again; becomes the header `Retry-After`.
    #[serde(skip)]
    #[schema(ignore)]
    pub retry_after: Option<Duration>,
}

impl Problem {
    /// Without fields or more members. `detail` is a sentence for the caller.
    #[must_use]
    pub fn new(kind: Kind, code: &str, detail: impl Into<String>) -> Self {
        let status = kind.status();
        Self {
            r#type: format!("urn:ecom-micro:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            code: code.to_owned(),
            errors: Vec::new(),
            members: Map::new(),
            retry_after: None,
        }
    }

    /// A body or parameter that cannot be accepted, with the fields that are wrong.
    #[must_use]
    pub fn fields(errors: Vec<FieldProblem>) -> Self {
        let mut problem =
            Self::new(Kind::Unprocessable, "invalid_fields", "Some fields are not acceptable; see errors.");
        problem.errors = errors;
        problem
    }

    /// One field that is wrong.
    #[must_use]
    pub fn field(pointer: &str, detail: impl Into<String>) -> Self {
        Self::fields(vec![FieldProblem { pointer: pointer.to_owned(), detail: detail.into() }])
    }

    /// The last step of an error: logs what is ours to mend, tells the caller what is theirs.
    #[must_use]
    pub fn of(fault: &(impl Fault + 'static)) -> Self {
        let kind = fault.kind();
        match kind {
            Kind::Internal => {
                tracing::error!(error = fault as &dyn Error, error.code = fault.code(), "a request failed");
            }
            Kind::Unavailable => tracing::warn!(error = fault as &dyn Error, error.code = fault.code(), "unavailable"),
            _ => {}
        }
        let mut problem = Self::new(kind, fault.code(), fault.public());
        problem.members = fault.members();
        problem.retry_after = fault.retry_after();
        problem
    }
}

/// Collects what is wrong with a body, so that its sender learns all of it at once.
#[derive(Debug, Default)]
pub struct Fields {
    errors: Vec<FieldProblem>,
}

impl Fields {
    /// The parsed value, or none with the reason noted under `pointer`.
    pub fn check<T, E: Display>(&mut self, pointer: &str, parsed: Result<T, E>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(reason) => {
                self.errors.push(FieldProblem { pointer: pointer.to_owned(), detail: reason.to_string() });
                None
            }
        }
    }

    /// The problem with all that was noted.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        Problem::fields(self.errors)
    }
}

/// The code of the problem a request was answered with.
#[derive(Clone)]
pub(crate) struct ProblemCode(pub(crate) String);

/// How to say who asks (RFC 6750, 3; RFC 9470, 3): to who brought no token nothing is said about it.
fn challenge(code: &str) -> &'static str {
    match code {
        "invalid_token" | "token_expired" | "token_revoked" => "Bearer error=\"invalid_token\"",
        "step_up_required" => "Bearer error=\"insufficient_user_authentication\", max_age=\"300\"",
        _ => "Bearer",
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let challenge = challenge(&self.code);
        response.extensions_mut().insert(ProblemCode(self.code));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match status {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                // Whole seconds, rounded up: who comes at that time comes late enough.
                let seconds = self.retry_after.map_or(2, |wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            }
            _ => {}
        }
        response
    }
}
