//! Changing products. Reading them is in `catalogue`.

use super::{catalogue::Product, constraint};
use crate::{
    Error,
    domain::{Description, ProductName, Sku, Slug, Status},
};
use contracts::{Money, ProductId, VariantId};
use service_kit::if_match::IfMatch;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A product with its one variant, at version 1.
pub(crate) struct NewProduct {
    pub(crate) id: ProductId,
    pub(crate) variant_id: VariantId,
    pub(crate) sku: Sku,
    pub(crate) name: ProductName,
    pub(crate) description: Description,
    pub(crate) category: Slug,
    pub(crate) price: Money,
    pub(crate) stock: i64,
    pub(crate) status: Status,
    pub(crate) created_at: OffsetDateTime,
}

/// What a change leaves as it was is `None`.
#[derive(Default)]
pub(crate) struct Changes {
    pub(crate) name: Option<ProductName>,
    pub(crate) description: Option<Description>,
    pub(crate) category: Option<Slug>,
    pub(crate) price: Option<Money>,
    pub(crate) picture: Option<String>,
    pub(crate) status: Option<Status>,
}

impl Changes {
    /// Whether anything would be other than it is.
    pub(crate) fn alter(&self, product: &Product) -> bool {
        let Self { name, description, category, price, picture, status } = self;
        name.as_ref().is_some_and(|name| name.as_str() != product.name)
            || description.as_ref().is_some_and(|description| description.as_str() != product.description)
            || category.as_ref().is_some_and(|category| category.as_str() != product.category)
            || price.is_some_and(|price| price != product.price)
            || picture.is_some() && *picture != product.picture
            || status.is_some_and(|status| status != product.status)
    }
}

/// Product, variant, price, stock and its first movement in one statement.
pub(crate) async fn insert(connection: &mut PgConnection, new: &NewProduct) -> Result<(), Error> {
    let inserted = sqlx::query!(
        "WITH product AS (
             INSERT INTO products (id, name, name_key, description, category, status, version, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $7)
         ), variant AS (
             INSERT INTO variants (id, product_id, sku, is_default, announced_available)
             VALUES ($8, $1, $9, true, $12)
         ), price AS (
             INSERT INTO prices (variant_id, currency, amount, is_default) VALUES ($8, $10, $11, true)
         ), piece AS (
             INSERT INTO stock (variant_id, on_hand) VALUES ($8, $12)
         )
         INSERT INTO stock_movements (variant_id, kind, quantity, at)
         SELECT $8, 'initial', $12, $7 WHERE $12 <> 0",
        new.id.uuid(),
        new.name.as_str(),
        new.name.key(),
        new.description.as_str(),
        new.category.as_str(),
        new.status.as_str(),
        new.created_at,
        new.variant_id.uuid(),
        new.sku.as_str(),
        new.price.currency.code(),
        new.price.amount,
        new.stock
    )
    .execute(connection)
    .await;
    inserted.map(|_| ()).map_err(|cause| match constraint(&cause) {
        Some("variants_sku_unique" | "variants_sku_folded_unique") => Error::SkuTaken(new.sku.as_str().to_owned()),
        Some("products_category_known") => Error::UnknownCategory(new.category.as_str().to_owned()),
        _ => cause.into(),
    })
}

/// Takes the product's lock when it is at a version that is wanted: of two who change the same version, one comes too late.
pub(crate) async fn lock(connection: &mut PgConnection, id: ProductId, wanted: &IfMatch) -> Result<Status, Error> {
    let row = sqlx::query!("SELECT version, status FROM products WHERE id = $1 FOR UPDATE", id.uuid())
        .fetch_optional(connection)
        .await?;
    let row = row.ok_or(Error::NoSuchProduct)?;
    if !wanted.matches(row.version) {
        return Err(Error::StaleVersion { current: row.version });
    }
    Status::parse(&row.status).ok_or(Error::Stored { what: "a product's status", value: row.status })
}

/// Applies the changes and gives the new version. Only for who holds the lock.
pub(crate) async fn update(
    connection: &mut PgConnection,
    id: ProductId,
    changes: &Changes,
    at: OffsetDateTime,
) -> Result<i64, Error> {
    if let Some(price) = changes.price {
        update_price(connection, id, price).await?;
    }
    let updated = sqlx::query_scalar!(
        "UPDATE products SET
             name = coalesce($2, name), name_key = coalesce($3, name_key),
             description = coalesce($4, description), category = coalesce($5, category),
             picture = coalesce($6, picture), status = coalesce($7, status),
             version = version + 1, updated_at = $8
         WHERE id = $1 RETURNING version",
        id.uuid(),
        changes.name.as_ref().map(ProductName::as_str),
        changes.name.as_ref().map(ProductName::key),
        changes.description.as_ref().map(Description::as_str),
        changes.category.as_ref().map(Slug::as_str),
        changes.picture,
        changes.status.map(Status::as_str),
        at
    )
    .fetch_one(connection)
    .await;
    updated.map_err(|cause| match (constraint(&cause), &changes.category) {
        (Some("products_category_known"), Some(slug)) => Error::UnknownCategory(slug.as_str().to_owned()),
        _ => cause.into(),
    })
}

async fn update_price(connection: &mut PgConnection, id: ProductId, price: Money) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE prices SET amount = $2, currency = $3 FROM variants
         WHERE variants.product_id = $1 AND variants.is_default
           AND prices.variant_id = variants.id AND prices.is_default",
        id.uuid(),
        price.amount,
        price.currency.code()
    )
    .execute(connection)
    .await?;
    Ok(())
}
