//! Who waits for the next batch, and who is in it.

use super::item::Item;
use crate::trace::Context;
use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};
use tokio::sync::oneshot::{self, Receiver};

/// A batch ends at so many items,
pub(super) const MOST_ITEMS: usize = 64;
/// or rows,
pub(super) const MOST_ROWS: usize = 512;
/// and holds no more of one owner.
pub(super) const MOST_OF_ONE: usize = 8;
/// So many wait at the most.
pub(super) const MOST_WAITING: usize = 1024;
/// So many batches are in work at the most.
const MOST_BATCHES: usize = 2;
/// A batch that takes so long is held up by something that the next may not meet.
pub(super) const HELD_UP: Duration = Duration::from_millis(100);

/// Somebody's item, and where the answer goes.
pub(super) struct Waiting<T, A> {
    pub(super) item: T,
    pub(super) since: Instant,
    /// Of who brought it.
    pub(super) trace: Context,
    pub(super) log: tracing::Span,
    answer: oneshot::Sender<A>,
}

impl<T, A> Waiting<T, A> {
    pub(super) fn answer(self, answer: A) {
        // Whoever went away meanwhile finds it under their key.
        let _ = self.answer.send(answer);
    }
}

pub(super) struct Hall<T, A> {
    waiting: VecDeque<Waiting<T, A>>,
    /// How many are in work.
    pub(super) batches: usize,
    /// How many of them are held up.
    pub(super) held_up: usize,
}

impl<T, A> Default for Hall<T, A> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), batches: 0, held_up: 0 }
    }
}

impl<T: Item, A> Hall<T, A> {
    /// Where its answer will come; none where there is no room.
    pub(super) fn enter(&mut self, item: T, trace: &Context) -> Option<Receiver<A>> {
        if self.waiting.len() == MOST_WAITING {
            return None;
        }
        let (answer, told) = oneshot::channel();
        let (since, trace, log) = (Instant::now(), trace.clone(), tracing::Span::current());
        self.waiting.push_back(Waiting { item, since, trace, log, answer });
        Some(told)
    }

    /// Whether a place is free for the next batch, which is taken then. There is one place, so that whoever comes meanwhile
    /// shares the next batch, and a second one for as long as the first is held up.
    pub(super) fn begins(&mut self) -> bool {
        let begins = self.batches <= self.held_up && self.batches < MOST_BATCHES;
        self.batches += usize::from(begins);
        begins
    }

    /// Notes that a batch in work is held up; whether another begins beside it for those who wait already.
    pub(super) fn one_is_held_up(&mut self) -> bool {
        self.held_up += 1;
        !self.waiting.is_empty() && self.begins()
    }

    /// The next batch, in the order in which they came; those whose owners have enough in it keep their places. Who went
    /// away takes their item along. One that is too large for any batch is one of its own.
    pub(super) fn take(&mut self) -> Vec<Waiting<T, A>> {
        let (mut batch, mut rows, mut of_owner) = (Vec::new(), 0, HashMap::new());
        let mut staying = VecDeque::new();
        while let Some(one) = self.waiting.pop_front() {
            if one.answer.is_closed() {
                continue;
            }
            let of_this: &mut usize = of_owner.entry(one.item.owner()).or_default();
            if *of_this == MOST_OF_ONE {
                staying.push_back(one);
                continue;
            }
            let full = batch.len() == MOST_ITEMS || (!batch.is_empty() && rows + one.item.rows() > MOST_ROWS);
            if full {
                staying.push_back(one);
                break;
            }
            *of_this += 1;
            rows += one.item.rows();
            batch.push(one);
        }
        staying.append(&mut self.waiting);
        self.waiting = staying;
        batch
    }
}
