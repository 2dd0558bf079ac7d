use super::{
    Gather, Item,
    hall::{HELD_UP, Hall, MOST_ITEMS, MOST_OF_ONE, MOST_ROWS, MOST_WAITING},
};
use crate::{Fault, Kind, KitError, spans::Spans, trace::Context};
use contracts::ServiceName;
use futures_util::future::{BoxFuture, join_all};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use test_kit::until;
use tokio::sync::Semaphore;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wish {
    number: usize,
    owner: u128,
    rows: usize,
}

impl Wish {
    fn of(number: usize) -> Self {
        Self { number, owner: number as u128, rows: 1 }
    }
}

impl Item for Wish {
    fn owner(&self) -> Uuid {
        Uuid::from_u128(self.owner)
    }

    fn rows(&self) -> usize {
        self.rows
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Trouble {
    #[error("refused")]
    Refused,
    #[error("a constraint")]
    InTheData,
    #[error("a deadlock")]
    Contended,
    #[error("away")]
    Away,
    #[error("not done")]
    NotDone,
    #[error("no answer")]
    NoAnswer,
    #[error("overloaded")]
    Overloaded,
}

impl From<KitError> for Trouble {
    fn from(cause: KitError) -> Self {
        match cause {
            KitError::NotDone => Self::NotDone,
            KitError::Overloaded => Self::Overloaded,
            _ => Self::NoAnswer,
        }
    }
}

impl Fault for Trouble {
    fn code(&self) -> &'static str {
        if *self == Self::NotDone { "not_done" } else { "trouble" }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Refused => Kind::Conflict,
            Self::InTheData | Self::NoAnswer => Kind::Internal,
            Self::Contended | Self::Away | Self::NotDone | Self::Overloaded => Kind::Unavailable,
        }
    }

    fn public(&self) -> String {
        String::new()
    }

    fn is_contended(&self) -> bool {
        *self == Self::Contended
    }
}

/// What becomes of a batch with this item in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Luck {
    /// Its own refusal.
    Refused,
    /// The whole batch fails, as often as it is tried.
    Fails(Trouble),
    /// So does the first try of its batch.
    FailsOnce(Trouble),
    Panics,
}

struct Till {
    gather: Gather<Wish, usize, Trouble>,
    shop: Arc<Shop>,
}

/// The work: each batch waits for a turn and is noted.
struct Shop {
    turns: Semaphore,
    luck: Mutex<BTreeMap<usize, Luck>>,
    batches: Mutex<Vec<Vec<usize>>>,
}

impl Shop {
    fn with(turns: usize) -> Self {
        Self { turns: Semaphore::new(turns), luck: Mutex::default(), batches: Mutex::default() }
    }

    async fn work(&self, wishes: Vec<Wish>) -> Vec<Result<usize, Trouble>> {
        self.batches.lock().unwrap().push(wishes.iter().map(|wish| wish.number).collect());
        self.turns.acquire().await.unwrap().forget();
        let mut refused = Vec::new();
        for wish in &wishes {
            let luck = self.luck.lock().unwrap().get(&wish.number).copied();
            let failed = match luck {
                None => continue,
                Some(Luck::Refused) => {
                    refused.push(wish.number);
                    continue;
                }
                Some(Luck::Panics) => panic!("on purpose"),
                Some(Luck::Fails(trouble)) => trouble,
                Some(Luck::FailsOnce(trouble)) => {
                    self.luck.lock().unwrap().remove(&wish.number);
                    trouble
                }
            };
            return crate::each(Err(failed), wishes.len());
        }
        let answer = |wish: Wish| if refused.contains(&wish.number) { Err(Trouble::Refused) } else { Ok(wish.number) };
        wishes.into_iter().map(answer).collect()
    }

    fn batches(&self) -> Vec<Vec<usize>> {
        self.batches.lock().unwrap().clone()
    }
}

fn work(shop: &Arc<Shop>, wishes: Vec<Wish>) -> BoxFuture<'_, Vec<Result<usize, Trouble>>> {
    Box::pin(shop.work(wishes))
}

impl Till {
    /// With so many turns before somebody gives more.
    fn open(turns: usize) -> Self {
        let gather = Gather::of(ServiceName::Order, Spans::off(), "a_test");
        Self { gather, shop: Arc::new(Shop::with(turns)) }
    }

    fn ask(&self, wish: Wish) -> tokio::task::JoinHandle<Result<usize, Trouble>> {
        let (gather, shop) = (self.gather.clone(), Arc::clone(&self.shop));
        tokio::spawn(async move { gather.one(&shop, wish, work).await })
    }

