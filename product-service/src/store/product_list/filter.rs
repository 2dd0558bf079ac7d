//! What lists and searches of products ask for: filters and places, and the parts of their statements.

use crate::{
    domain::{SearchText, Slug, Status},
    store::statement::{Statement, Value},
};
use contracts::Currency;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The newest hits of a search that are ranked and listed.
pub(crate) const MOST_HITS: i64 = 2000;
/// What most ask for, and what is asked for at the most, with one more. A number in the text: where it is a value, the
/// planner takes it for a tenth of all and reads whole tables.
const SHORT: i64 = 21;

/// Which products a list shows.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) status: Status,
    pub(crate) category: Option<Slug>,
    /// Prices can be compared in one currency only: an order by price needs it.
    pub(crate) currency: Option<Currency>,
    pub(crate) min_price: Option<i64>,
    pub(crate) max_price: Option<i64>,
    /// Where there is no word in it, nothing is found.
    pub(crate) search: Option<SearchText>,
}

/// The place of a product in a list; a page begins behind one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    Newest(Uuid),
    Cheapest(i64, Uuid),
    Dearest(i64, Uuid),
    Name(String, Uuid),
    Relevance(i64, Uuid),
}

pub(super) const COLUMNS: &str =
    "products.id, variants.id AS variant_id, variants.sku, products.name, products.name_key,
    products.description, products.category, products.picture, products.status, products.version, products.created_at,
    products.updated_at, prices.amount, prices.currency, stock.on_hand - stock.reserved AS available";
pub(super) const WITH_PRICE: &str = "JOIN variants ON variants.product_id = products.id AND variants.is_default
    JOIN prices ON prices.variant_id = variants.id AND prices.is_default ";
pub(super) const WITH_STOCK: &str = "JOIN stock ON stock.variant_id = variants.id AND stock.location = 'main' ";

pub(super) const fn bound(limit: i64) -> &'static str {
    if limit <= SHORT { " LIMIT 21" } else { " LIMIT 101" }
}

/// What the filter wants of a product and its price.
pub(super) fn narrow(list: &mut Statement, filter: &Filter) {
    list.push(match filter.status {
        Status::Draft => "products.status = 'draft'",
        Status::Active => "products.status = 'active'",
        Status::Archived => "products.status = 'archived'",
    });
    if let Some(category) = &filter.category {
        list.push(" AND products.category = ").bind(Value::Text(category.as_str().to_owned()));
    }
    narrow_price(list, filter);
}

pub(super) fn narrow_price(list: &mut Statement, filter: &Filter) {
    if let Some(currency) = filter.currency {
        list.push(" AND prices.currency = ").bind(Value::Text(currency.code().to_owned()));
    }
    if let Some(least) = filter.min_price {
        list.push(" AND prices.amount >= ").bind(Value::Number(least));
    }
    if let Some(most) = filter.max_price {
        list.push(" AND prices.amount <= ").bind(Value::Number(most));
    }
}
