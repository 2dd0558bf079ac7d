//! Which pages of other origins may use the API from a browser: those of `CORS_ORIGINS`, and without it none.
//!
//! Who asks is told by a token in `Authorization`, never by a cookie, so a browser need not send along what it keeps for
//! us (`Access-Control-Allow-Credentials` is not said), and no page does anything in the name of whoever looks at it.

use axum::Router;
use contracts::api::order::CART_TOKEN;
use http::{HeaderName, HeaderValue, Method, header};
use std::{str::FromStr, time::Duration};
use tower_http::cors::CorsLayer;
use url::{Origin, Url};

/// So long a browser need not ask again what it may.
const REMEMBERED: Duration = Duration::from_secs(600);

/// `CORS_ORIGINS`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<HeaderValue>);

impl Origins {
    /// What the variable is expected to hold.
    pub const EXPECTED: &'static str =
        "origins with commas between them, such as https://shop.example,http://localhost:3000";

    /// The routes, open to pages of these origins.
    pub fn admitted(&self, router: Router) -> Router {
        if self.0.is_empty() {
            return router;
        }
        let own = HeaderName::from_static;
        router.layer(
            CorsLayer::new()
                .allow_origin(self.0.clone())
                .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
                .allow_headers([
                    header::AUTHORIZATION,
                    header::CONTENT_TYPE,
                    header::IF_MATCH,
                    header::IF_NONE_MATCH,
                    own("idempotency-key"),
                    own(CART_TOKEN),
                    own("traceparent"),
                ])
                .expose_headers([header::ETAG, header::LOCATION, header::RETRY_AFTER, own("traceparent")])
                .max_age(REMEMBERED),
        )
    }
}

impl FromStr for Origins {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(origin).collect::<Result<_, _>>().map(Self)
    }
}

/// As a browser sends it: what it would never send is a mistake that had better be found at the start.
fn origin(text: &str) -> Result<HeaderValue, ()> {
    let url = Url::parse(text).map_err(drop)?;
    let origin = url.origin();
    let known = matches!(&origin, Origin::Tuple(scheme, ..) if scheme == "http" || scheme == "https");
    let written = origin.ascii_serialization();
    // An asterisk may stand in a URL, and would never match.
    if !known || text.contains('*') || written != text.to_ascii_lowercase() {
        return Err(());
    }
    HeaderValue::from_str(&written).map_err(drop)
}

#[cfg(test)]
mod tests {
    use super::Origins;

    #[test]
    fn origins_are_read_whole_or_refused() {
        for good in ["", "https://shop.example", "http://localhost:3000, https://Shop.example", "http://[::1]:8080,"] {
            assert!(good.parse::<Origins>().is_ok(), "{good}");
        }
        for wrong in [
            "*",
            "null",
            "shop.example",
            "https://shop.example/",
            "https://shop.example/app",
            "https://shop.example:443",
            "https://a.example https://b.example",
            "https://user@shop.example",
            "file:///shop",
            "https://*.shop.example",
            "ftp://shop.example",
        ] {
            assert!(wrong.parse::<Origins>().is_err(), "{wrong}");
        }
    }
}
