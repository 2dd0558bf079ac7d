//! A request arrives whole before anybody answers it.
//!
//! A proxy sends a request's head on before it has the body. Were it answered then (401, 404, too busy), the unread body
//! would stay on the connection, which can only be closed; and what the proxy sends on it in that moment, perhaps for
//! somebody else, is lost. So the body is read first, up to a bound; where it is not, the answer says that the connection
//! ends (RFC 9112, 9.6), and a proxy does not use it again.

use crate::{Kind, Problem, head};
use axum::{
    body::{Body, HttpBody as _, to_bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header, request::Parts};
use http_body_util::LengthLimitError;
use std::{error::Error, time::Duration};

/// No body has more bytes.
pub const LIMIT: usize = 256 * 1024;
/// No body takes longer.
const DEADLINE: Duration = Duration::from_secs(10);

/// Middleware that hands a request on with its whole body, if its head makes sense.
pub async fn whole(request: Request, next: Next) -> Response {
    match arrived(request).await {
        Ok(request) => next.run(request).await,
        Err(response) => *response,
    }
}

/// The request with its whole body, or the answer to one that is not to be handed on.
pub(crate) async fn arrived(request: Request) -> Result<Request, Box<Response>> {
    match read(request).await {
        Ok((parts, body)) => match head::check(&parts) {
            Ok(()) => Ok(Request::from_parts(parts, body)),
            Err(problem) => Err(Box::new(problem.into_response())),
        },
        Err(problem) => {
            let mut response = problem.into_response();
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            Err(Box::new(response))
        }
    }
}

async fn read(request: Request) -> Result<(Parts, Body), Problem> {
    let (parts, body) = request.into_parts();
    if body.is_end_stream() {
        return Ok((parts, Body::empty()));
    }
    if body.size_hint().lower() > LIMIT as u64 {
        return Err(too_large());
    }
    let read = tokio::time::timeout(DEADLINE, to_bytes(body, LIMIT)).await;
    let read = read.map_err(|_| {
        let detail = "The body did not come in time. Nothing was done: send the request again.";
        Problem::new(Kind::TooSlow, "body_too_slow", detail)
    })?;
    let bytes = read.map_err(|error| {
        if error.source().is_some_and(<dyn Error>::is::<LengthLimitError>) {
            return too_large();
        }
        unreadable()
    })?;
    Ok((parts, Body::from(bytes)))
}

fn too_large() -> Problem {
    Problem::new(Kind::TooLarge, "body_too_large", "The body is too large: at most 256 KiB are read.")
}

pub(crate) fn unreadable() -> Problem {
    Problem::new(Kind::Invalid, "body_unreadable", "The body ended before it was complete: send it again.")
}
