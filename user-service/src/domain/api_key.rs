//! API keys: what a machine shows to say who it is.

use crate::Error;
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use service_kit::{ambient, auth::API_KEY};
use time::Duration;

/// The key before a rotation works this much longer.
pub(crate) const OVERLAP: Duration = Duration::hours(24);
/// So many characters of a key are no secret.
const SHOWN: usize = API_KEY.len() + 6;

/// Without `Debug`: it would end up in a log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ApiKey(String);

impl ApiKey {
    /// A new one: 256 unguessable bits behind what all begin with.
    pub(crate) fn new() -> Result<Self, Error> {
        let bytes: [u8; 32] = ambient::random_bytes().map_err(|_| Error::Hashing("no randomness".to_owned()))?;
        Ok(Self(format!("{API_KEY}{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// One as it was sent.
    pub(crate) fn given(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// What is kept of it to know it again by.
    pub(crate) fn prefix(&self) -> String {
        self.0.chars().take(SHOWN).collect()
    }

    pub(crate) fn hash(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref().to_vec()
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::ApiKey;

    #[test]
    fn a_key_is_known_by_its_beginning_which_gives_nothing_away() {
        let (one, other) = (ApiKey::new().unwrap(), ApiKey::new().unwrap());
        assert!(one != other && one.hash() != other.hash());
        assert!(one.prefix().starts_with("ecomkey_") && one.prefix().len() == 14);
        let text = one.clone().into_string();
        assert_eq!(text.len(), "ecomkey_".len() + 43);
        assert!(ApiKey::given(&format!("{text}\n")) == one);
    }
}
