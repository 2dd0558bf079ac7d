//! What happens to orders in the caller's transaction, whoever asks: load → decide → save, for many at once.

pub(crate) mod cancel;
pub(crate) mod carts;
pub(crate) mod count_guest;
pub(crate) mod expire;
pub(crate) mod fulfil;
pub(crate) mod intend;
pub(crate) mod note;
pub(crate) mod pay;
pub(crate) mod place;
pub(crate) mod refund;
mod slice;
pub(crate) mod underway;
pub(crate) mod withdraw;
