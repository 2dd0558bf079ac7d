//! Places where passwords are hashed: so many in all, few of them for one client, and some for who holds none.
//!
//! Hashing is the one thing here that costs; whoever holds every place shuts out everybody's logins.

use crate::Error;
use service_kit::client_address::ClientGroup;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

#[derive(Clone)]
pub(crate) struct Places {
    all: usize,
    /// One client's at the most.
    share: usize,
    /// The last ones go to who holds none yet: many clients together do not shut out the others either.
    reserved: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    sum: usize,
    by_client: HashMap<ClientGroup, usize>,
}

/// A place in the queue; free again when it is dropped.
pub(crate) struct Place {
    client: Option<ClientGroup>,
    taken: Arc<Mutex<Taken>>,
}

impl Places {
    pub(crate) fn new(all: usize) -> Self {
        Self { all, share: (all / 8).max(2), reserved: all / 4, taken: Arc::default() }
    }

    /// A place for `client`; for none in particular where that is one of our own proxies, behind which anybody may be.
    ///
    /// # Errors
    /// It holds its share already, or everything is taken.
    pub(crate) fn take(&self, client: Option<ClientGroup>) -> Result<Place, Error> {
        let mut taken = lock(&self.taken);
        let held = client.map(|client| taken.by_client.get(&client).copied().unwrap_or_default());
        let left = self.all - taken.sum.min(self.all);
        let may = match held {
            Some(0) => left > 0,
            Some(held) => held < self.share && left > self.reserved,
            None => left > self.reserved,
        };
        if !may {
            return Err(Error::Busy);
        }
        taken.sum += 1;
        if let Some(client) = client {
            *taken.by_client.entry(client).or_default() += 1;
        }
        drop(taken);
        Ok(Place { client, taken: Arc::clone(&self.taken) })
    }

    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        lock(&self.taken).sum
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        taken.sum -= 1;
        if let Some(client) = self.client
            && let Some(held) = taken.by_client.get_mut(&client)
        {
            *held -= 1;
            if *held == 0 {
                taken.by_client.remove(&client);
            }
        }
    }
}

fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Place, Places};
    use crate::Error;
    use service_kit::{ClientAddress, client_address::ClientGroup};

    fn client(text: &str) -> Option<ClientGroup> {
        Some(ClientAddress::new(text.parse().unwrap()).group())
    }

    fn as_many_as_possible(places: &Places, client: Option<ClientGroup>) -> Vec<Place> {
        std::iter::from_fn(|| places.take(client).ok()).collect()
    }

    #[test]
    fn one_client_holds_its_share_and_no_more_and_gives_it_back() {
        let places = Places::new(48);
        for greedy in ["192.0.2.1", "2001:db8:1:2::1", "::ffff:198.51.100.7"] {
            let held = as_many_as_possible(&places, client(greedy));
            assert_eq!(held.len(), 6, "{greedy}");
            drop(held);
            assert_eq!(places.held(), 0);
            assert!(super::lock(&places.taken).by_client.is_empty());
        }
        // One subscriber's other addresses are the same client.
        let _held = as_many_as_possible(&places, client("2001:db8:1:2::1"));
        assert!(matches!(places.take(client("2001:db8:1:2:ffff::9")), Err(Error::Busy)));
    }

    #[test]
    fn many_clients_together_leave_places_for_who_holds_none() {
        let places = Places::new(48);
        let mut held = Vec::new();
        for number in 1..=12 {
            held.extend(as_many_as_possible(&places, client(&format!("192.0.2.{number}"))));
        }
        assert!(places.held() >= 36 && places.held() < 48, "{}", places.held());
        assert!(places.take(client("198.51.100.1")).is_ok());
        // Nor do those whose client nobody knows.
        held.extend(as_many_as_possible(&places, None));
        assert!(places.take(client("198.51.100.1")).is_ok());
    }

    #[test]
    fn when_all_is_taken_everybody_is_asked_to_come_again() {
        let places = Places::new(8);
        let held: Vec<_> = (1..=8).map(|number| places.take(client(&format!("192.0.2.{number}"))).unwrap()).collect();
        assert!(matches!(places.take(client("198.51.100.1")), Err(Error::Busy)));
        drop(held);
        assert!(places.take(client("198.51.100.1")).is_ok());
    }
}
