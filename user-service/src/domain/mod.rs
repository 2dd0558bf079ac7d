//! What a valid account is made of. Pure: no HTTP, no SQL.

mod email;
mod guessable;
mod link;
mod names;
mod password;
mod person;

pub use email::key_of_stored;
pub(crate) use email::{Email, canonical, known_keys, login_name};
pub(crate) use link::{LinkToken, TRIES, VALID};
pub(crate) use names::{Name, OptionalText};
pub(crate) use password::{Password, enforced, forms};
pub(crate) use person::{Own, Person};
