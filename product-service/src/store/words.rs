//! What products are found by, where it is still to be made.

use crate::domain::Words;
use sqlx::PgConnection;
use uuid::Uuid;

/// Words of many, as a statement takes them.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) plain: Vec<String>,
    pub(super) names: Vec<String>,
    pub(super) categories: Vec<String>,
    pub(super) descriptions: Vec<String>,
}

impl FromIterator<Words> for Columns {
    fn from_iter<I: IntoIterator<Item = Words>>(many: I) -> Self {
        let mut columns = Self::default();
        for Words { plain, name, category, description } in many {
            columns.plain.push(plain);
            columns.names.push(name);
            columns.categories.push(category);
            columns.descriptions.push(description);
        }
        columns
    }
}

/// A product that has none.
pub(crate) struct Wordless {
    pub(crate) id: Uuid,
    sku: String,
    name: String,
    category: String,
    description: String,
}

impl Wordless {
    pub(crate) fn words(&self) -> Words {
        Words::of(&self.sku, &self.name, &self.category, &self.description)
    }
}

/// Up to `limit` products without words, locked; those that somebody changes just now are left to them or for later.
pub(crate) async fn lock_without(connection: &mut PgConnection, limit: i64) -> Result<Vec<Wordless>, sqlx::Error> {
    sqlx::query_as!(
        Wordless,
        "SELECT products.id, variants.sku, products.name, products.category, products.description
         FROM products JOIN variants ON variants.product_id = products.id AND variants.is_default
         WHERE products.words IS NULL ORDER BY products.id DESC LIMIT $1 FOR NO KEY UPDATE OF products SKIP LOCKED",
        limit
    )
    .fetch_all(connection)
    .await
}

/// Only for who holds the products' locks.
pub(crate) async fn store(connection: &mut PgConnection, made: Vec<(Uuid, Words)>) -> Result<(), sqlx::Error> {
    let (ids, words): (Vec<Uuid>, Vec<Words>) = made.into_iter().unzip();
    let words = Columns::from_iter(words);
    sqlx::query!(
        "UPDATE products
         SET words = plain::tsvector || setweight(to_tsvector('english', folded_name), 'A')
             || setweight(to_tsvector('english', folded_category), 'B')
             || setweight(to_tsvector('english', folded_description), 'C')
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
             AS new (id, plain, folded_name, folded_category, folded_description)
         WHERE products.id = new.id",
        &ids,
        &words.plain,
        &words.names,
        &words.categories,
        &words.descriptions
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether any has none.
pub(crate) async fn is_any_without(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM products WHERE words IS NULL) AS "any!""#)
        .fetch_one(connection)
        .await
}

/// How many have none; counted up to 100,000.
pub(crate) async fn without(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (SELECT FROM products WHERE words IS NULL LIMIT 100000) AS wordless"#
    )
    .fetch_one(connection)
    .await
}
