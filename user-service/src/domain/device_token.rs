//! What a device shows that its owner logged in on before: strangers' wrong passwords do not slow it down.

use crate::Error;
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use service_kit::ambient;

const NONCE: usize = 16;
/// Of an HMAC-SHA-256, half.
const MAC: usize = 16;

/// A number of the device's own, and that we gave it out for one login name (an HMAC). Nothing is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeviceToken(String);

impl DeviceToken {
    pub(crate) fn new(key: &hmac::Key, name: &str) -> Result<Self, Error> {
        let nonce: [u8; NONCE] = ambient::random_bytes().map_err(|_| Error::Hashing("no randomness".to_owned()))?;
        Ok(Self::of(key, name, &nonce))
    }

    /// One that was given out for this name; none for any other text.
    pub(crate) fn given(key: &hmac::Key, name: &str, text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).ok()?;
        let (nonce, _mac) = bytes.split_first_chunk::<NONCE>()?;
        let expected = Self::of(key, name, nonce);
        let same = aws_lc_rs::constant_time::verify_slices_are_equal(expected.0.as_bytes(), text.trim().as_bytes());
        same.is_ok().then_some(expected)
    }

    fn of(key: &hmac::Key, name: &str, nonce: &[u8]) -> Self {
        let mac = hmac::sign(key, &[b"device ", nonce, name.as_bytes()].concat());
        Self(URL_SAFE_NO_PAD.encode([nonce, &mac.as_ref()[..MAC]].concat()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::DeviceToken;
    use aws_lc_rs::hmac;

    #[test]
    fn a_device_is_known_under_the_name_it_was_given_out_for_alone() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let token = DeviceToken::new(&key, "ada@example.com").unwrap();
        assert_eq!(DeviceToken::given(&key, "ada@example.com", token.as_str()), Some(token.clone()));
        assert_eq!(DeviceToken::given(&key, "grace@example.com", token.as_str()), None);
        let other = hmac::Key::new(hmac::HMAC_SHA256, &[8; 32]);
        assert_eq!(DeviceToken::given(&other, "ada@example.com", token.as_str()), None);
        for text in ["", "x", &token.as_str()[1..], "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(DeviceToken::given(&key, "ada@example.com", text), None, "{text}");
        }
        assert_ne!(token, DeviceToken::new(&key, "ada@example.com").unwrap());
    }
}
