//! The signature of a link to somebody's data: an HMAC over which export it is and until when the link works.

use aws_lc_rs::{constant_time, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::ExportId;

pub(crate) struct ExportSignature(String);

impl ExportSignature {
    pub(crate) fn of(key: &hmac::Key, id: ExportId, expires: i64) -> Self {
        // No other text under this key begins so: links' tokens are made of an id alone.
        let signed = [b"export", id.uuid().as_bytes().as_slice(), &expires.to_be_bytes()].concat();
        Self(URL_SAFE_NO_PAD.encode(hmac::sign(key, &signed)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// In a time that tells nothing of where they differ.
    pub(crate) fn is(&self, given: &str) -> bool {
        constant_time::verify_slices_are_equal(self.0.as_bytes(), given.as_bytes()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::ExportSignature;
    use aws_lc_rs::hmac;
    use uuid::Uuid;

    #[test]
    fn it_is_good_for_one_export_and_one_time_alone() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let (one, other) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        let signature = ExportSignature::of(&key, one, 1000);
        assert!(signature.is(ExportSignature::of(&key, one, 1000).as_str()));
        for wrong in [(other, 1000), (one, 1001)].map(|(id, expires)| ExportSignature::of(&key, id, expires)) {
            assert!(!signature.is(wrong.as_str()));
        }
        assert!(!signature.is("") && !signature.is(&signature.as_str()[1..]));
    }
}
