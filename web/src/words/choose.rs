//! `/language`: what somebody chose on the foot of a page; it leads back there.

use super::{locales::Language, reader};
use crate::{asked::Filled, cookies, next::Next};
use axum::response::Response;
use http::HeaderMap;
use serde::Deserialize;
use time::Duration;

/// Browsers keep nothing longer.
const KEPT: Duration = Duration::days(400);

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    language: String,
    /// A path of ours, or it is passed over.
    #[serde(default)]
    next: String,
}

pub(crate) async fn choose(headers: HeaderMap, Filled(filling): Filled<Filling>) -> Response {
    let there = Next::parse(&filling.next).unwrap_or_else(Next::start);
    let mut answer = there.with_query_of(&headers).go();
    // One that is made up changes nothing.
    if let Some(language) = Language::named(&filling.language) {
        cookies::put(&mut answer, reader::COOKIE, language.tag, KEPT.whole_seconds());
    }
    answer
}
