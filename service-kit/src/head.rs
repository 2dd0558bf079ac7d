//! A request's head says one thing: what is said twice, or not at all where it must be, is refused before anybody reads it.
//! Two readers of one head, a proxy and a service, must not each take another of two lines for the right one.

use crate::{Kind, Problem};
use http::{HeaderMap, HeaderName, HeaderValue, Version, header, request::Parts, uri::Authority};

/// Lines of which there is one (RFC 9110, 5.3). `If-Match` is a list: its lines are read as one.
const SINGLE: [HeaderName; 17] = [
    header::AUTHORIZATION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::DATE,
    header::EXPECT,
    header::FROM,
    header::HOST,
    HeaderName::from_static("idempotency-key"),
    header::IF_MODIFIED_SINCE,
    header::IF_RANGE,
    header::IF_UNMODIFIED_SINCE,
    header::MAX_FORWARDS,
    header::ORIGIN,
    header::PROXY_AUTHORIZATION,
    header::RANGE,
    header::REFERER,
];

pub(crate) fn check(head: &Parts) -> Result<(), Problem> {
    if let Some(doubled) = SINGLE.iter().find(|name| head.headers.get_all(*name).iter().nth(1).is_some()) {
        let detail = format!("The header {doubled} came more than once: send it once.");
        return Err(Problem::new(Kind::Invalid, "doubled_header", detail));
    }
    check_host(head)?;
    check_encoding(&head.headers)
}

/// RFC 9112, 3.2.
fn check_host(head: &Parts) -> Result<(), Problem> {
    let invalid = |detail| Err(Problem::new(Kind::Invalid, "invalid_host", detail));
    let Some(host) = head.headers.get(header::HOST) else {
        if head.version < Version::HTTP_11 {
            return Ok(());
        }
        return invalid("The header Host is missing: a request of HTTP/1.1 says whom it is for.");
    };
    if host.to_str().is_ok_and(is_host) {
        return Ok(());
    }
    invalid("The header Host must hold a name or an address, and a port where it is not the usual one.")
}

/// RFC 9110, 7.2. A list is what a proxy makes of two lines.
fn is_host(text: &str) -> bool {
    let Ok(authority) = text.parse::<Authority>() else { return false };
    let (host, port) = (authority.host(), authority.as_str().strip_prefix(authority.host()));
    let good_port = |port: &str| port.is_empty() || port == ":" || authority.port_u16().is_some();
    !host.is_empty() && !host.contains(',') && port.is_some_and(good_port)
}

/// RFC 9110, 8.4: what we cannot undo we do not read.
fn check_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    let plain = |value: &HeaderValue| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity");
    if headers.get(header::CONTENT_ENCODING).is_none_or(plain) {
        return Ok(());
    }
    let detail = "The body must not be encoded: send it as it is, without the header Content-Encoding.";
    Err(Problem::new(Kind::UnsupportedMediaType, "unsupported_encoding", detail))
}

#[cfg(test)]
mod tests {
    use super::check;
    use http::{Request, Version};

    fn checked(version: Version, headers: &[(&str, &str)]) -> Option<String> {
        let mut request = Request::builder().version(version);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(()).unwrap().into_parts().0)
            .err()
            .map(|problem| format!("{} {}", problem.status, problem.code))
    }

    #[test]
    fn a_host_is_a_name_or_an_address_once() {
        let with = |host: &str| checked(Version::HTTP_11, &[("host", host)]);
        for good in ["shop", "shop.example:8080", "[2001:db8::1]:80", "192.0.2.1", "xn--bcher-kva.example"] {
            assert_eq!(with(good), None, "{good}");
        }
        for bad in ["", " ", "a b", "shop/x", "evil@shop", "shop:port", ":80", "a,b", "[::1"] {
            assert_eq!(with(bad).as_deref(), Some("400 invalid_host"), "{bad:?}");
        }
        assert_eq!(checked(Version::HTTP_11, &[]).as_deref(), Some("400 invalid_host"));
        assert_eq!(checked(Version::HTTP_10, &[]), None);
        let twice = [("host", "shop"), ("Host", "shop")];
        assert_eq!(checked(Version::HTTP_11, &twice).as_deref(), Some("400 doubled_header"));
        assert_eq!(checked(Version::HTTP_10, &twice).as_deref(), Some("400 doubled_header"));
    }

    #[test]
    fn what_is_one_line_is_not_two() {
        for name in
            ["Idempotency-Key", "Authorization", "Content-Type", "If-Range", "Content-Encoding", "Origin", "Range"]
        {
            let lines = [("host", "shop"), (name, "a"), (name, "a")];
            assert_eq!(checked(Version::HTTP_11, &lines).as_deref(), Some("400 doubled_header"), "{name}");
        }
        let lists = [
            ("host", "shop"),
            ("accept", "a/b"),
            ("accept", "c/d"),
            ("if-match", "\"2\""),
            ("if-match", "\"3\""),
            ("x-forwarded-for", "1"),
            ("x-forwarded-for", "2"),
        ];
        assert_eq!(checked(Version::HTTP_11, &lists), None);
    }

    #[test]
    fn only_a_plain_body_is_read() {
        let with = |encoding: &str| checked(Version::HTTP_11, &[("host", "shop"), ("content-encoding", encoding)]);
        for plain in ["identity", "Identity"] {
            assert_eq!(with(plain), None);
        }
        for encoded in ["gzip", "br", "zstd", "deflate", "x-gzip", "gzip, gzip", "identity, gzip", "aes128gcm", ""] {
            assert_eq!(with(encoded).as_deref(), Some("415 unsupported_encoding"), "{encoded}");
        }
    }
}
