//! `/design`: what pages are made of, all on one, for whoever changes one. In development only.

use super::shelf::Shelf;
use crate::{
    form::{Field, Form, Trouble},
    layout,
    office::plot::{Day, Plot},
    refusal::Refusal,
    state::App,
    upstream::FieldProblem,
};
use askama::Template;
use axum::{extract::State, response::Response};
use contracts::{
    Money,
    api::product::{ProductStatus, ProductView},
};
use http::StatusCode;
use service_kit::Environment;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "design.html")]
struct DesignPage {
    products: Vec<ProductView>,
    trouble: Trouble,
    form: Form,
    plot: Plot,
}

impl DesignPage {
    fn shelf(&self) -> Shelf<'_> {
        Shelf { products: &self.products }
    }
}

/// What the style sheet calls its colours, and what each is for.
const COLOURS: [(&str, &str); 8] = [
    ("ink", "text"),
    ("soft", "text beside it"),
    ("paper", "what lies on the desk"),
    ("desk", "behind all"),
    ("rule", "lines"),
    ("green", "links, buttons, what is well"),
    ("event", "the focus, events"),
    ("wrong", "what is wrong"),
];

pub(crate) async fn design(State(app): State<App>) -> Response {
    if app.settings.environment != Environment::Development {
        return layout::not_found().await;
    }
    let mut form = Form::new("sample", "/design", "The button")
        .with(Field::text("name", "A line of text", "off").typed("What was typed").hint("What helps to fill it in."))
        .with(Field::text("city", "A field that is wrong", "off"))
        .with(Field::choice("how", "One of several", [("one", "The one"), ("other", "The other")]).typed("one"))
        .with(Field::tick("yes", "A box to tick").optional());
    let wrong = FieldProblem { pointer: "/city".to_owned(), detail: "must not be empty".to_owned() };
    let mut refusal = Refusal::ours(StatusCode::UNPROCESSABLE_ENTITY, "", "Some fields are not acceptable.");
    refusal.fields.push(wrong);
    let trouble = form.refused(&refusal);
    let days = (1..=28).map(|day| {
        let value = (day * 37) % 23;
        Day { day: format!("2026-11-{day:02}"), value, told: value.to_string() }
    });
    let plot = Plot::new("sample", "Bars over days", days.collect());
    let page = DesignPage { products: products(&app), trouble, form, plot };
    layout::office_page(StatusCode::OK, &page)
}

fn products(app: &App) -> Vec<ProductView> {
    let Ok(currency) = "EUR".parse() else { return Vec::new() };
    let product = |name: &str, available| ProductView {
        id: app.clock.new_id(),
        sku: "SKU-1".to_owned(),
        name: name.to_owned(),
        description:
            "Two lines of what it is are shown here, and what is longer than that ends in dots so that all are \
                      as high as each other, whatever the merchant wrote."
                .to_owned(),
        category: "samples".to_owned(),
        price: Money { amount: 1299, currency },
        available,
        picture: None,
        status: ProductStatus::Active,
        version: 1,
        created_at: OffsetDateTime::UNIX_EPOCH,
        updated_at: OffsetDateTime::UNIX_EPOCH,
    };
    vec![product("In stock", 20), product("A few left", 3), product("Sold out", 0)]
}
