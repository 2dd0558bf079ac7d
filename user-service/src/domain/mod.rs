//! What a valid account is made of. Pure: no HTTP, no SQL.

mod email;
mod guessable;
mod link_token;
mod names;
mod password;

pub use email::key_of_stored;
pub(crate) use email::{Email, canonical, known_keys, login_name};
pub(crate) use link_token::LinkToken;
pub(crate) use names::{Name, OptionalText};
pub(crate) use password::{Password, enforced, forms};
