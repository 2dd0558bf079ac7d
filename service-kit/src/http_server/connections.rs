//! The connections of a process: how many there are, whose they are, and which of them give up their place first.

use super::{Limits, descriptors};
use crate::client_address::{ClientAddress, ClientGroup};
use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Shared by all listeners of a process, which share its descriptors.
#[derive(Clone)]
pub struct Connections(Arc<Shared>);

struct Shared {
    limits: Limits,
    all: usize,
    register: Mutex<Register>,
}

#[derive(Default)]
struct Register {
    last: u64,
    /// Every connection that has not ended yet.
    open: HashMap<u64, Open>,
    /// How many of them hold a place: those that were asked to close do not any more.
    counted: usize,
    idle: BTreeSet<Standing>,
    groups: HashMap<ClientGroup, Group>,
}

#[derive(Default)]
struct Group {
    counted: usize,
    idle: BTreeSet<Standing>,
}

struct Open {
    /// Whose place it is; none where the bound per address does not hold.
    group: Option<ClientGroup>,
    idle: Option<Standing>,
    closing: CancellationToken,
}

/// The order in which places are given up: first by who never said a whole request, then by strangers, then by who has
/// waited longest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    has_asked: bool,
    uncounted: bool,
    since: Instant,
    id: u64,
}

/// Why a connection cannot be taken on, though no idle one can be closed for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Full,
    Address,
}

pub(super) struct Admitted {
    pub(super) seat: Seat,
    /// Another was asked to close.
    pub(super) made_room: bool,
}

/// A connection's place, which is free again when this is dropped.
pub(super) struct Seat {
    connections: Connections,
    id: u64,
    /// Cancelled when the place is wanted for another.
    pub(super) closing: CancellationToken,
}

impl Connections {
    /// Raises the process's soft limit of descriptors.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let affordable = (descriptors::raised() / 5 * 4).min(Limits::MOST);
        let all = limits.all.map_or_else(|| usize::try_from(affordable).unwrap_or(usize::MAX).max(1), usize::from);
        Self(Arc::new(Shared { limits, all, register: Mutex::default() }))
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(super) fn admit(&self, peer: IpAddr) -> Result<Admitted, Refusal> {
        let limits = &self.0.limits;
        let group = (!limits.uncounted.contains(peer)).then(|| ClientAddress::new(peer).group());
        let mut register = self.register();
        let mut made_room = false;
        if let Some(group) = group
            && register.groups.get(&group).is_some_and(|group| group.counted >= limits.per_address.get())
        {
            let oldest = register.groups.get(&group).and_then(|group| group.idle.first().copied());
            register.close(oldest.ok_or(Refusal::Address)?);
            made_room = true;
        }
        if register.counted >= self.0.all {
            let oldest = register.idle.first().copied();
            register.close(oldest.ok_or(Refusal::Full)?);
            made_room = true;
        }
        let (id, closing) = register.add(group);
        drop(register);
        Ok(Admitted { seat: Seat { connections: self.clone(), id, closing }, made_room })
    }

    /// False when none is idle.
    pub(super) fn close_oldest_idle(&self) -> bool {
        let mut register = self.register();
        let oldest = register.idle.first().copied();
        oldest.is_some_and(|oldest| {
            register.close(oldest);
            true
        })
    }

    fn register(&self) -> MutexGuard<'_, Register> {
        self.0.register.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Register {
    fn add(&mut self, group: Option<ClientGroup>) -> (u64, CancellationToken) {
        self.last += 1;
        let (id, closing) = (self.last, CancellationToken::new());
        self.open.insert(id, Open { group, idle: None, closing: closing.clone() });
        self.count(group);
        self.set_idle(id, Some((false, Instant::now())));
        (id, closing)
    }

    fn count(&mut self, group: Option<ClientGroup>) {
        self.counted += 1;
        if let Some(group) = group {
            self.groups.entry(group).or_default().counted += 1;
        }
    }

    fn uncount(&mut self, group: Option<ClientGroup>) {
        self.counted -= 1;
        let Some(group) = group else { return };
        if let Some(of) = self.groups.get_mut(&group) {
            of.counted -= 1;
            if of.counted == 0 {
                self.groups.remove(&group);
            }
        }
    }

    /// Idle since then, and whether it has ever asked for anything; or in work.
    fn set_idle(&mut self, id: u64, idle: Option<(bool, Instant)>) {
        let Some(open) = self.open.get_mut(&id) else { return };
        let standing = idle.map(|(has_asked, since)| {
            let uncounted = open.group.is_none();
            Standing { has_asked, uncounted, since, id }
        });
        let before = std::mem::replace(&mut open.idle, standing);
        let of_group = open.group.and_then(|group| self.groups.get_mut(&group));
        for set in std::iter::once(&mut self.idle).chain(of_group.map(|group| &mut group.idle)) {
            if let Some(before) = before {
                set.remove(&before);
            }
            if let Some(standing) = standing {
                set.insert(standing);
            }
        }
    }

    /// Takes its place away and asks it to end.
    fn close(&mut self, oldest: Standing) {
        self.set_idle(oldest.id, None);
        let Some(open) = self.open.get(&oldest.id) else { return };
        open.closing.cancel();
        let group = open.group;
        self.uncount(group);
    }
}

impl Seat {
    pub(super) fn limits(&self) -> &Limits {
        self.connections.limits()
    }

