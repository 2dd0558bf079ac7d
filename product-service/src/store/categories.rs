//! Categories.

use crate::domain::{CategoryName, Slug};
use sqlx::PgConnection;
use std::collections::BTreeSet;

pub(crate) struct Category {
    pub(crate) slug: String,
    pub(crate) name: String,
    /// How many active products it has: the database counts along.
    pub(crate) products: i64,
}

/// All of them, by name: a shop has few.
pub(crate) async fn list(connection: &mut PgConnection) -> Result<Vec<Category>, sqlx::Error> {
    sqlx::query_as!(Category, "SELECT slug, name, products FROM categories ORDER BY name, slug")
        .fetch_all(connection)
        .await
}

/// Which of these there are. None ever goes away.
pub(crate) async fn known(
    connection: &mut PgConnection,
    slugs: impl Iterator<Item = &Slug>,
) -> Result<BTreeSet<String>, sqlx::Error> {
    let slugs: Vec<&str> = slugs.map(Slug::as_str).collect();
    if slugs.is_empty() {
        return Ok(BTreeSet::new());
    }
    let known = sqlx::query_scalar!("SELECT slug FROM categories WHERE slug = ANY ($1)", &slugs as &[&str]);
    Ok(known.fetch_all(connection).await?.into_iter().collect())
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

/// Makes those that are new, each once; the others keep their names.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    categories: &[(&Slug, &CategoryName)],
) -> Result<(), sqlx::Error> {
    let slugs: Vec<&str> = categories.iter().map(|(slug, _name)| slug.as_str()).collect();
    let names: Vec<&str> = categories.iter().map(|(_slug, name)| name.as_str()).collect();
    sqlx::query!(
        "INSERT INTO categories (slug, name)
         SELECT DISTINCT ON (slug) slug, name FROM unnest($1::text[], $2::text[]) AS category (slug, name)
         ORDER BY slug ON CONFLICT (slug) DO NOTHING",
        &slugs as &[&str],
        &names as &[&str]
    )
    .execute(connection)
    .await?;
    Ok(())
}
