//! Reading requests: bodies, paths and queries whose faults come back as problems that say where and why.

use crate::{
    Kind, Problem, arrival,
    paging::PageQuery,
    problem::FieldProblem,
    shape::{self, Misfit},
};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Request},
};
use http::{HeaderMap, header, request::Parts};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A JSON body as a `T`: an object is an object, and a field that `T` does not have is refused.
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
        shape::json(&bytes).map(Self).map_err(unfit_body)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.ends_with("+json")
}

fn unfit_body(misfit: Misfit) -> Problem {
    match misfit {
        Misfit::Field { pointer, detail } => Problem::field(&pointer, detail),
        Misfit::Syntax(cause) => {
            Problem::new(Kind::Invalid, "invalid_json", format!("The body is not valid JSON: {cause}."))
        }
    }
}

/// For a route that wants no body: none, `null`, or an object without fields. Whoever sent more meant something by it, for example
/// to cancel one line of an order, and must not be told that it was done.
#[derive(Clone, Copy, Debug)]
pub struct NoBody;

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|_| arrival::unreadable())?;
        Self::check(&bytes)
    }
}

impl NoBody {
    pub(crate) fn check(bytes: &[u8]) -> Result<Self, Problem> {
        if bytes.trim_ascii().is_empty() {
            return Ok(Self);
        }
        let unknown = |name: &String| FieldProblem {
            pointer: shape::member(name),
            detail: format!("`{name}` is not known: this request takes no fields"),
        };
        match shape::tree(bytes).map_err(unfit_body)? {
            // `null` is what services of former versions send for nothing.
            Value::Null => Ok(Self),
            Value::Object(fields) if fields.is_empty() => Ok(Self),
            Value::Object(fields) => Err(Problem::fields(fields.keys().map(unknown).collect())),
            _ => Err(Problem::field("", "must be left out: this request takes no body")),
        }
    }
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

/// The query parameters: each once, and none that `T` does not have.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        shape::parameters(parts.uri.query().unwrap_or_default()).map(Self).map_err(unfit_query)
    }
}

/// The query parameters of a list: which part of it, and the filter `F`; each once, and none that neither has.
#[derive(Clone, Debug)]
pub struct Listed<F> {
    /// Where in the list, and how much of it.
    pub page: PageQuery,
    /// What the route itself can be asked for.
    pub filter: F,
}

impl<S, F> FromRequestParts<S> for Listed<F>
where
    S: Send + Sync,
    F: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Self::read(parts.uri.query().unwrap_or_default())
    }
}

impl<F: DeserializeOwned> Listed<F> {
    /// As it stands in a request's address.
    ///
    /// # Errors
    /// 400, which says what is wrong with it.
    pub fn read(query: &str) -> Result<Self, Problem> {
        let of_page = |one: &&str| {
            url::form_urlencoded::parse(one.as_bytes())
                .next()
                .is_some_and(|(name, _)| PageQuery::NAMES.contains(&&*name))
        };
        let (page, filter): (Vec<_>, Vec<_>) = query.split('&').partition(of_page);
        Ok(Self {
            page: shape::parameters(&page.join("&")).map_err(unfit_query)?,
            filter: shape::parameters(&filter.join("&")).map_err(unfit_query)?,
        })
    }
}

fn unfit_query(misfit: Misfit) -> Problem {
    let detail = match misfit {
        Misfit::Syntax(cause) => cause,
        Misfit::Field { pointer, detail } if pointer.is_empty() => format!("The query {detail}."),
        // It begins with the name where that is what is wrong.
        Misfit::Field { detail, .. } if detail.starts_with('`') => format!("{detail}."),
        Misfit::Field { pointer, detail } => format!("`{}` {detail}.", pointer.trim_start_matches('/')),
    };
    Problem::new(Kind::Invalid, "invalid_query", detail)
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
