//! Hashing and checking passwords: bcrypt, off the async threads, at most as many at a time as there are cores.

use crate::{Error, domain::Password};
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many per core may be in work or wait; who comes later is asked to come again. At cost 12 (a quarter of a second)
/// the last one waits about six seconds, less than a request may take.
const QUEUE_PER_CORE: usize = 24;

#[derive(Clone)]
pub(crate) struct Passwords {
    cost: u32,
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    /// Checked when there is no account, so that both answers take as long.
    decoy: Arc<str>,
    #[cfg(test)]
    runs: Arc<std::sync::atomic::AtomicUsize>,
}

/// A place in the queue. Take it before anything that costs: a flood of logins then reaches nothing else.
pub(crate) struct Place(OwnedSemaphorePermit);

impl Passwords {
    pub(crate) fn new(cost: u32) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            cost,
            places: Arc::new(Semaphore::new(cores * QUEUE_PER_CORE)),
            turns: Arc::new(Semaphore::new(cores)),
            // A salt and a digest of zero bits: as much work to check as any.
            decoy: format!("$2b${cost:02}${}", ".".repeat(53)).into(),
            #[cfg(test)]
            runs: Arc::default(),
        }
    }

    /// # Errors
    /// The queue is full.
    pub(crate) fn place(&self) -> Result<Place, Error> {
        Arc::clone(&self.places).try_acquire_owned().map(Place).map_err(|_| Error::Busy)
    }

    pub(crate) async fn hash(&self, place: Place, password: &Password) -> Result<String, Error> {
        self.hash_again(place, password.as_str()).await
    }

    /// A new hash of a password that was accepted before, perhaps under other rules.
    pub(crate) async fn hash_again(&self, place: Place, password: &str) -> Result<String, Error> {
        let (cost, prepared) = (self.cost, prepare(password));
        self.run(place, move || bcrypt::non_truncating_hash(prepared, cost)).await
    }

    /// Whether `password` is the one behind `hash`. Without an account give no hash: the answer is no, as slowly.
    pub(crate) async fn check(&self, place: Place, password: &str, hash: Option<&str>) -> Result<bool, Error> {
        let (known, prepared) = (hash.is_some(), prepare(password));
        let hash = hash.unwrap_or(&self.decoy).to_owned();
        let matches = self.run(place, move || bcrypt::non_truncating_verify(prepared, &hash)).await?;
        Ok(matches && known)
    }

    /// Whether the hash was made with another cost than new ones are.
    pub(crate) fn is_outdated(&self, hash: &str) -> bool {
        hash.parse::<bcrypt::HashParts>().is_ok_and(|parts| parts.get_cost() != self.cost)
    }

    async fn run<T: Send + 'static>(
        &self,
        place: Place,
        work: impl FnOnce() -> Result<T, bcrypt::BcryptError> + Send + 'static,
    ) -> Result<T, Error> {
        #[cfg(test)]
        self.runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| Error::Busy)?;
        let work = move || {
            // Held by the work itself: a caller who hangs up must not make room while the core is still busy.
            let _held = (place.0, turn);
            work()
        };
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
    use crate::{Error, domain::Password};
    use std::sync::{atomic::Ordering, mpsc};

    async fn hash(passwords: &Passwords, text: &str) -> String {
        passwords.hash(passwords.place().unwrap(), &Password::parse(text, &[]).unwrap()).await.unwrap()
    }

    async fn check(passwords: &Passwords, text: &str, hash: Option<&str>) -> bool {
        passwords.check(passwords.place().unwrap(), text, hash).await.unwrap()
    }

    #[tokio::test]
    async fn passwords_that_differ_at_byte_73_are_different() {
        let passwords = Passwords::new(4);
        let long = "a long pass phrase ".repeat(10);
        let (one, other) = (format!("{}a", &long[..72]), format!("{}b", &long[..72]));
        let hash = hash(&passwords, &one).await;
        assert!(check(&passwords, &one, Some(&hash)).await);
        assert!(!check(&passwords, &other, Some(&hash)).await);
    }

    #[tokio::test]
    async fn without_an_account_no_password_is_right_and_as_much_is_hashed() {
        let passwords = Passwords::new(4);
        let hash = hash(&passwords, "correct horse").await;
        let runs = || passwords.runs.swap(0, Ordering::Relaxed);
        runs();
        assert!(!check(&passwords, "wrong horse", Some(&hash)).await);
        assert_eq!(runs(), 1);
        assert!(!check(&passwords, "wrong horse", None).await);
        assert_eq!(runs(), 1);
        // The decoy is a real hash of the same cost: checking it is not cut short.
        assert!(!passwords.is_outdated(&passwords.decoy));
        assert_eq!(passwords.decoy.parse::<bcrypt::HashParts>().unwrap().get_cost(), 4);
    }

    #[test]
    fn what_bcrypt_sees_fits_into_its_72_bytes() {
        assert!(prepare(&"ü".repeat(400)).len() <= 72);
    }

    #[tokio::test]
    async fn beyond_the_queue_is_busy() {
        let passwords = Passwords::new(4);
        let places: Vec<_> = std::iter::from_fn(|| passwords.place().ok()).collect();
        assert!(places.len() >= 24);
        assert!(matches!(passwords.place(), Err(Error::Busy)));
        drop(places);
        assert!(passwords.place().is_ok());
    }

    #[tokio::test]
    async fn who_hangs_up_makes_no_room_while_the_core_is_busy() {
        let passwords = Passwords::new(4);
        let (places, turns) = (passwords.places.available_permits(), passwords.turns.available_permits());
        let ((begun, has_begun), (go_on, may_go_on)) = (mpsc::channel(), mpsc::channel::<()>());
        let work = move || {
            begun.send(()).unwrap();
            may_go_on.recv().unwrap();
            Ok(())
        };
        let worker = passwords.clone();
        let caller = tokio::spawn(async move { worker.run(worker.place().unwrap(), work).await });
        tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        assert_eq!(passwords.turns.available_permits(), turns - 1);
        assert_eq!(passwords.places.available_permits(), places - 1);
        go_on.send(()).unwrap();
        let _turns = passwords.turns.acquire_many(u32::try_from(turns).unwrap()).await.unwrap();
    }
}
