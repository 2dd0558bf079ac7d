//! `/products/{sku}`: one product, and the button that puts it into the cart.

use super::products::picture_of;
use crate::{asked::Named, layout, refusal::Refusal, state::App, upstream::UpstreamError};
use askama::Template;
use axum::{extract::State, response::Response};
use contracts::api::product::{ProductStatus, ProductView};
use http::StatusCode;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "product.html")]
struct ProductPage {
    product: ProductView,
    picture: Option<String>,
    /// Of the form: who sends it twice adds once.
    key: Uuid,
}

impl ProductPage {
    fn is_sold(&self) -> bool {
        self.product.status == ProductStatus::Active
    }
}

pub(crate) async fn product(State(app): State<App>, Named(sku): Named) -> Response {
    match app.upstream.product(&sku).await {
        Ok(product) => {
            // Gone for good, and still found by who has an old link.
            let is_gone = product.status == ProductStatus::Archived;
            let status = if is_gone { StatusCode::GONE } else { StatusCode::OK };
            let picture = picture_of(&product);
            layout::page(status, &ProductPage { product, picture, key: app.clock.new_id() })
        }
        Err(UpstreamError::Refused(refused)) if refused.status == StatusCode::NOT_FOUND => layout::not_found().await,
        Err(cause) => Refusal::from(cause).page(),
    }
}
