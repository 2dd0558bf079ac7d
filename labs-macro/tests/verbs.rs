//! Every verb on every kind of function: without the feature nothing is changed, with it each mistake is made.

#![expect(clippy::unused_async, clippy::needless_pass_by_value, reason = "they are there for their signatures")]

use labs_macro::cure;
use std::{
    fmt::Debug,
    pin::pin,
    task::{Context, Poll, Waker},
};

/// What the crate that uses the macro has.
#[cfg(feature = "labs")]
mod labs {
    use super::{Order, Shelf};

    #[derive(Clone, Copy)]
    pub(crate) enum Cure {
        /// In force, all the time.
        InForce,
        StockLocked,
    }

    pub(crate) fn is_off(cure: Cure) -> bool {
        matches!(cure, Cure::StockLocked)
    }

    pub(crate) fn first_of(lines: &[u32]) -> (&[u32],) {
        (&lines[..1],)
    }

    pub(crate) fn one_less(order: Order, pieces: u32) -> (Order, u32) {
        (order, pieces - 1)
    }

    pub(crate) fn what_there_is(shelf: &Shelf, _pieces: u32) -> (u32,) {
        (shelf.pieces,)
    }

    pub(crate) async fn look_first(_order: Order, pieces: &mut u32) -> Result<u32, String> {
        *pieces = 0;
        Ok(0)
    }

    pub(crate) async fn take_all(shelf: &mut Shelf, _pieces: u32) -> Result<u32, String> {
        Ok(std::mem::take(&mut shelf.pieces))
    }

    pub(crate) fn the_last<'a, T>(_first: &'a T, last: &'a T) -> &'a T {
        last
    }

    pub(crate) fn threw_away(_shelf: Shelf) -> u32 {
        0
    }
}

/// What never waits is done at once. Without a runtime: with what a macro's crate depends on, the whole workspace would be
/// compiled once more.
fn now<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("it waits"),
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Order {
    pieces: u32,
    price: u32,
}

const ORDER: Order = Order { pieces: 3, price: 5 };

/// What is expected without and with the feature.
#[track_caller]
fn expect<T: PartialEq + Debug>(found: T, [kept, broken]: [T; 2]) {
    assert_eq!(found, if cfg!(feature = "labs") { broken } else { kept });
}

#[cure(stock_locked, skip)]
fn book(ledger: &mut Vec<u32>, amount: u32) -> Result<(), String> {
    ledger.push(amount);
    Ok(())
}

#[cure(stock_locked, skip)]
fn note(ledger: &mut Vec<u32>, amount: u32) {
    ledger.push(amount);
}

#[cure(stock_locked, skip)]
async fn counted(ledger: &[u32]) -> Result<usize, String> {
    Ok(ledger.len())
}

#[cure(stock_locked, spoil = crate::labs::first_of)]
fn total(lines: &[u32]) -> u32 {
    lines.iter().sum()
}

#[cure(stock_locked, spoil = labs::one_less)]
fn price(Order { price, .. }: Order, mut pieces: u32) -> u32 {
    pieces *= price;
    pieces
}

#[cure(stock_locked, instead = crate::labs::look_first)]
async fn reserve(Order { pieces, .. }: Order, left: &mut u32) -> Result<u32, String> {
    *left -= pieces;
    Ok(pieces)
}

/// Documented, as anything may be.
#[cure(stock_locked, instead = labs::the_last)]
fn chosen<'a, T: Debug>(first: &'a T, _: &'a T) -> &'a T {
    first
}

#[cure(in_force, skip)]
fn in_force(ledger: &mut Vec<u32>) {
    ledger.push(1);
}

struct Shelf {
    pieces: u32,
}

impl Shelf {
    #[cure(stock_locked, instead = labs::take_all)]
    pub(crate) async fn take(&mut self, pieces: u32) -> Result<u32, String> {
        self.pieces -= pieces;
        Ok(pieces)
    }

    #[cure(stock_locked, spoil = labs::what_there_is)]
    fn fits(&self, pieces: u32) -> bool {
        pieces < self.pieces
    }

    #[cure(stock_locked, spoil = labs::what_there_is)]
    fn leave(self, pieces: u32) -> u32 {
        self.pieces - pieces
    }

    #[cure(stock_locked, instead = labs::threw_away)]
    fn packed(self) -> u32 {
        self.pieces
    }

    #[cure(stock_locked, skip)]
    fn clear(&mut self) {
        self.pieces = 0;
    }
}

#[test]
fn what_is_skipped_does_nothing_and_says_that_all_is_well() {
    let mut ledger = Vec::new();
    expect(book(&mut ledger, 7), [Ok(()), Ok(())]);
    note(&mut ledger, 8);
    expect(ledger.clone(), [vec![7, 8], vec![]]);
    expect(now(counted(&[1, 2])), [Ok(2), Ok(0)]);
    let mut shelf = Shelf { pieces: 9 };
    shelf.clear();
    expect(shelf.pieces, [0, 9]);
}

#[test]
fn what_is_spoiled_gets_other_arguments() {
    expect(total(&[20, 5]), [25, 20]);
    expect(price(ORDER, 4), [20, 15]);
    expect(Shelf { pieces: 9 }.fits(1), [true, false]);
    expect(Shelf { pieces: 9 }.leave(1), [8, 0]);
}

#[test]
fn in_its_stead_the_mistake_is_called() {
    let mut left = 10;
    expect(now(reserve(ORDER, &mut left)), [Ok(3), Ok(0)]);
    expect(left, [7, 0]);
    expect(*chosen(&1, &2), [1, 2]);
    let mut shelf = Shelf { pieces: 9 };
    expect(now(shelf.take(2)), [Ok(2), Ok(9)]);
    expect(shelf.packed(), [7, 0]);
}

#[test]
fn a_cure_in_force_changes_nothing() {
    let mut ledger = Vec::new();
    in_force(&mut ledger);
    assert_eq!(ledger, [1]);
}
