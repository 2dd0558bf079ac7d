//! Codes by time (RFC 6238): six digits, a new one every 30 seconds, SHA-1, as all authenticator apps read them.

use crate::Error;
use service_kit::ambient;
use totp_rs::{Builder, Secret, Totp};

/// A code of the step before and of the one after is taken too: clocks differ.
const SKEW: u16 = 1;
/// RFC 4226, 4: 160 bits.
const BYTES: usize = 20;

/// A secret shared with its owner's device. Without `Debug`: it would end up in a log.
pub(crate) struct TotpSecret([u8; BYTES]);

impl TotpSecret {
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self(ambient::random_bytes().map_err(|_| Error::Hashing("no randomness".to_owned()))?))
    }

    pub(crate) fn kept(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What is typed into an app that reads no picture.
    pub(crate) fn base32(&self) -> String {
        self.secret().to_base32()
    }

    /// What a picture for the app says (`otpauth://totp/…`).
    pub(crate) fn url(&self, issuer: &str, account: &str) -> Result<String, Error> {
        // A colon parts issuer and account in it.
        let (issuer, account) = (issuer.replace(':', " "), account.replace(':', " "));
        let totp = self.totp(Some(issuer), account)?;
        totp.to_url().map_err(|cause| Error::Hashing(cause.to_string()))
    }

    /// The step of 30 seconds whose code this is, at `now` in seconds since 1970.
    pub(crate) fn step(&self, code: &str, now: u64) -> Option<i64> {
        let digits: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        let step = self.totp(None, String::new()).ok()?.check(&digits, now)?;
        i64::try_from(step).ok()
    }

    fn secret(&self) -> Secret {
        Secret::new(Box::from(self.0))
    }

    fn totp(&self, issuer: Option<String>, account: String) -> Result<Totp, Error> {
        let builder = Builder::new().with_secret(self.secret()).with_skew(SKEW).with_issuer(issuer);
        let built = builder.with_account_name(account).build();
        built.map_err(|cause| Error::Hashing(cause.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::TotpSecret;

    /// RFC 6238, appendix B, for SHA-1; of its eight digits the last six.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = TotpSecret::kept(b"12345678901234567890").unwrap();
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(secret.step(code, time), i64::try_from(time / 30).ok(), "{time}");
            let spaced = format!("{} {}", &code[..3], &code[3..]);
            assert!(secret.step(&spaced, time).is_some());
        }
    }

    #[test]
    fn a_code_of_one_step_before_or_after_is_taken_and_tells_its_own_step() {
        let secret = TotpSecret::kept(b"12345678901234567890").unwrap();
        for (now, step) in [(59 - 30, Some(1)), (59 + 30, Some(1)), (59 + 60, None)] {
            assert_eq!(secret.step("287082", now), step, "{now}");
        }
        for wrong in ["", "28708", "2870822", "abcdef", "٢٨٧٠٨٢"] {
            assert_eq!(secret.step(wrong, 59), None, "{wrong}");
        }
    }

    #[test]
    fn what_an_app_reads_names_the_shop_and_the_account() {
        let url = TotpSecret::kept(b"12345678901234567890").unwrap().url("Shop: the best", "ada@example.com").unwrap();
        assert!(url.starts_with("otpauth://totp/") && url.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{url}");
        assert!(url.contains("ada%40example.com"), "{url}");
    }
}
