//! The ways a mail can leave.

use lettre::{AsyncSmtpTransport, Tokio1Executor};
use secrecy::SecretString;
use std::path::PathBuf;

pub(super) type Smtp = AsyncSmtpTransport<Tokio1Executor>;

/// How mails leave.
#[derive(Clone, Debug)]
pub enum Way {
    /// To a mail server; the URL may hold a password.
    Smtp(SecretString),
    /// Into a folder, for development: `dev_mails` shows them.
    Folder(PathBuf),
}

/// Whether mails can be sent by it.
pub(crate) fn is_smtp_url(url: &str) -> bool {
    (url.starts_with("smtp://") || url.starts_with("smtps://")) && Smtp::from_url(url).is_ok()
}
