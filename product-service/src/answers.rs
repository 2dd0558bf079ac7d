//! Answers that all shoppers get alike, kept for a moment: a list that a thousand look at is read once a second.
//!
//! Time alone ends them, and this instance's own changes of products. Word from other instances would gain nothing: what
//! can be bought of a thing changes with every order, so no answer is good for longer than that anyway, and a
//! notification at each would put a lock that all commits share on the way of every order.

use crate::error::Error;
use aws_lc_rs::digest;
use axum::body::Bytes;
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;
use std::{
    collections::HashMap,
    fmt::Write as _,
    io::Write as _,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::OnceCell;

/// So old is an answer at the most when it is given: as late as `stock.changed` tells of the same thing.
const FRESH: Duration = Duration::from_secs(1);
/// Of all answers together. Beyond it those of the moment are forgotten.
const MOST_BYTES: usize = 16 << 20;
/// Below it compression gains nothing: it all goes in one packet.
const WORTHWHILE: usize = 1400;

/// One answer's body.
pub(crate) struct Answer {
    pub(crate) body: Bytes,
    /// Tells this body from others: of its content.
    pub(crate) tag: String,
    gzipped: OnceLock<Option<Bytes>>,
}

impl Answer {
    pub(crate) fn json(body: &impl Serialize) -> Result<Self, Error> {
        let unwritable = |cause: serde_json::Error| Error::Stored { what: "an answer", value: cause.to_string() };
        serde_json::to_vec(body).map(Self::new).map_err(unwritable)
    }

    fn new(body: Vec<u8>) -> Self {
        let digest = digest::digest(&digest::SHA256, &body);
        let mut tag = String::with_capacity(24);
        for byte in &digest.as_ref()[..12] {
            _ = write!(tag, "{byte:02x}");
        }
        Self { body: body.into(), tag, gzipped: OnceLock::new() }
    }

    /// Its tag says this besides.
    pub(crate) fn of_version(self, version: i64) -> Self {
        Self { tag: format!("{version}-{}", self.tag), ..self }
    }

    /// The body compressed, once; none where that gains nothing.
    pub(crate) fn gzipped(&self) -> Option<&Bytes> {
        let compress = || {
            if self.body.len() < WORTHWHILE {
                return None;
            }
            let mut encoder = GzEncoder::new(Vec::with_capacity(self.body.len() / 4), Compression::fast());
            encoder.write_all(&self.body).ok()?;
            encoder.finish().ok().map(Bytes::from)
        };
        self.gzipped.get_or_init(compress).as_ref()
    }
}

#[derive(Clone, Default)]
pub(crate) struct Answers(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    by_question: HashMap<String, Slot>,
    bytes: usize,
}

struct Slot {
    /// Before it was read: whatever was committed by then is in it.
    begun: Instant,
    answer: Arc<OnceCell<Arc<Answer>>>,
}

impl Answers {
    /// The answer to this question, read if none is fresh. Who asks while it is read waits for that.
    pub(crate) async fn get<E>(
        &self,
        question: String,
        read: impl Future<Output = Result<Answer, E>>,
    ) -> Result<Arc<Answer>, E> {
        let slot = self.slot(&question);
        let mut weight = 0;
        let answer = slot
            .get_or_try_init(async || {
                let answer = read.await?;
                // The body, perhaps the same compressed, and the question.
                weight = answer.body.len() * 2 + question.len() + 256;
                Ok(Arc::new(answer))
            })
            .await?;
        let answer = Arc::clone(answer);
        if weight > 0 {
            self.weigh(weight);
        }
        Ok(answer)
    }

    /// To be called when products were changed: who changed them sees it at once.
    pub(crate) fn forget(&self) {
        self.with(|kept| *kept = Kept::default());
    }

    fn slot(&self, question: &str) -> Arc<OnceCell<Arc<Answer>>> {
        self.with(|kept| {
            if let Some(slot) = kept.by_question.get(question)
                && slot.begun.elapsed() < FRESH
            {
                return Arc::clone(&slot.answer);
            }
            let slot = Slot { begun: Instant::now(), answer: Arc::default() };
            let answer = Arc::clone(&slot.answer);
            kept.by_question.insert(question.to_owned(), slot);
            answer
        })
    }

    fn weigh(&self, weight: usize) {
        self.with(|kept| {
            kept.bytes += weight;
            if kept.bytes > MOST_BYTES {
                *kept = Kept::default();
            }
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Answers, FRESH, MOST_BYTES};
    use std::{
        convert::Infallible,
        sync::atomic::{AtomicUsize, Ordering},
    };

    async fn ask(answers: &Answers, question: &str, reads: &AtomicUsize, length: usize) -> usize {
        let read = async {
            tokio::task::yield_now().await;
            reads.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Infallible>(Answer::new(vec![b'a'; length]))
        };
        answers.get(question.to_owned(), read).await.unwrap().body.len()
    }

    #[tokio::test]
    async fn many_who_ask_the_same_are_answered_by_one_reading_and_a_change_ends_it() {
        let (answers, reads) = (Answers::default(), AtomicUsize::new(0));
        let all = (0..50).map(|_| ask(&answers, "list", &reads, 7));
        for asked in futures_of(all).await {
            assert_eq!(asked, 7);
        }
        assert_eq!(reads.load(Ordering::SeqCst), 1);
        ask(&answers, "another", &reads, 7).await;
        assert_eq!(reads.load(Ordering::SeqCst), 2);
        answers.forget();
        ask(&answers, "list", &reads, 7).await;
        assert_eq!(reads.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn an_answer_ends_with_its_time_and_all_of_them_stay_within_their_bytes() {
        let (answers, reads) = (Answers::default(), AtomicUsize::new(0));
        ask(&answers, "list", &reads, 7).await;
        answers.with(|kept| {
            let slot = kept.by_question.get_mut("list").unwrap();
            slot.begun = slot.begun.checked_sub(FRESH).unwrap();
        });
        ask(&answers, "list", &reads, 7).await;
        assert_eq!(reads.load(Ordering::SeqCst), 2);
        for number in 0..40 {
            ask(&answers, &number.to_string(), &reads, MOST_BYTES / 20).await;
            assert!(answers.with(|kept| kept.bytes) <= MOST_BYTES);
        }
        assert!(answers.with(|kept| kept.by_question.len()) <= 11);
    }

    /// All of them begun before the first ends.
    async fn futures_of<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
        let mut pinned: Vec<_> = all.map(Box::pin).collect();
        let mut done = Vec::new();
        std::future::poll_fn(|context| {
            pinned.retain_mut(|one| match one.as_mut().poll(context) {
                std::task::Poll::Ready(output) => {
                    done.push(output);
                    false
                }
                std::task::Poll::Pending => true,
            });
            if pinned.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        done
    }
}
