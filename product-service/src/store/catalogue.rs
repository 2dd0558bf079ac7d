//! Reading the catalogue: a product in the flat shape of its default variant.

use crate::{
    domain::{Product, SearchText, Sku, Slug, Status},
    error::Error,
};
use contracts::{Currency, Money};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use time::OffsetDateTime;
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

/// Which products a list shows.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) status: Status,
    pub(crate) category: Option<Slug>,
    /// Prices can be compared in one currency only: an order by price needs it.
    pub(crate) currency: Option<Currency>,
    pub(crate) min_price: Option<i64>,
    pub(crate) max_price: Option<i64>,
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

struct Row {
    id: Uuid,
    variant_id: Uuid,
    sku: String,
    name: String,
    name_key: String,
    description: String,
    category: String,
    picture: Option<String>,
    status: String,
    version: i64,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
    amount: i64,
    currency: String,
    available: i64,
    rank: i64,
}

impl TryFrom<Row> for Listed {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let status = Status::parse(&row.status);
        let product = Product {
            id: row.id.into(),
            variant_id: row.variant_id.into(),
            price: Money::new(row.amount, currency(&row.currency)?),
            available: row.available,
            status: status.ok_or(Error::Stored { what: "a product's status", value: row.status })?,
            sku: row.sku,
            name: row.name,
            description: row.description,
            category: row.category,
            picture: row.picture,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        };
        Ok(Self { product, name_key: row.name_key, rank: row.rank })
    }
}

pub(crate) fn currency(text: &str) -> Result<Currency, Error> {
    text.parse().map_err(|_| Error::Stored { what: "a currency", value: text.to_owned() })
}

/// One SELECT for all: only what follows differs. A macro, since checked queries are literals.
macro_rules! products {
    ($rank:tt, [$($rest:tt)+], $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"SELECT products.id, variants.id AS variant_id, variants.sku, products.name, products.name_key,
                   products.description, products.category, products.picture, products.status, products.version,
                   products.created_at, products.updated_at, prices.amount, prices.currency,
                   stock.on_hand - stock.reserved AS "available!", "# + $rank + r#" AS "rank!"
               FROM products
               JOIN variants ON variants.product_id = products.id AND variants.is_default
               JOIN prices ON prices.variant_id = variants.id AND prices.is_default
               JOIN stock ON stock.variant_id = variants.id AND stock.location = 'main'
               "# $(+ $rest)+,
            $($argument),+
        )
    };
}

/// A list: the filter ($1 to $6) and the limit ($7) are the same for every order.
macro_rules! list {
    ($rank:tt, $order:tt, $filter:expr, $limit:expr, $($place:expr),+) => {
        products!(
            $rank,
            ["WHERE products.status = $1
               AND ($2::text IS NULL OR products.category = $2)
               AND ($3::text IS NULL OR prices.currency = $3)
               AND ($4::bigint IS NULL OR prices.amount >= $4)
               AND ($5::bigint IS NULL OR prices.amount <= $5)
               AND ($6::text IS NULL OR products.search @@ websearch_to_tsquery('english', $6)) AND "
             $order
             " LIMIT $7"],
            $filter.status.as_str(),
            $filter.category.as_ref().map(Slug::as_str),
            $filter.currency.map(Currency::code),
            $filter.min_price,
            $filter.max_price,
            $filter.search.as_ref().map(SearchText::as_str),
            $limit,
            $($place),+
        )
    };
}

/// Up to `limit` products behind `after`.
pub(crate) async fn list(
    connection: &mut PgConnection,
    filter: &Filter,
    after: &Place,
    limit: i64,
) -> Result<Vec<Listed>, Error> {
    let rows = match after {
        Place::Newest(id) => {
            let query = list!("0::bigint", "products.id < $8 ORDER BY products.id DESC", filter, limit, id);
            query.fetch_all(connection).await
        }
        // All conditions on one table's columns, so that the page begins at its place in the index.
        Place::Cheapest(amount, id) => {
            let query = list!(
                "0::bigint",
                "prices.currency = $3 AND (prices.amount, prices.variant_id) > ($8, $9)
                 ORDER BY prices.amount, prices.variant_id",
                filter,
                limit,
                amount,
                id
            );
            query.fetch_all(connection).await
        }
        Place::Dearest(amount, id) => {
            let query = list!(
                "0::bigint",
                "prices.currency = $3 AND (prices.amount, prices.variant_id) < ($8, $9)
                 ORDER BY prices.amount DESC, prices.variant_id DESC",
                filter,
                limit,
                amount,
                id
            );
            query.fetch_all(connection).await
        }
        Place::Name(name_key, id) => {
            let query = list!(
                "0::bigint",
                "(products.name_key, products.id) > ($8, $9) ORDER BY products.name_key, products.id",
                filter,
                limit,
                name_key,
                id
            );
            query.fetch_all(connection).await
        }
        Place::Relevance(rank, id) => most_relevant(connection, filter, *rank, *id, limit).await,
    };
    rows?.into_iter().map(Listed::try_from).collect()
}

/// The rank as a whole number: a keyset compares exactly.
async fn most_relevant(
    connection: &mut PgConnection,
    filter: &Filter,
    rank: i64,
    id: Uuid,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let query = list!(
        "round(ts_rank(products.search, websearch_to_tsquery('english', $6)) * 1000000)::bigint",
        "(round(ts_rank(products.search, websearch_to_tsquery('english', $6)) * 1000000)::bigint, products.id)
             < ($8, $9)
         ORDER BY round(ts_rank(products.search, websearch_to_tsquery('english', $6)) * 1000000)::bigint DESC,
             products.id DESC",
        filter,
        limit,
        rank,
        id
    );
    query.fetch_all(connection).await
}

pub(crate) async fn find(connection: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Product>, Error> {
    let rows = products!("0::bigint", ["WHERE products.id = ANY ($1)"], ids).fetch_all(connection).await?;
    rows.into_iter().map(|row| Listed::try_from(row).map(|listed| listed.product)).collect()
}

/// By the SKU of its default variant.
pub(crate) async fn find_by_sku(connection: &mut PgConnection, sku: &Sku) -> Result<Option<Product>, Error> {
    let row = products!("0::bigint", ["WHERE variants.sku = $1"], sku.as_str()).fetch_optional(connection).await?;
    row.map(|row| Listed::try_from(row).map(|listed| listed.product)).transpose()
}
