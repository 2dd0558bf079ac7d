//! Hashing and checking passwords: bcrypt, off the async threads, at most as many at a time as there are cores.

use crate::{Error, domain::Password};
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// So many may wait for their turn; who comes later is asked to come again.
const QUEUE: usize = 64;

#[derive(Clone)]
pub(crate) struct Passwords {
    cost: u32,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Checked when there is no account, so that both answers take as long.
    decoy: Arc<tokio::sync::OnceCell<String>>,
}

impl Passwords {
    pub(crate) fn new(cost: u32) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            cost,
            running: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(Semaphore::new(QUEUE)),
            decoy: Arc::default(),
        }
    }

    pub(crate) async fn hash(&self, password: &Password) -> Result<String, Error> {
        let (cost, prepared) = (self.cost, prepare(password.as_str()));
        self.run(move || bcrypt::non_truncating_hash(prepared, cost)).await
    }

    /// Whether `password` is the one behind `hash`. Without an account give no hash: the answer is no, as slowly.
    pub(crate) async fn check(&self, password: &str, hash: Option<String>) -> Result<bool, Error> {
        let prepared = prepare(password);
        let known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => self.decoy().await?,
        };
        let matches = self.run(move || bcrypt::non_truncating_verify(prepared, &hash)).await?;
        Ok(matches && known)
    }

    /// Whether the hash was made with another cost than new ones are.
    pub(crate) fn is_outdated(&self, hash: &str) -> bool {
        hash.parse::<bcrypt::HashParts>().is_ok_and(|parts| parts.get_cost() != self.cost)
    }

    async fn decoy(&self) -> Result<String, Error> {
        let cost = self.cost;
        let make = || self.run(move || bcrypt::non_truncating_hash("nobody's password", cost));
        self.decoy.get_or_try_init(make).await.cloned()
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, bcrypt::BcryptError> + Send + 'static,
    ) -> Result<T, Error> {
        let _place = self.waiting.try_acquire().map_err(|_| Error::Busy)?;
        let _turn = self.running.acquire().await.map_err(|_| Error::Busy)?;
        let result = tokio::task::spawn_blocking(work).await;
        let result = result.map_err(|cause| Error::Hashing(cause.to_string()))?;
        result.map_err(|cause| Error::Hashing(cause.to_string()))
    }
}

/// bcrypt reads 72 bytes. A digest first makes every byte of a long password count; as text, since bcrypt ends at a
/// zero byte.
fn prepare(password: &str) -> String {
    STANDARD_NO_PAD.encode(digest::digest(&digest::SHA384, password.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{Passwords, prepare};
    use crate::domain::Password;

    #[tokio::test]
    async fn passwords_that_differ_at_byte_73_are_different() {
        let passwords = Passwords::new(4);
        let (one, other) = (format!("{}a", "x".repeat(72)), format!("{}b", "x".repeat(72)));
        let hash = passwords.hash(&Password::parse(&one).unwrap()).await.unwrap();
        assert!(passwords.check(&one, Some(hash.clone())).await.unwrap());
        assert!(!passwords.check(&other, Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn without_an_account_no_password_is_right() {
        let passwords = Passwords::new(4);
        assert!(!passwords.check("nobody's password", None).await.unwrap());
    }

    #[test]
    fn what_bcrypt_sees_fits_into_its_72_bytes() {
        assert!(prepare(&"ü".repeat(400)).len() <= 72);
    }
}
