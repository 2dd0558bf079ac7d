//! The only place with SQL. Slices in, slices out.

pub(crate) mod catalogue;
pub(crate) mod categories;
pub(crate) mod movements;
pub(crate) mod pictures;
pub(crate) mod product_list;
pub(crate) mod products;
pub(crate) mod reservations;
pub(crate) mod seeding;
mod statement;
pub(crate) mod stock;
pub(crate) mod stock_announcements;
pub(crate) mod stock_outs;
pub(crate) mod words;

/// This service's tables.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
