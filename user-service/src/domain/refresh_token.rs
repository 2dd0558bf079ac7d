//! Refresh tokens: opaque, used once, each derived from the one before (RFC 9700, 4.14).

use crate::Error;
use aws_lc_rs::{digest, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use service_kit::ambient;
use time::Duration;

/// A session of which nothing was heard for so long is over.
pub(crate) const IDLE: Duration = Duration::days(30);
/// However often it was refreshed, a session ends after this.
pub(crate) const LONGEST: Duration = Duration::days(90);
/// Who comes with a token that was used this little time ago lost a race, or the answer: they get the same successor.
/// Later it is a copy in wrong hands.
pub(crate) const GRACE: Duration = Duration::seconds(30);

/// Without `Debug`: it would end up in a log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken(String);

impl RefreshToken {
    /// The first of a session: 256 unguessable bits.
    pub(crate) fn first() -> Result<Self, Error> {
        let bytes: [u8; 32] = ambient::random_bytes().map_err(|_| Error::Hashing("no randomness".to_owned()))?;
        Ok(Self::of(&bytes))
    }

    /// One as it was sent.
    pub(crate) fn given(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The one after it: whoever asks twice gets the same, and only the hashes are stored.
    pub(crate) fn successor(&self, key: &hmac::Key) -> Self {
        Self::of(hmac::sign(key, self.0.as_bytes()).as_ref())
    }

    fn of(bytes: &[u8]) -> Self {
        Self(format!("ecomrt_{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }

    pub(crate) fn hash(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::RefreshToken;
    use aws_lc_rs::hmac;

    #[test]
    fn a_successor_is_always_the_same_and_needs_the_key() {
        let key = |byte: u8| hmac::Key::new(hmac::HMAC_SHA256, &[byte; 32]);
        let first = RefreshToken::first().unwrap();
        assert!(first.successor(&key(1)) == first.successor(&key(1)));
        assert!(first.successor(&key(1)) != first.successor(&key(2)));
        assert!(first.successor(&key(1)) != RefreshToken::first().unwrap().successor(&key(1)));
        let text = first.clone().into_string();
        assert_eq!(text.len(), "ecomrt_".len() + 43);
        assert!(RefreshToken::given(&format!(" {text}\n")) == first);
    }
}
