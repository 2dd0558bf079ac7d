//! The only place with SQL.

pub(crate) mod catalogue;
pub(crate) mod categories;
pub(crate) mod pictures;
pub(crate) mod products;
pub(crate) mod reservations;
pub(crate) mod seeding;
pub(crate) mod stock;
pub(crate) mod stock_announcements;
pub(crate) mod transition;
pub(crate) mod unlocked;

/// The constraint an insert ran into; none for other errors.
fn constraint(cause: &sqlx::Error) -> Option<&str> {
    cause.as_database_error().and_then(sqlx::error::DatabaseError::constraint)
}
