//! Secrets at rest: what a service keeps in its database to sign or to derive by is sealed under a key that the operator
//! gives and the database never sees (AES-256-GCM, NIST SP 800-38D). A copy of the database alone signs nothing.

use crate::{ConfigError, Env, Environment, KitError, ambient};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{fmt, sync::Arc};

/// What a sealed secret begins with. None of what was kept before begins so.
const SEALED: &[u8] = b"ecom-sealed-1\0";

/// Seals and opens secrets. Without a key, in development, they are kept as they are.
#[derive(Clone, Default)]
pub struct Vault(Option<Arc<LessSafeKey>>);

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Vault(sealed)" } else { "Vault(open)" })
    }
}

impl Vault {
    /// Its variable.
    pub const VARIABLE: &'static str = "SECRETS_KEY";
    const EXPECTED: &'static str = "32 bytes in base64, such as `openssl rand -base64 32` makes";

    /// # Errors
    /// The key is not 32 bytes; or it is missing in production.
    pub fn read(env: &Env, environment: Environment) -> Result<Self, ConfigError> {
        let Some(text) = env.text(Self::VARIABLE)? else {
            if environment == Environment::Production {
                let (name, expected) = (Self::VARIABLE.to_owned(), Self::EXPECTED.to_owned());
                return Err(ConfigError::Missing { name, expected });
            }
            return Ok(Self::default());
        };
        let bytes = STANDARD.decode(text.trim()).ok().filter(|bytes| bytes.len() == 32);
        let key = bytes.and_then(|bytes| UnboundKey::new(&AES_256_GCM, &bytes).ok());
        let key = key.ok_or_else(|| ConfigError::Invalid {
            name: Self::VARIABLE.to_owned(),
            // Not what was given: it may be nearly right.
            value: "…".to_owned(),
            expected: Self::EXPECTED.to_owned(),
        })?;
        Ok(Self(Some(Arc::new(LessSafeKey::new(key)))))
    }

    /// Whether secrets are sealed.
    #[must_use]
    pub fn seals(&self) -> bool {
        self.0.is_some()
    }

    /// Seals a secret. It opens under the same name alone: none can be put in another's place.
    ///
    /// # Errors
    /// There is no randomness.
    pub fn seal(&self, name: &str, secret: &[u8]) -> Result<Vec<u8>, KitError> {
        let Some(key) = &self.0 else { return Ok(secret.to_vec()) };
        let nonce: [u8; NONCE_LEN] = ambient::random_bytes().map_err(|_| KitError::Key("no randomness".to_owned()))?;
        let mut sealed = secret.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(name.as_bytes()), &mut sealed)
            .map_err(|_| KitError::Key(format!("{name} could not be sealed")))?;
        Ok([SEALED, &nonce, &sealed].concat())
    }

    /// Opens what was sealed; what was kept before there was a key is given as it is.
    ///
    /// # Errors
    /// It was sealed under another key, or another name, or there is no key.
    pub fn open(&self, name: &str, kept: &[u8]) -> Result<Vec<u8>, KitError> {
        let Some(sealed) = kept.strip_prefix(SEALED) else { return Ok(kept.to_vec()) };
        let wrong = |why: &str| KitError::Key(format!("{name} is sealed, and {why} (set {})", Self::VARIABLE));
        let key = self.0.as_ref().ok_or_else(|| wrong("there is no key"))?;
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(|| wrong("cut short"))?;
        let mut opened = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = key
            .open_in_place(nonce, Aad::from(name.as_bytes()), &mut opened)
            .map_err(|_| wrong("under another key than this one"))?
            .len();
        opened.truncate(length);
        Ok(opened)
    }

    /// Whether it is kept as it should be: sealed where there is a key.
    #[must_use]
    pub fn is_kept_well(&self, kept: &[u8]) -> bool {
        !self.seals() || kept.starts_with(SEALED)
    }
}

#[cfg(test)]
mod tests {
    use super::Vault;
    use crate::{Env, Environment};

    fn vault(byte: u8) -> Vault {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let env = Env::of([(Vault::VARIABLE, STANDARD.encode([byte; 32]))]);
        Vault::read(&env, Environment::Production).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_under_its_key_and_its_name_alone() {
        let sealed = vault(1).seal("signing key", b"secret").unwrap();
        assert!(!sealed.windows(6).any(|bytes| bytes == b"secret"));
        assert_ne!(sealed, vault(1).seal("signing key", b"secret").unwrap());
        assert_eq!(vault(1).open("signing key", &sealed).unwrap(), b"secret");
        for (vault, name) in [(vault(2), "signing key"), (vault(1), "link key"), (Vault::default(), "signing key")] {
            let refused = vault.open(name, &sealed).unwrap_err().to_string();
            assert!(refused.contains("SECRETS_KEY"), "{refused}");
        }
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(vault(1).open("signing key", &changed).is_err());
        assert!(vault(1).open("signing key", &sealed[..sealed.len() - 20]).is_err());
    }

    #[test]
    fn what_was_kept_before_is_given_as_it_is_and_is_to_be_sealed() {
        assert_eq!(vault(1).open("signing key", b"secret").unwrap(), b"secret");
        assert!(!vault(1).is_kept_well(b"secret"));
        assert!(vault(1).is_kept_well(&vault(1).seal("signing key", b"secret").unwrap()));
        let open = Vault::default();
        assert_eq!(open.seal("signing key", b"secret").unwrap(), b"secret");
        assert!(open.is_kept_well(b"secret"));
    }

    #[test]
    fn production_wants_a_key_of_32_bytes() {
        let read = |environment, value: &str| Vault::read(&Env::of([(Vault::VARIABLE, value)]), environment);
        let missing = read(Environment::Production, "").unwrap_err().to_string();
        assert!(missing.contains("SECRETS_KEY"), "{missing}");
        let short = read(Environment::Development, "c2hvcnQ=").unwrap_err().to_string();
        assert!(short.contains("32 bytes") && !short.contains("c2hvcnQ"), "{short}");
        assert!(!read(Environment::Development, "").unwrap().seals());
    }
}