    /// A request is in work on it.
    pub(super) fn busy(&self) {
        self.connections.register().set_idle(self.id, None);
    }

    /// Nothing is. One that was asked to close has no place to lose any more.
    pub(super) fn idle(&self, has_asked: bool, since: Instant) {
        let mut register = self.connections.register();
        if !self.closing.is_cancelled() {
            register.set_idle(self.id, Some((has_asked, since)));
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut register = self.connections.register();
        register.set_idle(self.id, None);
        if let Some(open) = register.open.remove(&self.id)
            && !open.closing.is_cancelled()
        {
            register.uncount(open.group);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Admitted, Connections, Limits, Refusal, Seat};
    use crate::client_address::TrustedProxies;
    use std::{net::IpAddr, num::NonZeroUsize};
    use tokio::time::Instant;

    fn connections(all: usize, per_address: usize) -> Connections {
        Connections::new(Limits {
            all: NonZeroUsize::new(all),
            per_address: NonZeroUsize::new(per_address).unwrap(),
            uncounted: "10.0.0.0/8".parse::<TrustedProxies>().unwrap().and_this_machine(),
            ..Limits::default()
        })
    }

    fn admit(connections: &Connections, peer: &str) -> Result<Seat, Refusal> {
        connections.admit(peer.parse::<IpAddr>().unwrap()).map(|Admitted { seat, .. }| seat)
    }

    fn closing(seats: &[Seat]) -> Vec<bool> {
        seats.iter().map(|seat| seat.closing.is_cancelled()).collect()
    }

    #[test]
    fn the_idle_one_that_has_waited_longest_gives_up_its_place() {
        let all = connections(3, 100);
        let seats = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(|peer| admit(&all, peer).unwrap());
        seats[0].busy();
        let _fourth = admit(&all, "192.0.2.4").unwrap();
        assert_eq!(closing(&seats), [false, true, false]);
        // An answer given makes it the youngest, and it is no stranger any more.
        seats[0].idle(true, Instant::now());
        let _fifth = admit(&all, "192.0.2.5").unwrap();
        assert_eq!(closing(&seats), [false, true, true]);
    }

    #[test]
    fn who_never_asked_goes_before_who_did_and_a_stranger_before_a_neighbour() {
        let all = connections(4, 100);
        let seats = ["127.0.0.1", "10.0.0.1", "198.51.100.1", "192.0.2.1"].map(|peer| admit(&all, peer).unwrap());
        for seat in &seats[..3] {
            seat.idle(true, Instant::now());
        }
        let mut later = Vec::new();
        for expected in [[false, false, false, true], [false, false, true, true], [true, false, true, true]] {
            let next = admit(&all, "203.0.113.9").unwrap();
            next.busy();
            later.push(next);
            assert_eq!(closing(&seats), expected);
        }
    }

    #[test]
    fn what_is_in_work_is_never_closed_and_the_next_is_refused() {
        let all = connections(2, 100);
        let seats = ["192.0.2.1", "192.0.2.2"].map(|peer| admit(&all, peer).unwrap());
        seats.iter().for_each(Seat::busy);
        assert_eq!(admit(&all, "192.0.2.3").err(), Some(Refusal::Full));
        assert!(!all.close_oldest_idle());
        drop(seats);
        assert!(admit(&all, "192.0.2.3").is_ok());
    }

    #[test]
    fn an_address_gives_up_places_of_its_own_alone() {
        for (own, same, other) in [
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"),
            ("::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.2"),
        ] {
            let all = connections(100, 2);
            let neighbour = admit(&all, other).unwrap();
            let seats = [own, same].map(|peer| admit(&all, peer).unwrap());
            let third = admit(&all, same).unwrap();
            assert_eq!(closing(&seats), [true, false], "{own}");
            assert!(!neighbour.closing.is_cancelled(), "{own}");
            seats[1].busy();
            third.busy();
            assert_eq!(admit(&all, own).err(), Some(Refusal::Address), "{own}");
            assert!(admit(&all, other).is_ok(), "{own}");
        }
    }

    #[test]
    fn many_may_stand_behind_a_trusted_proxy_or_on_this_machine() {
        let all = connections(100, 2);
        for peer in ["10.1.2.3", "127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            let seats: Vec<_> = (0..20).map(|_| admit(&all, peer).unwrap()).collect();
            seats.iter().for_each(Seat::busy);
            assert!(admit(&all, peer).is_ok(), "{peer}");
        }
    }

    #[test]
    fn places_are_free_again_however_a_connection_ends() {
        let all = connections(8, 4);
        for _ in 0..100 {
            let seats: Vec<_> = (0..8).map(|number| admit(&all, &format!("192.0.2.{}", number % 3)).unwrap()).collect();
            for (number, seat) in seats.iter().enumerate() {
                match number % 4 {
                    0 => seat.busy(),
                    1 => seat.idle(true, Instant::now()),
                    2 => assert!(all.close_oldest_idle()),
                    _ => {}
                }
            }
        }
        let register = all.register();
        assert_eq!((register.open.len(), register.counted, register.idle.len(), register.groups.len()), (0, 0, 0, 0));
    }
}
