//! Guests: what their browser proves itself with, and as whom they are counted.

use super::Email;
use aws_lc_rs::{digest, hmac};
use contracts::{AccountId, CartId};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// So long after it was last used the secret works.
pub(crate) const GUEST_VALID: Duration = Duration::days(30);

/// Somebody who orders without an account.
#[derive(Clone)]
pub(crate) struct Guest {
    pub(crate) id: AccountId,
    pub(crate) email: String,
    pub(crate) email_key: String,
    pub(crate) cart_id: CartId,
    pub(crate) expires_at: OffsetDateTime,
    /// The account they have joined.
    pub(crate) account_id: Option<AccountId>,
}

/// What a guest's browser keeps, and whoever comes with it is that guest. Without `Debug`: it would end up in a log.
#[derive(Clone)]
pub(crate) struct GuestSecret(String);

impl GuestSecret {
    /// Chosen by whoever makes the guest, so that the same request twice makes one.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let is_fit = (43..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        is_fit.then(|| Self(text.to_owned())).ok_or(
            "must hold 43 to 128 letters, digits, `-` and `_` that nobody can guess: 256 random bits in base64url",
        )
    }

    /// One as it was sent.
    pub(crate) fn given(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    pub(crate) fn hash(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref().to_vec()
    }
}

/// As whom a guest counts: all of one mailbox together, and all who come from one place. Names that only who has the key can
/// make, and that tell nobody of whom they are.
pub(crate) fn counted_as(key: &hmac::Key, email: &str, client: Option<&str>) -> Vec<Uuid> {
    let mailbox = Email::parse(email).map_or_else(|_| email.to_owned(), |email| email.mailbox());
    let name = |kind: &str, text: &str| {
        let tag = hmac::sign(key, format!("guest's {kind}\0{text}").as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&tag.as_ref()[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    };
    std::iter::once(name("mailbox", &mailbox)).chain(client.map(|client| name("client", client))).collect()
}

#[cfg(test)]
mod tests {
    use super::{GuestSecret, counted_as};
    use aws_lc_rs::hmac;

    #[test]
    fn guests_of_one_mailbox_or_one_client_have_a_name_in_common_that_others_cannot_make() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[1; 32]);
        let of = |email: &str, client: &str| counted_as(&key, email, Some(client));
        let (one, tagged) = (of("ada@example.com", "192.0.2.1"), of("Ada+2@example.com", "192.0.2.2"));
        assert_eq!(one[0], tagged[0]);
        assert_ne!(one[1], tagged[1]);
        assert_eq!(one[1], of("grace@example.com", "192.0.2.1")[1]);
        assert_ne!(one[0], of("grace@example.com", "192.0.2.1")[0]);
        // An address that looks like a client's is none.
        assert_ne!(of("a@b.example", "c")[1], of("c", "d")[0]);
        let other = hmac::Key::new(hmac::HMAC_SHA256, &[2; 32]);
        assert_ne!(counted_as(&other, "ada@example.com", None), one[..1]);
    }

    #[test]
    fn a_secret_is_long_enough_that_nobody_guesses_it() {
        for good in ["a".repeat(43), "A-_9".repeat(32)] {
            assert!(GuestSecret::parse(&good).is_ok());
        }
        for bad in [String::new(), "a".repeat(42), "a".repeat(129), "a b".repeat(20), "\u{e4}".repeat(43)] {
            assert!(GuestSecret::parse(&bad).is_err(), "{bad}");
        }
    }
}
