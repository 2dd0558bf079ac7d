//! The link in a mail: how long it works, how often, and its one-time token.

use aws_lc_rs::{digest, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use time::Duration;
use uuid::Uuid;

/// So long a registration waits for the owner of the address, and its mailed link works.
pub(crate) const VALID: Duration = Duration::hours(24);

/// So many passwords may be tried with one link.
pub(crate) const TRIES: i32 = 5;

/// An HMAC of the event that asked for the mail, or of the request it is about, so that asking again gives the same link.
/// Only its hash is stored.
pub(crate) struct LinkToken(String);

impl LinkToken {
    pub(crate) fn derive(key: &hmac::Key, id: impl Into<Uuid>) -> Self {
        Self(URL_SAFE_NO_PAD.encode(hmac::sign(key, id.into().as_bytes())))
    }

    /// A token as a person sent it.
    pub(crate) fn given(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref().to_vec()
    }
}
