//! What there is to tell, in which words, and when to try again. Pure: no HTTP, no SQL, no mail.

mod account_letters;
mod content;
mod delivery;
mod letter;
mod letter_parts;
mod notice;
mod recipient;
mod withdrawal_letter;

pub(crate) use content::Content;
pub(crate) use delivery::{Setback, Verdict};
pub(crate) use letter::Known;
pub(crate) use letter_parts::Letter;
pub(crate) use notice::Notice;
pub(crate) use recipient::{Recipient, in_ascii};
