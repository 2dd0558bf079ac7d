//! From a letter to a mail: its words as text and HTML, its headers, and the way it leaves.

mod composer;
pub(crate) mod folder;
mod post;
mod way;

pub(crate) use composer::Composer;
pub(crate) use post::{CONNECTIONS, Post};
pub use way::Way;
pub(crate) use way::is_smtp_url;
