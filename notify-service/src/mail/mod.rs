//! From a letter to a mail: its words as text and HTML, its headers, and the way it leaves.

mod composer;
pub(crate) mod folder;
mod post;
mod smtp;
mod trouble;
mod way;

pub(crate) use composer::Composer;
pub(crate) use post::{CONNECTIONS, Post};
pub(crate) use smtp::is_smtp_url;
pub use way::Way;
