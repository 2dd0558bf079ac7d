//! How an answer that all shoppers get alike is given: with its tag, compressed for who takes it, and not again to who
//! has it.

use crate::answers::Answer;
use axum::{body::Body, extract::FromRequestParts, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use service_kit::if_none_match::IfNoneMatch;
use std::convert::Infallible;

/// May be kept and must be asked about each time: what can be bought changes.
const ASK_AGAIN: &str = "no-cache";
/// Staff get more at the same address.
const VARY: &str = "Accept-Encoding, Authorization";

/// What a request says of the answer it wants.
pub(crate) struct Asked {
    has: IfNoneMatch,
    takes_gzip: bool,
    /// Asked for with a token: for whoever asked alone.
    personal: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self {
            has: IfNoneMatch::from_request_parts(parts, state).await?,
            takes_gzip: takes_gzip(&parts.headers),
            personal: parts.headers.contains_key(header::AUTHORIZATION),
        })
    }
}

/// RFC 9110, 12.5.3: named, or meant by `*`, and not with a quality of 0.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let mut any = false;
    for coding in lines.flat_map(|line| line.split(',')) {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let wanted = quality.is_none_or(|quality| quality.parse::<f32>().is_ok_and(|quality| quality > 0.0));
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            return wanted;
        }
        any |= name == "*" && wanted;
    }
    any
}

pub(crate) fn given(answer: &Answer, asked: &Asked) -> Response {
    if let Some(tag) = answer.had_by(&asked.has) {
        return finished(StatusCode::NOT_MODIFIED, tag, asked, Body::empty());
    }
    let gzipped = if asked.takes_gzip { answer.gzipped() } else { None };
    let form = gzipped.unwrap_or(&answer.plain);
    let mut response = finished(StatusCode::OK, form.header.clone(), asked, Body::from(form.body.clone()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if gzipped.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn finished(status: StatusCode, tag: HeaderValue, asked: &Asked, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag);
    headers.insert(header::VARY, HeaderValue::from_static(VARY));
    if !asked.personal {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(ASK_AGAIN));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::takes_gzip;
    use http::{HeaderMap, HeaderValue, header};

    #[test]
    fn gzip_is_for_who_says_so() {
        let with = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(text));
            takes_gzip(&headers)
        };
        for yes in ["gzip", "br, GZIP", "gzip;q=0.1", "*", "deflate, *;q=0.5", "x-gzip"] {
            assert!(with(yes), "{yes}");
        }
        for no in ["", "identity", "br", "gzip;q=0", "gzip; q=0.0", "*, gzip;q=0", "*;q=0", "gzipped"] {
            assert!(!with(no), "{no}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
