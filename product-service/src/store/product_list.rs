//! The list of products: one statement for each set of filters and each order, so that each has a plan that fits.
//!
//! A search looks at the newest hits alone: whatever is typed, so many are ranked and no more.

mod filter;
mod search;

pub(crate) use filter::{Filter, MOST_HITS, Place};

use super::{
    catalogue::Row,
    statement::{Plan, Statement, Value},
};
use crate::{
    domain::{Product, Wanted},
    error::Error,
};
use filter::{COLUMNS, WITH_PRICE, WITH_STOCK, bound, narrow};
use search::Way;
use sqlx::PgConnection;
use uuid::Uuid;

/// A product of a list, with what tells its place there.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) product: Product,
    name_key: String,
    rank: i64,
}

/// In which order a list goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Newest,
    Cheapest,
    Dearest,
    Name,
    /// What fits the search best.
    Relevance,
}

impl Sort {
    /// Before the first product.
    pub(crate) const fn start(self) -> Place {
        match self {
            Self::Newest => Place::Newest(Uuid::max()),
            Self::Cheapest => Place::Cheapest(0, Uuid::nil()),
            Self::Dearest => Place::Dearest(i64::MAX, Uuid::max()),
            Self::Name => Place::Name(String::new(), Uuid::nil()),
            Self::Relevance => Place::Relevance(i64::MAX, Uuid::max()),
        }
    }

    pub(crate) const fn has(self, place: &Place) -> bool {
        matches!(
            (self, place),
            (Self::Newest, Place::Newest(..))
                | (Self::Cheapest, Place::Cheapest(..))
                | (Self::Dearest, Place::Dearest(..))
                | (Self::Name, Place::Name(..))
                | (Self::Relevance, Place::Relevance(..))
        )
    }

    pub(crate) fn place(self, listed: &Listed) -> Place {
        let Listed { product, name_key, rank } = listed;
        let (id, variant_id) = (product.id.uuid(), product.variant_id.uuid());
        match self {
            Self::Newest => Place::Newest(id),
            Self::Cheapest => Place::Cheapest(product.price.amount, variant_id),
            Self::Dearest => Place::Dearest(product.price.amount, variant_id),
            Self::Name => Place::Name(name_key.clone(), id),
            Self::Relevance => Place::Relevance(*rank, id),
        }
    }
}

#[derive(sqlx::FromRow)]
struct ListRow {
    #[sqlx(flatten)]
    product: Row,
    name_key: String,
    rank: i64,
    more: bool,
}

/// A part of a list.
pub(crate) struct Found {
    pub(crate) products: Vec<Listed>,
    /// There were more hits than [`MOST_HITS`].
    pub(crate) more_hits: bool,
}

/// Up to `limit` products behind `after`.
pub(crate) async fn list(
    connection: &mut PgConnection,
    filter: &Filter,
    after: &Place,
    limit: i64,
) -> Result<Found, Error> {
    let (statement, plan) = match &filter.search {
        None => walk(filter, after, limit),
        Some(text) => {
            let Some(wanted) = Wanted::parse(text.as_str()) else {
                return Ok(Found { products: Vec::new(), more_hits: false });
            };
            let way = Way::choose(connection, filter, &wanted).await?;
            (search::statement(filter, wanted, way, after, limit), Plan::Fresh)
        }
    };
    let mut rows: Vec<ListRow> = statement.fetch(connection, plan).await?;
    rows.truncate(usize::try_from(limit).unwrap_or(0));
    let more_hits = rows.iter().any(|row| row.more);
    let listed = |row: ListRow| {
        let ListRow { product, name_key, rank, more: _ } = row;
        Ok(Listed { product: Product::try_from(product)?, name_key, rank })
    };
    Ok(Found { products: rows.into_iter().map(listed).collect::<Result<_, Error>>()?, more_hits })
}

/// The page begins at its place in an index.
fn walk(filter: &Filter, after: &Place, limit: i64) -> (Statement, Plan) {
    let mut list = Statement::new("WITH page AS MATERIALIZED (SELECT products.id FROM products ", Vec::new());
    // Without the price the page is made of one table: whatever is joined then is joined to its rows alone.
    list.push(if filter.currency.is_some() { WITH_PRICE } else { "" }).push("WHERE ");
    narrow(&mut list, filter);
    // All conditions on one table's columns.
    let order = match after {
        Place::Newest(id) | Place::Relevance(_, id) => {
            list.push(" AND products.id < ").bind(Value::Id(*id));
            " ORDER BY products.id DESC"
        }
        Place::Cheapest(amount, id) => {
            list.push(" AND (prices.amount, prices.variant_id) > (").bind(Value::Number(*amount)).push(", ");
            list.bind(Value::Id(*id)).push(")");
            " ORDER BY prices.amount, prices.variant_id"
        }
        Place::Dearest(amount, id) => {
            list.push(" AND (prices.amount, prices.variant_id) < (").bind(Value::Number(*amount)).push(", ");
            list.bind(Value::Id(*id)).push(")");
            " ORDER BY prices.amount DESC, prices.variant_id DESC"
        }
        Place::Name(key, id) => {
            list.push(" AND (products.name_key, products.id) > (").bind(Value::Text(key.clone())).push(", ");
            list.bind(Value::Id(*id)).push(")");
            " ORDER BY products.name_key, products.id"
        }
    };
    list.push(order).push(bound(limit)).push(") SELECT ").push(COLUMNS);
    list.push(", 0::bigint AS rank, false AS more FROM page JOIN products ON products.id = page.id ");
    list.push(WITH_PRICE).push(WITH_STOCK).push(order);
    // By price, or sorted by it behind the other filters: that depends on how many these leave.
    (list, if filter.currency.is_some() { Plan::Fresh } else { Plan::Kept })
}

#[cfg(test)]
mod tests;
