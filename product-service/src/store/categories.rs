//! Categories.

use crate::domain::{CategoryName, Slug};
use sqlx::PgConnection;

pub(crate) struct Category {
    pub(crate) slug: String,
    pub(crate) name: String,
    /// How many active products it has.
    pub(crate) products: i64,
}

/// All of them, by name: a shop has few.
pub(crate) async fn list(connection: &mut PgConnection) -> Result<Vec<Category>, sqlx::Error> {
    sqlx::query_as!(
        Category,
        r#"SELECT categories.slug, categories.name, count(products.id) AS "products!"
           FROM categories
           LEFT JOIN products ON products.category = categories.slug AND products.status = 'active'
           GROUP BY categories.slug, categories.name ORDER BY categories.name, categories.slug"#
    )
    .fetch_all(connection)
    .await
}

pub(crate) async fn put(connection: &mut PgConnection, slug: &Slug, name: &CategoryName) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO categories (slug, name) VALUES ($1, $2) ON CONFLICT (slug) DO UPDATE SET name = excluded.name",
        slug.as_str(),
        name.as_str()
    )
    .execute(connection)
    .await?;
    Ok(())
}
