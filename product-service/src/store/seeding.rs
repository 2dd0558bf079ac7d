//! Many new products at once.

use crate::{
    Error,
    domain::{CategoryName, Picture},
    store::products::NewProduct,
};
use service_kit::Tx;
use sqlx::PgConnection;

/// The same number in every instance: one seeds at a time.
const SEEDING: i64 = 0x0065_636f_6d00_0101;

/// A product and what it is shown with.
pub(crate) struct NewSample {
    pub(crate) product: NewProduct,
    pub(crate) category_name: CategoryName,
    pub(crate) picture: Picture,
}

/// Waits for another that seeds; the lock ends with the transaction.
pub(crate) async fn lock(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", SEEDING).execute(connection).await?;
    Ok(())
}

/// Which of these keys of SKUs exist.
pub(crate) async fn known(connection: &mut PgConnection, keys: &[String]) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT lower(sku COLLATE "C") AS "key!" FROM variants
           WHERE lower(sku COLLATE "C") = ANY ($1) AND NOT shares_sku"#,
        keys
    )
    .fetch_all(connection)
    .await
}

/// All in four statements: categories, pictures, products, and what hangs on them.
pub(crate) async fn insert(tx: &mut Tx, samples: &[NewSample]) -> Result<(), Error> {
    insert_categories(tx, samples).await?;
    insert_pictures(tx, samples).await?;
    insert_products(tx, samples).await?;
    insert_variants(tx, samples).await?;
    Ok(())
}

fn column<'a, T>(samples: &'a [NewSample], value: impl Fn(&'a NewSample) -> T) -> Vec<T> {
    samples.iter().map(value).collect()
}

fn text(samples: &[NewSample], value: impl Fn(&NewSample) -> &str) -> Vec<String> {
    samples.iter().map(|sample| value(sample).to_owned()).collect()
}

async fn insert_categories(connection: &mut PgConnection, samples: &[NewSample]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO categories (slug, name)
         SELECT DISTINCT ON (slug) slug, name FROM unnest($1::text[], $2::text[]) AS category (slug, name)
         ORDER BY slug ON CONFLICT (slug) DO NOTHING",
        &text(samples, |sample| sample.product.category.as_str()),
        &text(samples, |sample| sample.category_name.as_str())
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_pictures(connection: &mut PgConnection, samples: &[NewSample]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO pictures (name, content_type, bytes)
         SELECT name, content_type, bytes
         FROM unnest($1::text[], $2::text[], $3::bytea[]) AS picture (name, content_type, bytes)
         ORDER BY name ON CONFLICT (name) DO NOTHING",
        &column(samples, |sample| sample.picture.name()),
        &text(samples, |sample| sample.picture.content_type),
        &column(samples, |sample| sample.picture.bytes.clone())
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_products(connection: &mut PgConnection, samples: &[NewSample]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO products
             (id, name, name_key, description, category, picture, status, version, created_at, updated_at)
         SELECT id, name, name_key, description, category, picture, status, 1, at, at
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::timestamptz[])
             AS product (id, name, name_key, description, category, picture, status, at)",
        &column(samples, |sample| sample.product.id.uuid()),
        &text(samples, |sample| sample.product.name.as_str()),
        &column(samples, |sample| sample.product.name.key()),
        &text(samples, |sample| sample.product.description.as_str()),
        &text(samples, |sample| sample.product.category.as_str()),
        &column(samples, |sample| sample.picture.name()),
        &text(samples, |sample| sample.product.status.as_str()),
        &column(samples, |sample| sample.product.created_at)
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_variants(connection: &mut PgConnection, samples: &[NewSample]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "WITH sample AS (
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
                                  $7::timestamptz[])
                 AS sample (variant_id, product_id, sku, currency, amount, stock, at)
         ), variant AS (
             INSERT INTO variants (id, product_id, sku, is_default, announced_available)
             SELECT variant_id, product_id, sku, true, stock FROM sample
         ), price AS (
             INSERT INTO prices (variant_id, currency, amount, is_default)
             SELECT variant_id, currency, amount, true FROM sample
         ), piece AS (
             INSERT INTO stock (variant_id, on_hand) SELECT variant_id, stock FROM sample
         )
         INSERT INTO stock_movements (variant_id, kind, quantity, at)
         SELECT variant_id, 'initial', stock, at FROM sample WHERE stock <> 0",
        &column(samples, |sample| sample.product.variant_id.uuid()),
        &column(samples, |sample| sample.product.id.uuid()),
        &text(samples, |sample| sample.product.sku.as_str()),
        &text(samples, |sample| sample.product.price.currency.code()),
        &column(samples, |sample| sample.product.price.amount),
        &column(samples, |sample| sample.product.stock),
        &column(samples, |sample| sample.product.created_at)
    )
    .execute(connection)
    .await?;
    Ok(())
}
