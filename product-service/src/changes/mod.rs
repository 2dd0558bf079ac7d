//! What happens in the caller's transaction, whoever asks: load, decide, save, for many at once.

pub(crate) mod adjust_stock;
pub(crate) mod announce_stock;
pub(crate) mod change_product;
pub(crate) mod create_product;
pub(crate) mod expire;
pub(crate) mod follow;
pub(crate) mod reserve;
