//! Where a service lies for whoever asked: a front door takes `/api` off on the way in, and `Location` gets it back on the
//! way out. `/orders/1` would lead out of it.

use crate::client_address::TrustedProxies;
use axum::{
    extract::{ConnectInfo, Request},
    response::Response,
};
use http::{HeaderMap, HeaderValue, header};
use std::{net::SocketAddr, sync::Arc};

/// What was taken off a request's path. The front door of the all-in-one says so itself; a gateway in a header, which is
/// believed when it is one of `TRUSTED_PROXIES`.
#[derive(Clone)]
pub struct ForwardedPrefix(Arc<str>);

impl ForwardedPrefix {
    /// `prefix`: the path that the gateway takes off, e.g. `/api`.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        Self(prefix.into())
    }

    /// Traefik says what it took off (`X-Forwarded-Prefix`), Kong what the path was before (`X-Forwarded-Path`).
    fn told(headers: &HeaderMap, path: &str) -> Option<Self> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let prefix = text("x-forwarded-prefix").or_else(|| text("x-forwarded-path")?.strip_suffix(path))?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
        let good = prefix.starts_with('/') && !prefix.contains("//") && prefix.bytes().all(plain);
        good.then(|| Self::new(prefix.trim_end_matches('/')))
    }

    /// An address within the service, as it is outside.
    fn before(&self, location: &HeaderValue) -> Option<HeaderValue> {
        let location = location.to_str().ok().filter(|text| text.starts_with('/') && !text.starts_with("//"))?;
        HeaderValue::from_str(&format!("{}{location}", self.0)).ok()
    }
}

/// What was taken off this request's path, as far as whoever says so is believed.
pub(crate) fn of(request: &Request, trusted: &TrustedProxies) -> Option<ForwardedPrefix> {
    if let Some(given) = request.extensions().get::<ForwardedPrefix>() {
        return Some(given.clone());
    }
    let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    trusted.contains(peer.ip()).then(|| ForwardedPrefix::told(request.headers(), request.uri().path()))?
}

/// Puts it back.
pub(crate) fn restore(prefix: Option<ForwardedPrefix>, mut response: Response) -> Response {
    if let Some(prefix) = prefix
        && let Some(location) = response.headers().get(header::LOCATION).and_then(|location| prefix.before(location))
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::ForwardedPrefix;
    use http::{HeaderMap, HeaderName, HeaderValue};

    fn location(headers: &[(&'static str, &'static str)], location: &'static str) -> String {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let prefix = ForwardedPrefix::told(&headers, "/orders");
        let location = HeaderValue::from_static(location);
        prefix.and_then(|prefix| prefix.before(&location)).unwrap_or(location).to_str().unwrap().to_owned()
    }

    #[test]
    fn what_a_gateway_took_off_is_put_back() {
        for (header, expected) in [
            (("x-forwarded-prefix", "/api"), "/api/orders/1"),
            (("x-forwarded-prefix", "/shop/v1/"), "/shop/v1/orders/1"),
            (("x-forwarded-prefix", "/"), "/orders/1"),
            (("x-forwarded-path", "/api/orders"), "/api/orders/1"),
            (("x-forwarded-path", "/orders"), "/orders/1"),
            (("x-forwarded-path", "/elsewhere"), "/orders/1"),
        ] {
            assert_eq!(location(&[header], "/orders/1"), expected, "{header:?}");
        }
    }

    #[test]
    fn no_prefix_leads_to_another_host() {
        for evil in ["//evil.example", "https://evil.example", "evil", "/a//b", "/\\evil", "/a b", "/%0d%0a", "/a?b"] {
            assert_eq!(location(&[("x-forwarded-prefix", evil)], "/orders/1"), "/orders/1", "{evil}");
        }
        for elsewhere in ["https://pay.example/1", "//pay.example/1", "1"] {
            assert_eq!(location(&[("x-forwarded-prefix", "/api")], elsewhere), elsewhere);
        }
    }
}
