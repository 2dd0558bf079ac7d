//! Texts that nobody can guess: 256 bits, in letters that fit into a URL.

use crate::Error;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use service_kit::ambient;

pub(crate) fn random_text() -> Result<String, Error> {
    let bytes: [u8; 32] = ambient::random_bytes().map_err(|_| Error::Hashing("no randomness".to_owned()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
