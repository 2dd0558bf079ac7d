//! Hashing and checking passwords: bcrypt, on threads of its own, at most as many at a time as there are cores.

mod hashers;
mod places;

pub(crate) use places::Place;

use crate::{
    Error,
    domain::{Password, enforced, forms},
};
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use hashers::Hashers;
use places::Places;
use service_kit::client_address::ClientGroup;
use std::sync::Arc;
use tokio::sync::oneshot;

/// So many per core may be in work or wait; who comes later is asked to come again. At cost 12 a wrong password takes half
/// a second, two hashes: the last one waits about six seconds, less than a request may take.
const QUEUE_PER_CORE: usize = 12;

#[derive(Clone)]
pub(crate) struct Passwords {
    cost: u32,
    places: Places,
    hashers: Hashers,
    /// Checked when there is no account, so that both answers take as long.
    decoy: Arc<str>,
    #[cfg(test)]
    runs: Arc<std::sync::atomic::AtomicUsize>,
}

/// Behind which hash a password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) which: usize,
    /// That hash was made before passwords were enforced; it should be made anew.
    pub(crate) as_typed: bool,
}

impl Passwords {
    pub(crate) fn new(cost: u32) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            cost,
            places: Places::new(cores * QUEUE_PER_CORE),
            hashers: Hashers::start(cores),
            // A salt and a digest of zero bits: as much work to check as any.
            decoy: format!("$2b${cost:02}${}", ".".repeat(53)).into(),
            #[cfg(test)]
            runs: Arc::default(),
        }
    }

    /// A place in the queue. Take it before anything that costs: a flood of logins then reaches nothing else.
    ///
    /// # Errors
    /// The queue is full, or the client holds its share of it.
    pub(crate) fn place(&self, client: Option<ClientGroup>) -> Result<Place, Error> {
        self.places.take(client)
    }

    pub(crate) async fn hash(&self, place: Place, password: &Password) -> Result<String, Error> {
        self.hash_again(place, password.as_str()).await
    }

    /// A new hash of a password that was accepted before, perhaps under other rules, in its enforced form.
    pub(crate) async fn hash_again(&self, place: Place, password: &str) -> Result<String, Error> {
        let (cost, prepared) = (self.cost, prepare(&enforced(password)));
        self.run(place, move || bcrypt::non_truncating_hash(prepared, cost)).await
    }

    /// Which of `hashes` the password is behind, the first of them. One that is not there takes as long and never fits; so
    /// a wrong password takes as long whatever there is to compare it with.
    pub(crate) async fn check<const N: usize>(
        &self,
        place: Place,
        password: &str,
        hashes: [Option<&str>; N],
    ) -> Result<Option<Found>, Error> {
        let prepared: Vec<String> = forms(password).iter().map(|form| prepare(form)).collect();
        let hashes = hashes.map(|hash| (hash.is_some(), hash.unwrap_or(&self.decoy).to_owned()));
        let find = move || {
            for (which, (known, hash)) in hashes.iter().enumerate() {
                for (form, password) in prepared.iter().enumerate() {
                    if bcrypt::non_truncating_verify(password, hash)? && *known {
                        return Ok(Some(Found { which, as_typed: form > 0 }));
                    }
                }
            }
            Ok(None)
        };
        self.run(place, find).await
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
        let (answer, told) = oneshot::channel();
        let work = move || {
            // Held by the work itself: a caller who hangs up must not make room while the core is still busy. Free before
            // the answer is there, also where the work panics.
            let (answer, held) = (answer, place);
            let result = work();
            drop(held);
            // Whoever asked may have gone away.
            let _ = answer.send(result);
        };
        let lost = |cause: &str| Error::Hashing(cause.to_owned());
        self.hashers.give(work).map_err(lost)?;
        let result = told.await.map_err(|_| lost("it ended without an answer"))?;
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
    use super::{Found, Passwords, prepare};
    use crate::{Error, domain::Password};
    use service_kit::{ClientAddress, client_address::ClientGroup};
    use std::{
        net::Ipv4Addr,
        sync::{atomic::Ordering, mpsc},
    };

    fn client() -> Option<ClientGroup> {
        Some(ClientAddress::new(Ipv4Addr::LOCALHOST.into()).group())
    }

    async fn hash(passwords: &Passwords, text: &str) -> String {
        passwords.hash(passwords.place(client()).unwrap(), &Password::parse(text, &[]).unwrap()).await.unwrap()
    }

    async fn check(passwords: &Passwords, text: &str, hash: Option<&str>) -> bool {
        passwords.check(passwords.place(client()).unwrap(), text, [hash]).await.unwrap().is_some()
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
    async fn a_hash_of_what_was_typed_before_passwords_were_enforced_still_fits() {
        let passwords = Passwords::new(4);
        let (typed, composed) = ("cafe\u{301} au lait", "caf\u{e9} au lait");
        let old = bcrypt::non_truncating_hash(prepare(typed), 4).unwrap();
        let fit = |text: &'static str, hash: String| {
            let passwords = passwords.clone();
            async move { passwords.check(passwords.place(client()).unwrap(), text, [None, Some(&hash)]).await.unwrap() }
        };
        assert_eq!(fit(typed, old.clone()).await, Some(Found { which: 1, as_typed: true }));
        assert_eq!(fit(composed, old.clone()).await, None);
        let anew = passwords.hash_again(passwords.place(client()).unwrap(), typed).await.unwrap();
        for text in [typed, composed] {
            assert_eq!(fit(text, anew.clone()).await, Some(Found { which: 1, as_typed: false }));
        }
        assert_eq!(fit("cafe au lait", anew).await, None);
    }

    #[tokio::test]
    async fn who_hangs_up_makes_no_room_while_the_core_is_busy() {
        let passwords = Passwords::new(4);
        let ((begun, has_begun), (go_on, may_go_on)) = (mpsc::channel(), mpsc::channel::<()>());
        let work = move || {
            begun.send(()).unwrap();
            may_go_on.recv().unwrap();
            Ok(())
        };
        let worker = passwords.clone();
        let caller = tokio::spawn(async move { worker.run(worker.place(client()).unwrap(), work).await });
        tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        assert_eq!(passwords.places.held(), 1);
        go_on.send(()).unwrap();
        while passwords.places.held() > 0 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_panic_is_one_callers_and_the_threads_go_on() {
        let passwords = Passwords::new(4);
        for _ in 0..20 {
            let place = passwords.place(client()).unwrap();
            let failed = passwords.run(place, || -> Result<(), _> { panic!("as a test wants it") }).await;
            assert!(matches!(failed, Err(Error::Hashing(_))));
        }
        let hash = hash(&passwords, "correct horse").await;
        assert!(check(&passwords, "correct horse", Some(&hash)).await);
        assert_eq!(passwords.places.held(), 0);
    }
}
