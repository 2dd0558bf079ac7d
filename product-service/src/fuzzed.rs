//! Doors for the fuzzers (`fuzz/`): what reads what comes over the network, without what surrounds it.

use crate::{
    domain::{Picture, ReserveLines, Wanted, Words},
    http::{
        adjust_stock::AdjustStockBody,
        create_product::{self, CreateProductBody},
        list_products,
        update_product::{self, UpdateProductBody},
    },
};
use axum::extract::{FromRequest, Request};
use contracts::api::product::Reserve;
use service_kit::{Clock, Kind, Problem, extract::Body};

/// What a search for this text asks the database for: words and beginnings, and the SKU.
#[must_use]
pub fn wanted(text: &str) -> Option<[String; 3]> {
    Wanted::parse(text).map(|wanted| [wanted.plain, wanted.folded, wanted.sku])
}

/// What a product with these texts is found by.
#[must_use]
pub fn words(name: &str, description: &str) -> [String; 4] {
    let words = Words::of("MUG-0042", name, "kitchen", description);
    [words.plain, words.name, words.category, words.description]
}

/// What kind of picture it is, and what it is named.
///
/// # Errors
/// It is none.
pub fn picture(content_type: &str, bytes: &[u8]) -> Result<(&'static str, String), &'static str> {
    Picture::parse(content_type, bytes.to_vec()).map(|picture| (picture.content_type, picture.name()))
}

/// A shopper's list of products.
///
/// # Errors
/// It cannot be asked for so.
pub fn list(query: &str) -> Result<(), Problem> {
    let nobody = Err(Problem::new(Kind::Unauthenticated, "token_required", "This needs a token."));
    list_products::Wanted::of(query, nobody).map(drop)
}

/// `POST /products`, as far as the database.
///
/// # Errors
/// It is none.
pub async fn create(request: Request) -> Result<(), Problem> {
    let Body(body) = Body::<CreateProductBody>::from_request(request, &()).await?;
    create_product::parse(&Clock::system(), &body).map(drop)
}

/// `PATCH /products/{id}`, as far as the database.
///
/// # Errors
/// It is none.
pub async fn update(request: Request) -> Result<(), Problem> {
    let Body(body) = Body::<UpdateProductBody>::from_request(request, &()).await?;
    update_product::parse(&body).map(drop)
}

/// `POST /products/{id}/stock-adjustments`, as far as the database.
///
/// # Errors
/// It is none.
pub async fn adjust(request: Request) -> Result<(), Problem> {
    Body::<AdjustStockBody>::from_request(request, &()).await.map(drop)
}

/// `POST /internal/reservations`; how many lines of how many checkouts make sense.
///
/// # Errors
/// It is none.
pub async fn reserve(request: Request) -> Result<usize, Problem> {
    let Body(asked) = Body::<Reserve>::from_request(request, &()).await?;
    let checkouts = match &asked {
        Reserve::One(one) => std::slice::from_ref(one),
        Reserve::Many(many) => many.as_slice(),
    };
    Ok(checkouts.iter().filter(|checkout| ReserveLines::parse(&checkout.lines).is_ok()).count())
}
