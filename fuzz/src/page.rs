//! What the pages read: of browsers their cookies and addresses, of services their answers.

use crate::support::{answered_by_page, choice, chosen, done, headers, text};
use axum::{body::Body, extract::Request};
use http::{HeaderMap, StatusCode, header};
use std::sync::LazyLock;
use url::{Url, form_urlencoded};
use web::fuzzed::{self, Jar};

const WAYS: [fn(&[u8]); 4] = [next, wish, answer, cookie];

pub(crate) fn page(data: &[u8]) {
    let (way, rest) = choice(data, WAYS.len());
    WAYS[way](rest);
}

/// Whatever an address says, who logs in stays with us; and gets where it leads by way of the log-in, too.
fn next(data: &[u8]) {
    let Some(path) = fuzzed::next(&text(data)) else { return };
    assert!(path.starts_with('/') && !path.starts_with("//"), "{path}");
    assert!(path.bytes().all(|byte| byte.is_ascii_graphic()) && !path.contains('#'), "{path}");
    let here = Url::parse("https://shop.example/login").expect("an address");
    let there = here.join(&path).expect("a path of ours");
    assert_eq!((there.origin(), &there[url::Position::BeforePath..]), (here.origin(), path.as_str()));
    assert_eq!(fuzzed::next(&path).as_ref(), Some(&path), "read again it leads elsewhere");
}

/// The next page of a list is of the same list.
fn wish(data: &[u8]) {
    let asked = |query: &str| {
        let address = format!("/products?{query}").parse::<http::Uri>().ok()?;
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = address;
        Some(done(fuzzed::wish(request)))
    };
    let query = text(data);
    let Some(read) = asked(&query) else { return };
    let (mut wanted, address) = match read {
        Ok(read) => read,
        Err(page) => return answered_by_page(page),
    };
    wanted.retain(|(name, _)| name != "after");
    wanted.push(("after".to_owned(), "next".to_owned()));
    let (_, query) = address.split_once('?').expect("a query");
    let (again, address_again) = asked(query).expect("an address").expect("that can be read");
    assert_eq!((again, address_again), (wanted, address));
}

/// A service's answer is its content, or a page that says what went wrong: never a failure of the pages.
fn answer(data: &[u8]) {
    const STATUSES: [u16; 9] = [200, 204, 400, 401, 404, 422, 429, 500, 503];
    let (number, rest) = choice(data, STATUSES.len());
    let status = StatusCode::from_u16(STATUSES[number]).expect("a status");
    let (seconds, body) = rest.split_first_chunk::<2>().unwrap_or((&[0; 2], rest));
    let mut answer = http::Response::new(body.to_vec());
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::RETRY_AFTER, u16::from_be_bytes(*seconds).into());
    match done(fuzzed::answer(answer)) {
        Ok(content) => {
            assert!(status.is_success());
            assert!(
                body.is_empty() || serde_json::from_slice::<serde_json::Value>(body).is_ok_and(|read| read == content)
            );
        }
        Err(page) if page.status() == StatusCode::SERVICE_UNAVAILABLE => {
            assert!(page.headers().contains_key(header::RETRY_AFTER));
        }
        Err(page) => {
            assert_eq!(page.status(), status);
            answered_by_page(*page);
        }
    }
}

static JAR: LazyLock<Jar> = LazyLock::new(|| Jar::new().expect("a key"));

/// A browser brings back what it was given, and can change no byte of it. What it makes up is nothing.
fn cookie(data: &[u8]) {
    assert_eq!(JAR.brought(&headers(data)), None);
    let (place, rest) = data.split_first_chunk::<2>().unwrap_or((&[0; 2], data));
    let held = text(rest);
    let set = JAR.kept(&held);
    // Longer than browsers take it is not given out.
    let Some(set) = set.get(header::SET_COOKIE) else {
        assert!(held.len() > 400, "{} bytes are too long", held.len());
        return;
    };
    let set = set.to_str().expect("visible");
    let pair = set.split(';').next().expect("a pair");
    let brought = |pair: &str| {
        let value = format!("a=b; {pair}; c").parse().expect("a header");
        JAR.brought(&HeaderMap::from_iter([(header::COOKIE, value)]))
    };
    assert_eq!(brought(pair).as_deref(), Some(&*held));
    let begin = pair.find('=').expect("a value") + 1;
    let at = begin + usize::from(u16::from_be_bytes(*place)) % (pair.len() - begin);
    let other = if pair.as_bytes()[at] == b'A' { "B" } else { "A" };
    assert_eq!(brought(&format!("{}{other}{}", &pair[..at], &pair[at + 1..])), None, "changed at {at}");
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let paths = [
        "/account/email",
        "/products?q=a b\"<#x",
        "/.//elsewhere",
        "/\\elsewhere.example",
        "/a/../@b",
        "/\r\n//c",
        "/%2e//d",
    ];
    let queries =
        ["q=desk+lamp&sort=-price&after=AAAA", "q=&category=mugs&unknown=1", "q=a&q=b", "min_price=%ff&currency=EUR"];
    let refusal = "\0\x05{\"code\":\"invalid_fields\",\"detail\":\"x\",\"errors\":[{\"pointer\":\"/email\",\"detail\":\"is none\"}]}";
    let many = form_urlencoded::byte_serialize(&[0xff; 8]).collect::<String>();
    let mut seeds: Vec<_> = paths.iter().map(|path| chosen(0, path)).collect();
    seeds.push(chosen(0, format!("/products?q={}", "\"".repeat(700))));
    seeds.extend(queries.iter().map(|query| chosen(1, query)));
    seeds.push(chosen(1, format!("q={many}")));
    seeds.extend((0..9).map(|number| chosen(2, chosen(number, refusal))));
    seeds.push(chosen(3, "Cookie: __Host-fuzzed=AAAA; a=b"));
    seeds.push(chosen(3, "\0\x09held by a browser"));
    seeds
}
