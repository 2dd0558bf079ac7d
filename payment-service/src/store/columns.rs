//! A slice of rows as the arrays that a statement takes.

use uuid::Uuid;

pub(super) fn column<'r, R, T>(rows: &'r [R], of: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

pub(super) fn uuids<T: Copy>(ids: &[T]) -> Vec<Uuid>
where
    Uuid: From<T>,
{
    ids.iter().copied().map(Uuid::from).collect()
}
