//! The mails that this instance holds the lease of: handed over by a reaction after its commit, or claimed. What is here is
//! here only in memory: who dies leaves its mails to whoever claims them when their lease is over.

use crate::store::deliveries::Due;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Notify;
use uuid::Uuid;

/// So many mails are held at the most; what does not fit waits in the database.
const ROOM: usize = 256;
/// Nobody else takes a mail for so long: an attempt (20 s), what it waits for before, and storing its outcome fit in.
pub(crate) const LEASE: time::Duration = time::Duration::seconds(30);
/// One that was not begun by then is given back, since its attempt might outlive its lease.
const BEGUN_BY: Duration = Duration::from_secs(6);

/// See the module.
#[derive(Default)]
pub(crate) struct Outgoing {
    held: Mutex<Held>,
    /// Wakes the sender.
    more: Notify,
    /// Wakes the job that claims.
    room: Arc<Notify>,
}

#[derive(Default)]
struct Held {
    /// By their ids, which are made in the order of time.
    waiting: BTreeMap<Uuid, Mail>,
    /// Being sent, or sent and not marked yet; with whose they are.
    begun: HashMap<Uuid, Uuid>,
    /// Whose mails are being sent: their next ones wait.
    people: HashSet<Uuid>,
    /// Room for what is about to be handed over.
    reserved: usize,
    /// Something may wait in the database: because there was no room, or behind another of the same person's.
    left_behind: bool,
    closed: bool,
}

/// A mail with the time before which its lease did not begin.
pub(crate) struct Mail {
    pub(crate) due: Due,
    since: Instant,
}

impl Mail {
    /// Whether its lease is too far gone for an attempt.
    pub(crate) fn is_late(&self) -> bool {
        self.since.elapsed() > BEGUN_BY
    }
}

/// Room for some mails, until they are handed over or it is dropped.
pub(crate) struct Room {
    outgoing: Arc<Outgoing>,
    size: usize,
    since: Instant,
}

impl Room {
    pub(crate) fn size(&self) -> usize {
        self.size
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut held = self.outgoing.held();
        held.reserved = held.reserved.saturating_sub(self.size);
    }
}

impl Held {
    fn free(&self) -> usize {
        let taken = self.waiting.len() + self.begun.len() + self.reserved;
        if self.closed { 0 } else { ROOM.saturating_sub(taken) }
    }
}

impl Outgoing {
    pub(crate) fn new(room: Arc<Notify>) -> Arc<Self> {
        Arc::new(Self { room, ..Self::default() })
    }

    /// Room for up to `wanted` mails, before their lease is stored; for the others the database is the queue.
    pub(crate) fn reserve(self: &Arc<Self>, wanted: usize) -> Room {
        let mut held = self.held();
        let size = wanted.min(held.free());
        held.reserved += size;
        held.left_behind |= size < wanted;
        Room { outgoing: Arc::clone(self), size, since: Instant::now() }
    }

    /// Takes mails whose lease is stored. Those for which `room` was too small are not among them.
    pub(crate) fn hand_over(&self, room: Room, mails: Vec<Due>) {
        if mails.is_empty() {
            return;
        }
        let mails = mails.into_iter().map(|due| (due.id, Mail { due, since: room.since }));
        self.held().waiting.extend(mails);
        drop(room);
        self.more.notify_one();
    }

    /// Something waits in the database that found no room here, or must wait for another's.
    pub(crate) fn note_left_behind(&self) {
        self.held().left_behind = true;
    }

    /// All that is held here: nobody here may claim it.
    pub(crate) fn ids(&self) -> Vec<Uuid> {
        let held = self.held();
        held.waiting.keys().chain(held.begun.keys()).copied().collect()
    }

    /// The oldest mails, at most one of each person's, when there is one.
    pub(crate) async fn next(&self, most: usize) -> Vec<Mail> {
        loop {
            let mails = self.take(most);
            if !mails.is_empty() {
                return mails;
            }
            self.more.notified().await;
        }
    }

    fn take(&self, most: usize) -> Vec<Mail> {
        let mut held = self.held();
        let Held { waiting, begun, people, .. } = &mut *held;
        let free = waiting.iter().filter(|(_id, mail)| people.insert(mail.due.account_id));
        let ids: Vec<_> = free.map(|(id, _mail)| *id).take(most).collect();
        let mails: Vec<_> = ids.iter().filter_map(|id| waiting.remove(id)).collect();
        begun.extend(mails.iter().map(|mail| (mail.due.id, mail.due.account_id)));
        mails
    }

    /// These are over, whatever became of them.
    pub(crate) fn ended(&self, ids: &[Uuid]) {
        let mut held = self.held();
        for id in ids {
            if let Some(person) = held.begun.remove(id) {
                held.people.remove(&person);
            }
        }
        if held.left_behind && held.free() >= ROOM / 2 {
            held.left_behind = false;
            self.room.notify_one();
        }
        if !held.waiting.is_empty() {
            self.more.notify_one();
        }
    }