    /// The place is taken by one, until there are more turns.
    async fn busy(&self) -> tokio::task::JoinHandle<Result<usize, Trouble>> {
        let first = self.ask(Wish::of(1001));
        settle().await;
        assert_eq!(self.shop.batches(), [[1001]]);
        first
    }

    /// The answers to a batch of `0..count`, with luck, and the batches that were tried for them.
    async fn batch(&self, count: usize, luck: &[(usize, Luck)]) -> (Vec<Result<usize, Trouble>>, Vec<Vec<usize>>) {
        self.shop.luck.lock().unwrap().extend(luck.iter().copied());
        let answers = self.gather.many(&self.shop, (0..count).map(Wish::of).collect(), work).await;
        let mut batches = self.shop.batches();
        // Those that are done one by one come as they like.
        batches[1..].sort();
        (answers, batches)
    }
}

/// Whatever can run on this one thread has run.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn who_comes_alone_begins_at_once_and_is_answered_after_the_work() {
    let till = Till::open(0);
    let asked = till.ask(Wish::of(7));
    settle().await;
    assert_eq!(till.shop.batches(), [[7]]);
    assert!(!asked.is_finished(), "answered before it was done");
    till.shop.turns.add_permits(1);
    assert_eq!(asked.await.unwrap(), Ok(7));
}

#[tokio::test]
async fn whoever_came_meanwhile_is_the_next_batch() {
    let till = Till::open(0);
    let first = till.busy().await;
    let crowd: Vec<_> = (0..100).map(|number| till.ask(Wish::of(number))).collect();
    settle().await;
    assert_eq!(till.shop.batches().len(), 1, "more than one batch at a time");
    till.shop.turns.add_permits(1000);
    for (number, asked) in crowd.into_iter().enumerate() {
        assert_eq!(asked.await.unwrap(), Ok(number));
    }
    assert_eq!(first.await.unwrap(), Ok(1001));
    let expected = [(0..64).collect::<Vec<_>>(), (64..100).collect()];
    assert_eq!(till.shop.batches()[1..], expected);
}

#[tokio::test]
async fn who_goes_away_takes_along_what_was_not_begun() {
    let till = Till::open(0);
    let begun = till.busy().await;
    let (gone, stays) = (till.ask(Wish::of(1)), till.ask(Wish::of(2)));
    settle().await;
    for asked in [gone, begun] {
        asked.abort();
        let _ = asked.await;
    }
    till.shop.turns.add_permits(1000);
    assert_eq!(stays.await.unwrap(), Ok(2));
    assert_eq!(till.shop.batches(), [[1001], [2]]);
}

#[tokio::test]
async fn where_too_many_wait_the_rest_is_turned_away() {
    let till = Till::open(0);
    let first = till.busy().await;
    let crowd: Vec<_> = (0..MOST_WAITING + 3).map(|number| till.ask(Wish::of(number))).collect();
    settle().await;
    till.shop.turns.add_permits(1000);
    let answers = join_all(crowd).await;
    let turned_away = answers.iter().filter(|answer| matches!(answer, Ok(Err(Trouble::Overloaded)))).count();
    assert_eq!(turned_away, 3);
    assert_eq!(first.await.unwrap(), Ok(1001));
}

#[tokio::test]
async fn a_refusal_is_an_answer_and_the_others_stand() {
    let (answers, batches) = Till::open(1000).batch(3, &[(1, Luck::Refused)]).await;
    assert_eq!(answers, [Ok(0), Err(Trouble::Refused), Ok(2)]);
    assert_eq!(batches, [[0, 1, 2]]);
}

#[tokio::test]
async fn what_fails_for_one_of_them_or_panics_is_done_one_by_one() {
    for (luck, told) in [(Luck::Fails(Trouble::InTheData), Trouble::InTheData), (Luck::Panics, Trouble::NoAnswer)] {
        let (answers, batches) = Till::open(1000).batch(3, &[(1, luck)]).await;
        assert_eq!(answers, [Ok(0), Err(told), Ok(2)], "{luck:?}");
        assert_eq!(batches, [vec![0, 1, 2], vec![0], vec![1], vec![2]], "{luck:?}");
    }
}

#[tokio::test]
async fn what_is_away_is_not_asked_again_for_each() {
    let (answers, batches) = Till::open(1000).batch(3, &[(1, Luck::Fails(Trouble::Away))]).await;
    assert_eq!(answers, [Err(Trouble::Away), Err(Trouble::NotDone), Err(Trouble::NotDone)]);
    assert_eq!(batches, [[0, 1, 2]]);
}

