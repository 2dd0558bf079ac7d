//! From a letter to a mail: its words as text and HTML, its headers, and the way it leaves.

mod composer;
pub(crate) mod folder;
mod post;

pub(crate) use composer::Composer;
pub(crate) use post::{CONNECTIONS, Post, is_smtp_url};