    /// Forgets what was begun by a sender that panicked: that is left to its lease.
    pub(crate) fn forget_begun(&self) {
        let mut held = self.held();
        held.begun.clear();
        held.people.clear();
    }

    /// From now on nothing finds room.
    pub(crate) fn close(&self) {
        self.held().closed = true;
    }

    /// What was not begun; none when nothing is left and nothing more comes.
    pub(crate) fn rest(&self) -> Option<Vec<Due>> {
        let mut held = self.held();
        let rest = std::mem::take(&mut held.waiting);
        (held.reserved > 0 || !rest.is_empty()).then(|| rest.into_values().map(|mail| mail.due).collect())
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Outgoing, ROOM};
    use crate::store::deliveries::Due;
    use std::sync::Arc;
    use time::OffsetDateTime;
    use uuid::Uuid;

    fn due(id: u128, person: u128) -> Due {
        Due {
            id: Uuid::from_u128(id),
            attempts: 1,
            message_id: Uuid::nil(),
            account_id: Uuid::from_u128(person),
            event_id: Uuid::nil(),
            template: "welcome".to_owned(),
            content: serde_json::Value::Null,
            message_id_header: String::new(),
            created_at: OffsetDateTime::UNIX_EPOCH,
            correlation_id: Uuid::nil(),
            traceparent: None,
            order_number: None,
        }
    }

    fn hand_over(outgoing: &Arc<Outgoing>, mails: Vec<Due>) {
        outgoing.hand_over(outgoing.reserve(mails.len()), mails);
    }

    fn taken(outgoing: &Outgoing) -> Vec<u128> {
        outgoing.take(8).iter().map(|mail| mail.due.id.as_u128()).collect()
    }

    #[test]
    fn one_persons_mails_leave_one_after_the_other_and_the_oldest_first() {
        let outgoing = Outgoing::new(Arc::default());
        hand_over(&outgoing, vec![due(3, 1), due(4, 2)]);
        hand_over(&outgoing, vec![due(1, 1), due(2, 1)]);
        assert_eq!(taken(&outgoing), [1, 4]);
        assert_eq!(taken(&outgoing), []);
        outgoing.ended(&[Uuid::from_u128(1)]);
        assert_eq!(taken(&outgoing), [2]);
        outgoing.ended(&[Uuid::from_u128(2), Uuid::from_u128(4)]);
        assert_eq!(taken(&outgoing), [3]);
    }

    #[tokio::test]
    async fn what_finds_no_room_is_claimed_once_there_is() {
        let room = Arc::default();
        let outgoing = Outgoing::new(Arc::clone(&room));
        let mails: Vec<_> = (0..600).map(|number| due(number, number)).collect();
        let reserved = outgoing.reserve(mails.len());
        assert_eq!(reserved.size(), ROOM);
        assert_eq!(outgoing.reserve(1).size(), 0);
        outgoing.hand_over(reserved, mails.into_iter().take(ROOM).collect());
        for _ in 0..ROOM / 2 / 8 {
            let ids: Vec<_> = outgoing.take(8).iter().map(|mail| mail.due.id).collect();
            outgoing.ended(&ids);
        }
        room.notified().await;
    }

    #[test]
    fn room_that_nobody_used_is_free_again_and_none_is_left_at_the_end() {
        let outgoing = Outgoing::new(Arc::default());
        let reserved = outgoing.reserve(ROOM);
        assert_eq!(outgoing.reserve(1).size(), 0);
        drop(reserved);
        let late = outgoing.reserve(1);
        hand_over(&outgoing, vec![due(1, 1), due(2, 2)]);
        assert_eq!(taken(&outgoing), [1, 2]);
        hand_over(&outgoing, vec![due(3, 1)]);
        outgoing.close();
        assert_eq!(outgoing.reserve(1).size(), 0);
        // What is begun is not among it; and one more may come.
        assert_eq!(outgoing.rest().unwrap().len(), 1);
        assert_eq!(outgoing.rest().unwrap().len(), 0);
        outgoing.hand_over(late, vec![due(4, 4)]);
        assert_eq!(outgoing.rest().unwrap().len(), 1);
        assert!(outgoing.rest().is_none());
    }

    #[test]
    fn all_that_is_held_is_known() {
        let outgoing = Outgoing::new(Arc::default());
        hand_over(&outgoing, vec![due(1, 1), due(2, 1)]);
        assert_eq!(taken(&outgoing), [1]);
        assert_eq!(outgoing.ids(), [2, 1].map(Uuid::from_u128));
        outgoing.forget_begun();
        assert_eq!(outgoing.ids(), [2].map(Uuid::from_u128));
    }
}