#[tokio::test]
async fn two_in_each_others_way_are_done_once_more_together_and_then_one_by_one() {
    let contended = Trouble::Contended;
    let (answers, batches) = Till::open(1000).batch(2, &[(1, Luck::FailsOnce(contended))]).await;
    assert_eq!(answers, [Ok(0), Ok(1)]);
    assert_eq!(batches, [[0, 1], [0, 1]]);
    let (answers, batches) = Till::open(1000).batch(2, &[(1, Luck::Fails(contended))]).await;
    assert_eq!(answers, [Ok(0), Err(contended)]);
    assert_eq!(batches, [vec![0, 1], vec![0], vec![0, 1], vec![1], vec![1]]);
}

#[tokio::test]
async fn one_that_is_done_one_by_one_holds_up_nobody() {
    let till = Till::open(1);
    till.shop.luck.lock().unwrap().insert(1, Luck::Fails(Trouble::InTheData));
    let (gather, shop) = (till.gather.clone(), Arc::clone(&till.shop));
    let failing = tokio::spawn(async move { gather.many(&shop, vec![Wish::of(0), Wish::of(1)], work).await });
    settle().await;
    // Both of them wait for a turn of their own, and the place is free.
    assert_eq!(till.shop.batches(), [vec![0, 1], vec![0], vec![1]]);
    let other = till.ask(Wish::of(2));
    settle().await;
    assert_eq!(till.shop.batches()[3..], [[2]]);
    till.shop.turns.add_permits(10);
    assert_eq!(failing.await.unwrap(), [Ok(0), Err(Trouble::InTheData)]);
    assert_eq!(other.await.unwrap(), Ok(2));
}

#[tokio::test]
async fn a_second_batch_begins_beside_one_that_is_held_up_and_never_a_third() {
    let till = Till::open(0);
    let first = till.busy().await;
    let waits = till.ask(Wish::of(1));
    settle().await;
    assert_eq!(till.shop.batches(), [[1001]]);
    // Without anybody else who comes.
    until("the second batch", async || (till.shop.batches().len() == 2).then_some(())).await;
    let third = till.ask(Wish::of(2));
    tokio::time::sleep(2 * HELD_UP).await;
    assert_eq!(till.shop.batches(), [[1001], [1]]);
    till.shop.turns.add_permits(1000);
    for (number, asked) in [(1001, first), (1, waits), (2, third)] {
        assert_eq!(asked.await.unwrap(), Ok(number));
    }
    // There is one place again.
    let till = Till { shop: Arc::new(Shop::with(0)), ..till };
    let next = till.busy().await;
    let waits = till.ask(Wish::of(3));
    settle().await;
    assert_eq!(till.shop.batches(), [[1001]]);
    till.shop.turns.add_permits(1000);
    assert_eq!((next.await.unwrap(), waits.await.unwrap()), (Ok(1001), Ok(3)));
}

proptest! {
    #[test]
    fn batches_are_bounded_lose_nobody_and_keep_everybodys_order(
        wishes in proptest::collection::vec((0_u128..6, 0_usize..200, any::<bool>()), 0..300),
    ) {
        let (mut hall, trace) = (Hall::<Wish, ()>::default(), Context::continuing(None));
        let mut answers = Vec::new();
        let mut staying = Vec::new();
        for (number, &(owner, rows, stays)) in wishes.iter().enumerate() {
            let wish = Wish { number, owner, rows: if number % 50 == 49 { 600 } else { rows } };
            let answer = hall.enter(wish, &trace);
            prop_assert!(answer.is_some());
            if stays {
                staying.push(wish);
                answers.push(answer);
            }
        }
        let mut taken = Vec::<Wish>::new();
        loop {
            let batch: Vec<Wish> = hall.take().into_iter().map(|one| one.item).collect();
            if batch.is_empty() {
                break;
            }
            prop_assert!(batch.len() <= MOST_ITEMS);
            prop_assert!(batch.len() == 1 || batch.iter().map(|one| one.rows).sum::<usize>() <= MOST_ROWS);
            for owner in 0..6 {
                prop_assert!(batch.iter().filter(|one| one.owner == owner).count() <= MOST_OF_ONE);
            }
            // Whoever came first is never passed over.
            let first = staying.iter().find(|one| !taken.contains(one));
            prop_assert_eq!(batch.first(), first);
            taken.extend(batch);
        }
        for owner in 0..6 {
            let of = |wishes: &[Wish]| -> Vec<usize> {
                wishes.iter().filter(|one| one.owner == owner).map(|one| one.number).collect()
            };
            prop_assert_eq!(of(&taken), of(&staying));
        }
    }
}
