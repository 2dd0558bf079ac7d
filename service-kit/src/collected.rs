//! What a transaction collects until its commit: rows of each kind.

use futures_util::future::BoxFuture;
use sqlx::PgConnection;
use std::any::Any;

/// A row that is only ever added, and that nobody reads before the commit: all of one kind are written by one statement.
pub trait AtCommit: Sized + Send + 'static {
    /// Writes `rows` in their order, by one statement.
    ///
    /// # Errors
    /// The database refuses; then the commit fails with it, and nothing of the transaction is stored.
    fn write(rows: Vec<Self>, connection: &mut PgConnection) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}

/// The rows of one kind that a transaction has collected.
pub(crate) trait Collected: Any + Send {
    fn write<'t>(self: Box<Self>, connection: &'t mut PgConnection) -> BoxFuture<'t, Result<(), sqlx::Error>>;
}

pub(crate) struct Rows<R>(pub(crate) Vec<R>);

impl<R: AtCommit> Collected for Rows<R> {
    fn write<'t>(self: Box<Self>, connection: &'t mut PgConnection) -> BoxFuture<'t, Result<(), sqlx::Error>> {
        Box::pin(R::write(self.0, connection))
    }
}
