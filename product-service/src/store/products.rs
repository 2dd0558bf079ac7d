//! Making and changing products. Reading them is in `catalogue`.

use super::words::Columns;
use crate::domain::{NewProduct, Product, Words};
use contracts::ProductId;
use sqlx::PgConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Which of these keys of SKUs exist.
pub(crate) async fn known(connection: &mut PgConnection, keys: &[String]) -> Result<BTreeSet<String>, sqlx::Error> {
    let known = sqlx::query_scalar!(
        r#"SELECT lower(sku COLLATE "C") AS "key!" FROM variants
           WHERE lower(sku COLLATE "C") = ANY ($1) AND NOT shares_sku"#,
        keys
    );
    Ok(known.fetch_all(connection).await?.into_iter().collect())
}

fn column<'a, T>(products: &'a [&NewProduct], value: impl Fn(&'a NewProduct) -> T) -> Vec<T> {
    products.iter().map(|product| value(product)).collect()
}

/// Makes those whose SKU is free, with variant, price, stock and its first movement, and tells which these are. The
/// index decides: of two with one SKU the first is made, whether they come together or another is at it.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    products: &[&NewProduct],
) -> Result<BTreeSet<ProductId>, sqlx::Error> {
    if products.is_empty() {
        return Ok(BTreeSet::new());
    }
    let of = |new: &NewProduct| {
        Words::of(new.sku.as_str(), new.name.as_str(), new.category.as_str(), new.description.as_str())
    };
    let words = Columns::from_iter(products.iter().map(|new| of(new)));
    let made = sqlx::query_scalar!(
        r#"WITH new AS MATERIALIZED (
               SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                       $8::text[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::timestamptz[], $14::text[], $15::text[], $16::text[], $17::text[])
                   WITH ORDINALITY AS new (product_id, variant_id, sku, name, name_key, description, category, picture,
                       status, currency, amount, stock, at, plain, folded_name, folded_category, folded_description,
                       place)
           ), variant AS (
               INSERT INTO variants (id, product_id, sku, is_default, announced_available)
               SELECT variant_id, product_id, sku, true, stock FROM new ORDER BY lower(sku COLLATE "C"), place
               ON CONFLICT DO NOTHING RETURNING product_id
           ), made AS MATERIALIZED (
               SELECT new.* FROM new JOIN variant USING (product_id)
           ), product AS (
               INSERT INTO products
                   (id, name, name_key, description, category, picture, status, version, created_at, updated_at, words)
               SELECT product_id, name, name_key, description, category, picture, status, 1, at, at,
                   plain::tsvector || setweight(to_tsvector('english', folded_name), 'A')
                       || setweight(to_tsvector('english', folded_category), 'B')
                       || setweight(to_tsvector('english', folded_description), 'C')
               FROM made
           ), price AS (
               INSERT INTO prices (variant_id, currency, amount, is_default)
               SELECT variant_id, currency, amount, true FROM made
           ), piece AS (
               INSERT INTO stock (variant_id, on_hand) SELECT variant_id, stock FROM made
           ), moved AS (
               INSERT INTO stock_movements (variant_id, kind, quantity, at)
               SELECT variant_id, 'initial', stock, at FROM made WHERE stock <> 0 ORDER BY place
           )
           SELECT product_id AS "product_id!" FROM made"#,
        &column(products, |new| new.id.uuid()),
        &column(products, |new| new.variant_id.uuid()),
        &column(products, |new| new.sku.as_str()) as &[&str],
        &column(products, |new| new.name.as_str()) as &[&str],
        &column(products, |new| new.name.key()),
        &column(products, |new| new.description.as_str()) as &[&str],
        &column(products, |new| new.category.as_str()) as &[&str],
        &column(products, |new| new.picture.as_deref()) as &[Option<&str>],
        &column(products, |new| new.status.as_str()) as &[&str],
        &column(products, |new| new.price.currency.code()) as &[&str],
        &column(products, |new| new.price.amount),
        &column(products, |new| new.stock),
        &column(products, |new| new.created_at),
        &words.plain,
        &words.names,
        &words.categories,
        &words.descriptions
    )
    .fetch_all(connection)
    .await?;
    Ok(made.into_iter().map(ProductId::from).collect())
}

/// Takes the locks of these products, in one order.
pub(crate) async fn lock(connection: &mut PgConnection, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT id FROM products WHERE id = ANY ($1) ORDER BY id FOR UPDATE", ids)
        .fetch_all(connection)
        .await?;
    Ok(())
}

/// Writes products down as they are now. Only for who holds their locks; each once.
pub(crate) async fn update(connection: &mut PgConnection, products: &[&Product]) -> Result<(), sqlx::Error> {
    let column = |value: fn(&Product) -> &str| products.iter().map(|product| value(product)).collect::<Vec<&str>>();
    let ids: Vec<Uuid> = products.iter().map(|product| product.id.uuid()).collect();
    let name_keys: Vec<String> = products.iter().map(|product| product.name.to_lowercase()).collect();
    let pictures: Vec<Option<&str>> = products.iter().map(|product| product.picture.as_deref()).collect();
    let versions: Vec<i64> = products.iter().map(|product| product.version).collect();
    let times: Vec<_> = products.iter().map(|product| product.updated_at).collect();
    let of = |product: &Product| Words::of(&product.sku, &product.name, &product.category, &product.description);
    let words = Columns::from_iter(products.iter().map(|product| of(product)));
    sqlx::query!(
        "UPDATE products SET name = new.name, name_key = new.name_key, description = new.description,
             category = new.category, picture = new.picture, status = new.status, version = new.version,
             updated_at = new.at,
             words = plain::tsvector || setweight(to_tsvector('english', folded_name), 'A')
                 || setweight(to_tsvector('english', folded_category), 'B')
                 || setweight(to_tsvector('english', folded_description), 'C')
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
                     $9::timestamptz[], $10::text[], $11::text[], $12::text[], $13::text[])
             AS new (id, name, name_key, description, category, picture, status, version, at, plain, folded_name,
                     folded_category, folded_description)
         WHERE products.id = new.id",
        &ids,
        &column(|product| &product.name) as &[&str],
        &name_keys,
        &column(|product| &product.description) as &[&str],
        &column(|product| &product.category) as &[&str],
        &pictures as &[Option<&str>],
        &column(|product| product.status.as_str()) as &[&str],
        &versions,
        &times,
        &words.plain,
        &words.names,
        &words.categories,
        &words.descriptions
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes the default prices of products down as they are now. Only for who holds the products' locks; each once.
pub(crate) async fn update_prices(connection: &mut PgConnection, products: &[&Product]) -> Result<(), sqlx::Error> {
    if products.is_empty() {
        return Ok(());
    }
    let variants: Vec<Uuid> = products.iter().map(|product| product.variant_id.uuid()).collect();
    let amounts: Vec<i64> = products.iter().map(|product| product.price.amount).collect();
    let currencies: Vec<&str> = products.iter().map(|product| product.price.currency.code()).collect();
    sqlx::query!(
        "UPDATE prices SET amount = new.amount, currency = new.currency
         FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS new (variant_id, amount, currency)
         WHERE prices.variant_id = new.variant_id AND prices.is_default",
        &variants,
        &amounts,
        &currencies as &[&str]
    )
    .execute(connection)
    .await?;
    Ok(())
}
