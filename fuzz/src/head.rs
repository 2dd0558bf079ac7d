//! A request's head: its host, who it came from, what it is based on, which trace it belongs to.

use crate::support::{answered, choice, chosen, done, headers, refused};
use axum::{
    body::Body,
    extract::{ConnectInfo, FromRequestParts, Request},
};
use http::{HeaderMap, HeaderName, HeaderValue, Version, header, request::Parts};
use service_kit::{
    ClientAddress,
    auth::fuzzed::bearer,
    client_address::{self, TrustedProxies},
    fuzzed::{arrived, located},
    idempotency::IdempotencyKey,
    if_match::IfMatch,
    if_none_match::IfNoneMatch,
    trace::Context,
};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

const STRANGER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 9);
const PROXY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

/// From a stranger or from a proxy that is trusted, by HTTP/1.1 or 1.0.
pub(crate) fn head(data: &[u8]) {
    let (way, rest) = choice(data, 4);
    let peer = if way % 2 == 0 { STRANGER } else { PROXY };
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = "/orders".parse().expect("an address");
    *request.version_mut() = if way < 2 { Version::HTTP_11 } else { Version::HTTP_10 };
    *request.headers_mut() = headers(rest);
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 4711))));
    let trusted = "10.0.0.0/8, fd00::/8".parse().expect("a list of proxies");
    came_from(request, &trusted, peer);

    let (parts, ()) = sent(rest).into_parts();
    based_on(&parts);
    traced(&parts.headers);
    match bearer(&parts) {
        Ok(token) => assert_eq!(token, token.trim()),
        Err(problem) => {
            assert_eq!(problem.status, 401);
            refused(problem);
        }
    }
}

fn sent(lines: &[u8]) -> http::Request<()> {
    let mut request = http::Request::new(());
    *request.headers_mut() = headers(lines);
    request
}

fn came_from(request: Request, trusted: &TrustedProxies, peer: Ipv4Addr) {
    let believed = trusted.contains(peer.into());
    let here = HeaderValue::from_static("/orders/1");
    let there = located(&request, trusted, here.clone()).expect("a place");
    let text = there.to_str().expect("visible");
    assert!(text.starts_with('/') && !text.starts_with("//") && text.ends_with("/orders/1"), "{text}");
    assert!(!text.contains(['\\', '?', '#', ' ', '\t']), "{text}");
    assert!(believed || there == here, "a stranger says where we lie: {text}");
    let elsewhere = HeaderValue::from_static("https://pay.example/1");
    assert_eq!(located(&request, trusted, elsewhere.clone()), Some(elsewhere));

    let request = client_address::noted(request, trusted);
    let client: ClientAddress = *request.extensions().get().expect("noted");
    assert!(believed || client.ip() == IpAddr::from(peer), "a stranger says where it comes from: {client}");
    assert_eq!(client.ip(), client.ip().to_canonical());
    assert_eq!(ClientAddress::new(client.ip()).group(), client.group());
    match done(arrived(request)) {
        Ok(request) => {
            let hosts = request.headers().get_all(header::HOST).iter().count();
            assert!(hosts == 1 || (hosts == 0 && request.version() == Version::HTTP_10), "{hosts} hosts");
        }
        Err(answer) => drop(answered(*answer)),
    }
}

fn based_on(parts: &Parts) {
    match done(<IdempotencyKey as FromRequestParts<()>>::from_request_parts(&mut parts.clone(), &())) {
        Ok(key) => {
            let text = key.as_str();
            assert!((1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()), "{text}");
        }
        Err(problem) => refused(problem),
    }
    match if_match(&parts.headers) {
        Ok(IfMatch::Any) => {}
        Ok(IfMatch::Tags(tags)) => {
            // Written as they are meant, they are the same.
            let again = if_match(&list(header::IF_MATCH, &tags));
            assert!(tags.is_empty() || again.is_ok_and(|again| again == IfMatch::Tags(tags.clone())), "{tags:?}");
            let known = (0..1000).filter(|version| IfMatch::Tags(tags.clone()).matches(*version)).count();
            assert!(known <= tags.len(), "{tags:?} match {known} versions");
        }
        Err(problem) => {
            assert!(matches!(problem, 400 | 428), "{problem}");
        }
    }
    if let IfNoneMatch::Tags(tags) = if_none_match(&parts.headers) {
        assert!(tags.iter().all(|tag| IfNoneMatch::Tags(tags.clone()).has(tag)));
        assert_eq!(if_none_match(&list(header::IF_NONE_MATCH, &tags)), IfNoneMatch::Tags(tags));
    }
}

fn with(headers: &HeaderMap) -> Parts {
    let mut request = http::Request::new(());
    request.headers_mut().clone_from(headers);
    request.into_parts().0
}

fn if_match(headers: &HeaderMap) -> Result<IfMatch, u16> {
    let read = done(<IfMatch as FromRequestParts<()>>::from_request_parts(&mut with(headers), &()));
    read.map_err(|problem| {
        let status = problem.status;
        refused(problem);
        status
    })
}

fn if_none_match(headers: &HeaderMap) -> IfNoneMatch {
    match done(<IfNoneMatch as FromRequestParts<()>>::from_request_parts(&mut with(headers), &())) {
        Ok(read) => read,
        Err(never) => match never {},
    }
}

/// A header of these tags; of those that came as no UTF-8, in the letters that were read.
fn list(name: HeaderName, tags: &[String]) -> HeaderMap {
    let text = tags.iter().map(|tag| format!("\"{tag}\"")).collect::<Vec<_>>().join(", ");
    HeaderMap::from_iter([(name, HeaderValue::from_bytes(text.as_bytes()).expect("tags fit into a header"))])
}

fn traced(headers: &HeaderMap) {
    let incoming = headers.get("traceparent").and_then(|value| value.to_str().ok());
    let own = Context::continuing(incoming);
    let hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    assert!(own.traceparent.len() == 55 && own.traceparent.starts_with("00-"), "{}", own.traceparent);
    assert!(hex(own.trace_id()) && own.trace_id().bytes().any(|byte| byte != b'0'), "{}", own.traceparent);
    // Whoever is handed it on goes on in the same trace.
    assert_eq!(Context::continuing(Some(&own.traceparent)).trace_id(), own.trace_id());
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        "Host: shop.example:8080\nIdempotency-Key: 5f0c\nIf-Match: W/\"1\", \"3-5f0c\", 4\nIf-None-Match: *",
        "Host: [2001:db8::1]:80\nX-Forwarded-For: 203.0.113.5, [2001:db8::1]:4711, 10.1.1.1\nX-Forwarded-Prefix: /api/",
        "Host: shop\nForwarded: for=1.2.3.4, proto=https;For=\"[2001:db8::2]:80\";by=10.0.0.2\nX-Forwarded-Path: /api/orders",
        "Host: a,b\nHost: c\nContent-Length: 1\nContent-Encoding: gzip, identity",
        "Host: shop\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\nAuthorization: Bearer  a.b.c ",
        "Host: shop\nIf-Match: *\nIf-None-Match: \"a,b\",,W/\"\u{e4}\"\nAuthorization: Basic YTpi\nContent-Encoding: identity",
        "Host: shop\nIf-Match: \"1\nIf-Match: 2\"\nX-Forwarded-For: unknown\nX-Forwarded-For: ::ffff:10.0.0.2\nX-Forwarded-Prefix: //evil",
    ];
    texts.iter().enumerate().map(|(number, text)| chosen(number % 4, text)).collect()
}
