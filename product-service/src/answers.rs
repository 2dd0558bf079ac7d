//! Answers that all shoppers get alike, kept for a moment: a list that a thousand look at is read once a second.
//!
//! Time alone ends them, and this instance's own changes of products. Word from other instances would gain nothing: what
//! can be bought of a thing changes with every order, so no answer is good for longer than that anyway, and a
//! notification at each would put a lock that all commits share on the way of every order.

use crate::error::Error;
use aws_lc_rs::digest;
use axum::body::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::HeaderValue;
use serde::Serialize;
use service_kit::if_none_match::IfNoneMatch;
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
/// Behind the tag of the compressed form.
const GZIPPED: &str = "-gzip";

/// One answer, in the forms in which it is sent.
pub(crate) struct Answer {
    pub(crate) plain: Form,
    gzipped: OnceLock<Option<Form>>,
}

/// One form of an answer. A strong tag stands for every byte (RFC 9110, 8.8.3), so each form has its own.
pub(crate) struct Form {
    pub(crate) body: Bytes,
    /// Tells this body from others: of its content.
    tag: String,
    /// The same as it is sent.
    pub(crate) header: HeaderValue,
}

impl Answer {
    pub(crate) fn json(body: &impl Serialize) -> Result<Self, Error> {
        Self::tagged("", body)
    }

    /// Its tag says this besides.
    pub(crate) fn of_version(version: i64, body: &impl Serialize) -> Result<Self, Error> {
        Self::tagged(&format!("{version}-"), body)
    }

    fn tagged(before: &str, body: &impl Serialize) -> Result<Self, Error> {
        let unwritable = |cause: serde_json::Error| Error::Stored { what: "an answer", value: cause.to_string() };
        let body = serde_json::to_vec(body).map_err(unwritable)?;
        let digest = digest::digest(&digest::SHA256, &body);
        let mut tag = before.to_owned();
        for byte in &digest.as_ref()[..12] {
            _ = write!(tag, "{byte:02x}");
        }
        Ok(Self { plain: Form::new(body.into(), tag)?, gzipped: OnceLock::new() })
    }

    /// The body compressed, once; none where that gains nothing.
    pub(crate) fn gzipped(&self) -> Option<&Form> {
        let compress = || {
            let Form { body, tag, .. } = &self.plain;
            if body.len() < WORTHWHILE {
                return None;
            }
            let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
            encoder.write_all(body).ok()?;
            Form::new(encoder.finish().ok()?.into(), format!("{tag}{GZIPPED}")).ok()
        };
        self.gzipped.get_or_init(compress).as_ref()
    }

    /// The tag of whichever form it is that the client has.
    pub(crate) fn had_by(&self, has: &IfNoneMatch) -> Option<HeaderValue> {
        if *has == IfNoneMatch::Nothing {
            return None;
        }
        if has.has(&self.plain.tag) {
            return Some(self.plain.header.clone());
        }
        let gzipped = format!("{}{GZIPPED}", self.plain.tag);
        has.has(&gzipped).then(|| HeaderValue::from_str(&format!("\"{gzipped}\"")).ok())?
    }
}

impl Form {
    fn new(body: Bytes, tag: String) -> Result<Self, Error> {
        let unfit = |_| Error::Stored { what: "a tag", value: tag.clone() };
        let header = HeaderValue::from_str(&format!("\"{tag}\"")).map_err(unfit)?;
        Ok(Self { body, tag, header })
    }
}

#[derive(Clone, Default)]
pub(crate) struct Answers(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    by_question: HashMap<String, Slot>,
    bytes: usize,
}

impl Kept {
    fn weigh(&mut self, weight: usize) {
        self.bytes += weight;
        if self.bytes > MOST_BYTES {
            *self = Self { bytes: weight, ..Self::default() };
        }
    }
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
        question: &str,
        read: impl Future<Output = Result<Answer, E>>,
    ) -> Result<Arc<Answer>, E> {
        let slot = self.slot(question);
        let mut weight = 0;
        let answer = slot
            .get_or_try_init(async || {
                let answer = read.await?;
                // Perhaps the same compressed, too.
                weight = answer.plain.body.len() * 2;
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
            // Also a question without an answer takes its room.
            kept.weigh(question.len() + 256);
            kept.by_question.insert(question.to_owned(), slot);
            answer
        })
    }

    fn weigh(&self, weight: usize) {
        self.with(|kept| kept.weigh(weight));
    }

    fn with<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Answers, FRESH, MOST_BYTES};
    use crate::error::Error;
    use std::sync::atomic::{AtomicUsize, Ordering};

    async fn ask(answers: &Answers, question: &str, reads: &AtomicUsize, length: usize) -> usize {
        let read = async {
            tokio::task::yield_now().await;
            reads.fetch_add(1, Ordering::SeqCst);
            Answer::json(&"a".repeat(length - 2))
        };
        answers.get(question, read).await.unwrap().plain.body.len()
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

    #[tokio::test]
    async fn questions_without_an_answer_stay_within_their_bytes_too() {
        let answers = Answers::default();
        for number in 0..200 {
            let question = format!("{number} {}", "a".repeat(MOST_BYTES / 100));
            let read = async { Err(Error::NoSuchProduct) };
            assert!(answers.get(&question, read).await.is_err());
            assert!(answers.with(|kept| kept.by_question.len()) <= 100);
        }
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
