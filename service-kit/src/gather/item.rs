//! What is gathered, and the work on it.

use crate::{metrics::Gathering, spans::Spans};
use futures_util::future::BoxFuture;
use uuid::Uuid;

/// What is gathered.
pub trait Item: Clone + Send + Sync + 'static {
    /// Whose it is: nobody fills a batch alone.
    fn owner(&self) -> Uuid;
    /// About how many rows it writes: a batch ends by them, too.
    fn rows(&self) -> usize;
}

/// The work on a batch: it answers each item, in their order, and only with what is committed. `C` is what it shares, the
/// service's `App`.
pub type Work<C, T, R, E> = for<'w> fn(&'w C, Vec<T>) -> BoxFuture<'w, Vec<Result<R, E>>>;

/// What a door's batches are told by.
pub(super) struct Door {
    pub(super) name: &'static str,
    pub(super) spans: Spans,
    pub(super) metrics: Gathering,
}
