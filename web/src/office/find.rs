//! `/office/find`: the field that leads anywhere. A part's name leads there; a number, an address or another word to the lists
//! that know such.

use super::{
    Colleague,
    sections::{Section, sections},
};
use crate::{asked::Asked, layout};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "office/find.html")]
struct FindPage<'a> {
    q: &'a str,
    places: Vec<(String, String)>,
}

pub(crate) async fn find(_staff: Colleague, Asked(wish): Asked<Wish>) -> Response {
    let q = wish.q.trim();
    let meant = sections().find(|section| section.name.eq_ignore_ascii_case(q));
    if let Some(section) = meant {
        return Redirect::to(section.path).into_response();
    }
    let places: Vec<_> = sections().filter(|section| knows(section, q)).map(|section| place(section, q)).collect();
    match &*places {
        [(there, _)] if !q.is_empty() => Redirect::to(there).into_response(),
        _ => layout::office_page(StatusCode::OK, &FindPage { q, places }),
    }
}

/// Whether such a word may be found there. An address is only a customer's, a number only an order's.
fn knows(section: &Section, q: &str) -> bool {
    match section.path {
        "/office/customers" => q.contains('@'),
        "/office/orders" => true,
        "/office/products" => !q.contains('@') && !is_number(q),
        _ => q.is_empty(),
    }
}

fn is_number(q: &str) -> bool {
    !q.is_empty() && q.bytes().all(|byte| byte.is_ascii_digit())
}

fn place(section: &Section, q: &str) -> (String, String) {
    if q.is_empty() {
        return (section.path.to_owned(), section.name.to_owned());
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish();
    (format!("{}?{query}", section.path), format!("{} with “{q}”", section.name))
}
