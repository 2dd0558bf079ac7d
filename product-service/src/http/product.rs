//! How a product is answered.

use crate::domain::{Product, Status};
use axum::{
    Json,
    response::{AppendHeaders, IntoResponse, Response},
};
use contracts::{
    Currency, Money,
    api::product::{ProductStatus, ProductView},
};
use http::{HeaderName, StatusCode, header};
use serde::{Deserialize, Serialize};
use service_kit::idempotency::StoredAnswer;
use utoipa::ToSchema;

/// A price as it is sent.
// What is announced is read with whatever a newer version added to it; what somebody sends must hold nothing else.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceBody {
    /// Minor units (cents for EUR).
    #[schema(minimum = 1, maximum = 100_000_000_000_i64, examples(1999))]
    amount: i64,
    currency: Currency,
}

impl From<PriceBody> for Money {
    fn from(PriceBody { amount, currency }: PriceBody) -> Self {
        Self { amount, currency }
    }
}

impl From<Product> for ProductView {
    fn from(product: Product) -> Self {
        Self {
            id: product.id,
            sku: product.sku,
            name: product.name,
            description: product.description,
            category: product.category,
            price: product.price,
            available: if product.status == Status::Active { product.available } else { 0 },
            picture: product.picture.as_deref().map(picture_path),
            status: product.status.into(),
            version: product.version,
            created_at: product.created_at,
            updated_at: product.updated_at,
        }
    }
}

/// Where a picture is, by its name.
pub(super) fn picture_path(name: &str) -> String {
    format!("/products/pictures/{name}")
}

impl From<Status> for ProductStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Draft => Self::Draft,
            Status::Active => Self::Active,
            Status::Archived => Self::Archived,
        }
    }
}

impl From<ProductStatus> for Status {
    fn from(status: ProductStatus) -> Self {
        match status {
            ProductStatus::Draft => Self::Draft,
            ProductStatus::Active => Self::Active,
            ProductStatus::Archived => Self::Archived,
        }
    }
}

/// A product with the `ETag` that a change must name.
pub(crate) struct Tagged(pub(crate) ProductView);

impl From<Product> for Tagged {
    fn from(product: Product) -> Self {
        Self(product.into())
    }
}

impl IntoResponse for Tagged {
    fn into_response(self) -> Response {
        (AppendHeaders([tag(self.0.version)]), Json(self.0)).into_response()
    }
}

fn tag(version: i64) -> (HeaderName, String) {
    (header::ETAG, format!("\"{version}\""))
}

/// A product as it was made, now or by the first request under a key: with its address and the `ETag` it had.
pub(crate) fn created(answer: StoredAnswer) -> Response {
    let id = answer.body["id"].as_str().unwrap_or_default();
    let location = (header::LOCATION, format!("/products/{id}"));
    (StatusCode::CREATED, AppendHeaders([location, tag(1)]), answer).into_response()
}
