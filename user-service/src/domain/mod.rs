//! What a valid account is made of. Pure: no HTTP, no SQL.

mod email;
mod guessable;
mod link_token;
mod names;
mod password;

pub(crate) use email::Email;
pub(crate) use link_token::LinkToken;
pub(crate) use names::{Name, OptionalText};
pub(crate) use password::Password;
