//! Reading the catalogue: a product in the flat shape of its default variant. Lists of them are in `product_list`.

use crate::{
    domain::{Product, Sku, Status},
    error::Error,
};
use contracts::{Currency, Money};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    variant_id: Uuid,
    sku: String,
    name: String,
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
}

impl TryFrom<Row> for Product {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let status = Status::parse(&row.status);
        Ok(Self {
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
        })
    }
}

pub(crate) fn currency(text: &str) -> Result<Currency, Error> {
    text.parse().map_err(|_| Error::Stored { what: "a currency", value: text.to_owned() })
}

/// One SELECT for both: only what follows differs. A macro, since checked queries are literals.
macro_rules! products {
    ($rest:tt, $argument:expr) => {
        sqlx::query_as!(
            Row,
            r#"SELECT products.id, variants.id AS variant_id, variants.sku, products.name, products.description,
                   products.category, products.picture, products.status, products.version, products.created_at,
                   products.updated_at, prices.amount, prices.currency,
                   stock.on_hand - stock.reserved AS "available!"
               FROM products
               JOIN variants ON variants.product_id = products.id AND variants.is_default
               JOIN prices ON prices.variant_id = variants.id AND prices.is_default
               JOIN stock ON stock.variant_id = variants.id AND stock.location = 'main'
               "#
                + $rest,
            $argument
        )
    };
}

pub(crate) async fn find(connection: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Product>, Error> {
    // By a list that it cannot count, PostgreSQL keeps its plan: else it makes one for every look, dearer than the look.
    let rows =
        products!("WHERE products.id = ANY (ARRAY (SELECT unnest($1::uuid[])))", ids).fetch_all(connection).await?;
    rows.into_iter().map(Product::try_from).collect()
}

/// By the SKU of its default variant.
pub(crate) async fn find_by_sku(connection: &mut PgConnection, sku: &Sku) -> Result<Option<Product>, Error> {
    let row = products!("WHERE variants.sku = $1", sku.as_str()).fetch_optional(connection).await?;
    row.map(Product::try_from).transpose()
}
