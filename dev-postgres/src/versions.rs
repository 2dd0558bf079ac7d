//! Which major versions we take.

/// The versions our SQL runs on.
pub(crate) const OLDEST: u32 = 15;
/// See [`OLDEST`].
pub(crate) const NEWEST: u32 = 18;
