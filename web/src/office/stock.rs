//! `/office/stock`: what runs low, and how much there is of everything.

use super::{Clerk, products::status_word};
use crate::{
    asked::Asked,
    layout,
    member::Stopped,
    refusal::Refusal,
    upstream::{Call, Page},
};
use askama::Template;
use axum::response::Response;
use contracts::{
    access::ReadStock,
    api::product::{ProductStatus, StockLineView},
};
use http::{Method, StatusCode};
use serde::Deserialize;
use url::form_urlencoded;

/// So few pieces are low, unless one says otherwise.
pub(super) const LOW: &str = "10";

#[derive(Default, Deserialize)]
pub(crate) struct Wish {
    sku: Option<String>,
    low: Option<String>,
    after: Option<String>,
}

impl Wish {
    fn sku(&self) -> &str {
        self.sku.as_deref().unwrap_or_default().trim()
    }

    fn low(&self) -> &str {
        self.low.as_deref().map(str::trim).filter(|low| !low.is_empty()).unwrap_or(LOW)
    }

    /// Whether it is the page that one comes to: what runs low stands on it alone.
    fn is_first(&self) -> bool {
        self.sku().is_empty() && self.after.is_none()
    }

    fn address_of(&self, next: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.sku().is_empty() {
            query.append_pair("sku", self.sku());
        }
        format!("/office/stock?{}", query.append_pair("after", next).finish())
    }
}

#[derive(Template)]
#[template(path = "office/stock.html")]
struct StockPage<'a> {
    wish: &'a Wish,
    /// None where it is not known.
    lowest: Option<Vec<StockLineView>>,
    levels: Vec<StockLineView>,
    next: Option<String>,
    refusal: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "office/stock_table.html")]
pub(super) struct Table<'a> {
    pub(super) lines: &'a [StockLineView],
    /// The id of what it is called by.
    pub(super) title: &'a str,
}

impl StockPage<'_> {
    #[expect(clippy::unused_self, reason = "a template calls what its page has")]
    fn table<'t>(&self, lines: &'t [StockLineView], title: &'t str) -> Table<'t> {
        Table { lines, title }
    }
}

pub(crate) async fn list(clerk: Clerk<ReadStock>, Asked(wish): Asked<Wish>) -> Response {
    let path = "/products/stock";
    let sku = Some(("sku", wish.sku())).filter(|(_, sku)| !sku.is_empty());
    let query = [("limit", "50")].into_iter().chain(sku).chain(wish.after.as_deref().map(|after| ("after", after)));
    let all = Call::product(Method::GET, path).with_query(query);
    let low = Call::product(Method::GET, path).with_query([("low", wish.low()), ("limit", "100")]);
    let lowest = async {
        if !wish.is_first() {
            return Ok(None);
        }
        clerk.ask::<Page<StockLineView>>(low).await.map(Some)
    };
    // One after the other: a token that is near its end is renewed once.
    let levels = clerk.ask::<Page<StockLineView>>(all).await;
    let lowest = lowest.await;
    let mut refusal = None;
    let mut told = |stopped| match stopped {
        Stopped::LoginOver(answer) => Some(answer),
        Stopped::Failed(cause) => {
            refusal = Some(Refusal::from(cause));
            None
        }
    };
    let (levels, next) = match levels {
        Ok(Page { items, next }) => (items, next.map(|next| wish.address_of(&next))),
        Err(stopped) => match told(stopped) {
            Some(answer) => return answer,
            None => (Vec::new(), None),
        },
    };
    let lowest = match lowest {
        Ok(page) => page.map(|page| page.items),
        Err(stopped) => match told(stopped) {
            Some(answer) => return answer,
            None => None,
        },
    };
    let text = refusal.as_ref().map(|refusal| &*refusal.text);
    let answer = layout::office_page(StatusCode::OK, &StockPage { wish: &wish, lowest, levels, next, refusal: text });
    match &refusal {
        Some(refusal) => refusal.stamped(answer),
        None => answer,
    }
}
