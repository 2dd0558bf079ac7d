//! The ways a mail can leave.

use secrecy::SecretString;
use std::path::PathBuf;

/// How mails leave.
#[derive(Clone, Debug)]
pub enum Way {
    /// To a mail server; the URL may hold a password.
    Smtp(SecretString),
    /// Into a folder, for development: `dev_mails` shows them.
    Folder(PathBuf),
}
