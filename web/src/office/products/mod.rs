//! `/office/products`: what is sold, was, or will be; one of it, with what can be changed about it.

pub(super) mod act;
pub(super) mod add;
pub(super) mod adjust;
mod adjusting;
pub(super) mod edit;
mod filling;
pub(super) mod list;
mod page;
pub(super) mod picture;

use crate::{
    member::{Member, Stopped},
    upstream::{Call, UpstreamError},
};
use contracts::{
    ProductId,
    api::product::{ProductStatus, ProductView},
};
use http::{Method, StatusCode};

pub(super) const fn status_word(status: &ProductStatus) -> &'static str {
    match status {
        ProductStatus::Draft => "Draft",
        ProductStatus::Active => "On sale",
        ProductStatus::Archived => "Archived",
    }
}

/// The product as it stands; none if there is no such.
async fn find(member: &Member, id: ProductId) -> Result<Option<ProductView>, Stopped> {
    match member.ask(Call::product(Method::GET, &format!("/products/{id}"))).await {
        Ok(product) => Ok(Some(product)),
        Err(Stopped::Failed(UpstreamError::Refused(refused))) if refused.status == StatusCode::NOT_FOUND => Ok(None),
        Err(stopped) => Err(stopped),
    }
}

/// What a change says that it is based on.
fn tag(version: &str) -> String {
    // What a browser made up must not break the header.
    let version: String = version.chars().filter(char::is_ascii_digit).take(19).collect();
    format!("\"{version}\"")
}
