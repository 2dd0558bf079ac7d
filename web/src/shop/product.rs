//! `/products/{sku}`: one product, and the button that puts it into the cart.

use super::{
    seen::linked_data,
    shelf::{picture_of, sized, stock_of, widths},
};
use crate::{amount, asked::Named, layout, refusal::Refusal, shop_name::ShopName, state::App, upstream::UpstreamError};
use askama::Template;
use axum::{extract::State, response::Response};
use contracts::api::product::{ProductStatus, ProductView};
use http::StatusCode;
use serde_json::json;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "product.html")]
struct ProductPage {
    product: ProductView,
    picture: Option<String>,
    canonical: String,
    /// The picture's whole address.
    image: Option<String>,
    /// Of the form: who sends it twice adds once.
    key: Uuid,
}

impl ProductPage {
    /// The first words of the description, for lists of links.
    fn summary(&self) -> String {
        self.product.description.chars().take(160).collect()
    }

    /// What schema.org calls a Product, with its Offer.
    fn linked(&self) -> String {
        let product = &self.product;
        let places = usize::try_from(product.price.currency.exponent()).unwrap_or_default();
        let availability = if product.available > 0 { "InStock" } else { "OutOfStock" };
        linked_data(&json!({
            "@context": "https://schema.org",
            "@type": "Product",
            "name": product.name,
            "description": product.description,
            "sku": product.sku,
            "category": product.category,
            "image": self.image,
            "url": self.canonical,
            "offers": {
                "@type": "Offer",
                "price": amount::plain(product.price.amount, places),
                "priceCurrency": product.price.currency,
                "availability": format!("https://schema.org/{availability}"),
                "url": self.canonical,
                "seller": { "@type": "Organization", "name": ShopName::current().to_string() },
            },
        }))
    }

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
            let picture = sized(&product, 640);
            let canonical = layout::address_of(&app.settings, &format!("/products/{}", product.sku));
            let image = picture_of(&product).as_deref().map(|path| layout::address_of(&app.settings, path));
            layout::page(status, &ProductPage { product, picture, canonical, image, key: app.clock.new_id() })
        }
        Err(UpstreamError::Refused(refused)) if refused.status == StatusCode::NOT_FOUND => layout::not_found().await,
        Err(cause) => Refusal::from(cause).page(),
    }
}
