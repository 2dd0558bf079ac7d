//! What pages say, in the reader's language: messages are in `locales/`, amounts, numbers and dates are printed for the
//! reader's locale. What a page says is asked for where it is said: `t!("cart-title")` in a template as in Rust.

/// A message in the reader's language, with its arguments: `t!("cart-left", count = 3)`.
macro_rules! t {
    ($key:literal $(,)?) => { $crate::words::said($key, &[]) };
    ($key:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::words::said($key, &[$((stringify!($name), $crate::words::Argument::of(&$value))),+])
    };
}

mod asked_for;
mod choose;
mod formats;
mod known;
mod locales;
mod messages;
mod reader;
#[cfg(test)]
mod tests;

pub(crate) use asked_for::asked_for;
pub(crate) use choose::choose;
pub(crate) use formats::{day, marks, moment, money, number, span};
pub(crate) use known::{ADDRESS_NOT_KEPT, ADDRESS_UNCLEAR, of_code, of_field, too_much_of};
pub use locales::Language;
pub(crate) use messages::{Argument, said};
#[cfg(test)]
pub(crate) use reader::within_now;
pub(crate) use reader::{Reader, Sentence, mark_of_english, reader, within};
