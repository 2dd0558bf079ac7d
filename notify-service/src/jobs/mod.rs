//! Timed work, and the sending of mails, which goes on as long as there are any.

pub(crate) mod attempt;
pub(crate) mod claim_mails;
pub(crate) mod mark;
pub(crate) mod send_mails;
