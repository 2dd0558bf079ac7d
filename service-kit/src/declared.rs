//! A request holds nothing that its route does not take: what the route's document does not tell of is refused.
//!
//! A route that reads no body would else answer whatever came with one, and a handler that forgot to refuse it would do
//! more than was asked for. So it is decided here, for all routes, from the document that callers read.

use crate::{Kind, Problem, extract::NoBody};
use axum::{
    body::{Body, HttpBody as _, to_bytes},
    extract::{MatchedPath, Request},
};
use http::{Method, header};
use std::{collections::HashMap, sync::Arc};
use utoipa::openapi::{
    OpenApi, RefOr,
    path::{Operation, ParameterIn, PathItem},
};

/// What each route takes besides its path and headers.
#[derive(Clone)]
pub(crate) struct Declared(Arc<HashMap<String, HashMap<Method, Takes>>>);

struct Takes {
    body: bool,
    query: bool,
}

impl Declared {
    pub(crate) fn of(document: &OpenApi) -> Self {
        let takes = |item| operations(item).map(|(method, operation)| (method, Takes::of(operation))).collect();
        Self(Arc::new(document.paths.paths.iter().map(|(path, item)| (path.clone(), takes(item))).collect()))
    }

    /// The request, if it holds nothing else.
    pub(crate) async fn checked(&self, request: Request) -> Result<Request, Problem> {
        let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        let Some(takes) = self.0.get(path).and_then(|methods| methods.get(method)) else { return Ok(request) };
        if let (false, Some(query)) = (takes.query, request.uri().query())
            && let Some((name, _)) = url::form_urlencoded::parse(query.as_bytes()).next()
        {
            let detail = format!("`{name}` is not known: this request takes no parameters.");
            return Err(Problem::new(Kind::Invalid, "invalid_query", detail));
        }
        if takes.body {
            return Ok(request);
        }
        if request.body().is_end_stream() {
            return Ok(request);
        }
        let (mut parts, body) = request.into_parts();
        // It has arrived, and is bounded: see `arrival`.
        let bytes = to_bytes(body, usize::MAX).await.map_err(|_| crate::arrival::unreadable())?;
        NoBody::check(&bytes)?;
        parts.headers.remove(header::CONTENT_LENGTH);
        Ok(Request::from_parts(parts, Body::empty()))
    }
}

impl Takes {
    fn of(operation: &Operation) -> Self {
        let parameters = operation.parameters.iter().flatten();
        let query = parameters.into_iter().any(|parameter| match parameter {
            RefOr::T(parameter) => parameter.parameter_in == ParameterIn::Query,
            RefOr::Ref(_) => false,
        });
        Self { body: operation.request_body.is_some(), query }
    }
}

fn operations(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
}
