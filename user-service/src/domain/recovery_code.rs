//! Codes for who has lost their device: ten, each works once.

use crate::Error;
use aws_lc_rs::hmac;
use service_kit::ambient;

/// So many are given out.
pub(crate) const HOW_MANY: usize = 10;
/// Without letters that are taken for digits (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LETTERS: usize = 12;

/// A new one, 60 unguessable bits: `k3jd-9x2m-8qrt`.
pub(crate) fn new() -> Result<String, Error> {
    let bytes: [u8; LETTERS] = ambient::random_bytes().map_err(|_| Error::Hashing("no randomness".to_owned()))?;
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    Ok(letters.chunks(4).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// What is kept of one, however it is typed: who has the database alone cannot search for it.
pub(crate) fn mac(key: &hmac::Key, code: &str) -> Vec<u8> {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| match letter.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            letter => letter,
        })
        .collect();
    hmac::sign(key, format!("recovery code {plain}").as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::{mac, new};
    use aws_lc_rs::hmac;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let code = new().unwrap();
        assert_eq!(code.len(), 14);
        assert_eq!(mac(&key, &code), mac(&key, &format!(" {} ", code.to_uppercase().replace('-', " "))));
        assert_eq!(mac(&key, "k3jd-90l1-8qrt"), mac(&key, "K3JD 9Oi1 8QRT"));
        assert_ne!(mac(&key, &code), mac(&key, &new().unwrap()));
        assert_ne!(mac(&key, &code), mac(&hmac::Key::new(hmac::HMAC_SHA256, &[8; 32]), &code));
    }
}
