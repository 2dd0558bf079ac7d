//! Products side by side, as lists of them are shown.

use askama::Template;
use contracts::api::product::ProductView;
use std::borrow::Cow;

#[derive(Template)]
#[template(path = "shelf.html")]
pub(super) struct Shelf<'a> {
    pub(super) products: &'a [ProductView],
}

/// Where the browser finds the picture: behind the front door's `/api`. Addresses elsewhere are not shown.
pub(super) fn picture_of(product: &ProductView) -> Option<String> {
    let path = product.picture.as_deref()?;
    path.starts_with("/products/")
        .then(|| format!("/api{path}"))
        .or_else(|| path.starts_with("/api/").then(|| path.to_owned()))
}

/// The same for where it is shown about so wide.
pub(crate) fn sized(product: &ProductView, width: u32) -> Option<String> {
    let picture = picture_of(product)?;
    Some(if is_drawn(&picture) { picture } else { format!("{picture}?width={width}") })
}

/// Its widths, of which a browser takes the one that fits its screen. A drawing fits every screen.
pub(super) fn widths(product: &ProductView) -> Option<String> {
    let picture = picture_of(product).filter(|picture| !is_drawn(picture))?;
    Some([320, 640, 1280].map(|width| format!("{picture}?width={width} {width}w")).join(", "))
}

fn is_drawn(picture: &str) -> bool {
    picture.ends_with(".svg")
}

/// How much of it there is, in words for shoppers; few enough to hurry are counted.
pub(super) fn stock_of(product: &ProductView) -> Cow<'static, str> {
    match product.available {
        ..=0 => t!("stock-sold-out"),
        few @ 1..=5 => t!("stock-few-left", count = few),
        _ => t!("stock-in-stock"),
    }
}
