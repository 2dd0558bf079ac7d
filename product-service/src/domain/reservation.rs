//! What may become of a reservation. The same end whatever the order of events and however often each comes.

use contracts::{CheckoutId, OrderId};

/// A reservation as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Booked {
    pub(crate) checkout_id: CheckoutId,
    /// The one order it was made for.
    pub(crate) order_id: OrderId,
    pub(crate) status: Reservation,
    /// Counts its changes; numbers its events. 0 for what is not known yet.
    pub(crate) version: i64,
}

/// Where a reservation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reservation {
    /// Never asked for, as far as we know.
    Unknown,
    /// Stock is taken, for a while.
    Held,
    /// Paid for: stock is taken until it leaves or the order is cancelled.
    Committed,
    /// The order was cancelled; no stock is taken.
    Released,
    /// No live order held it; no stock is taken.
    Expired,
    /// Its stock left the warehouse.
    Shipped,
    /// There was not enough; no stock was ever taken.
    Refused,
}

/// What is learned about the order behind a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    Paid,
    Cancelled,
    Fulfilled,
    /// Past its time, and order-service knows no live order that holds it.
    Lapsed,
}

/// What follows from a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Become(Reservation, StockEffect),
    /// Known already, or overtaken by something stronger.
    Stay,
    /// The order is alive but its stock was given back. None is taken now: somebody else may have it. order-service
    /// was told by reservation.expired, or cancelled the order itself.
    TooLate,
    /// Builds on something not yet here: try again later.
    Early,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockEffect {
    None,
    /// Reserved goes down.
    GiveBack,
    /// On hand and reserved go down.
    Ship,
}

impl Reservation {
    const ALL: [Self; 7] =
        [Self::Unknown, Self::Held, Self::Committed, Self::Released, Self::Expired, Self::Shipped, Self::Refused];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Held => "held",
            Self::Committed => "committed",
            Self::Released => "released",
            Self::Expired => "expired",
            Self::Shipped => "shipped",
            Self::Refused => "refused",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    pub const fn after(self, fact: Fact) -> Next {
        use StockEffect::{GiveBack, Ship};
        match (self, fact) {
            (Self::Held, Fact::Paid) => Next::Become(Self::Committed, StockEffect::None),
            (Self::Held, Fact::Lapsed) => Next::Become(Self::Expired, GiveBack),
            (Self::Held | Self::Committed, Fact::Cancelled) => Next::Become(Self::Released, GiveBack),
            // Only what is paid is fulfilled: order.paid may be late, and waiting for it could take longer than an event waits.
            (Self::Held | Self::Committed, Fact::Fulfilled) => Next::Become(Self::Shipped, Ship),
            // Leaves a tombstone: a request to reserve that comes behind its cancellation takes nothing.
            (Self::Unknown, Fact::Cancelled) => Next::Become(Self::Released, StockEffect::None),
            (Self::Unknown, Fact::Paid | Fact::Fulfilled) => Next::Early,
            (Self::Released | Self::Expired | Self::Refused, Fact::Paid | Fact::Fulfilled) => Next::TooLate,
            (Self::Committed | Self::Shipped, Fact::Paid)
            | (Self::Shipped, Fact::Fulfilled)
            | (Self::Released | Self::Expired | Self::Refused | Self::Shipped, Fact::Cancelled)
            | (_, Fact::Lapsed) => Next::Stay,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fact, Next, Reservation, StockEffect};
    use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Happens {
        Reserve,
        Learn(Fact),
    }

    /// One reservation of two pieces on a shelf of five.
    #[derive(Debug, PartialEq, Eq)]
    struct Shelf {
        status: Reservation,
        on_hand: i32,
        reserved: i32,
    }

    impl Shelf {
        /// False when it must be tried again later.
        fn meet(&mut self, happens: Happens) -> bool {
            let fact = match happens {
                Happens::Reserve if self.status == Reservation::Unknown => {
                    (self.status, self.reserved) = (Reservation::Held, 2);
                    return true;
                }
                Happens::Reserve => return true,
                Happens::Learn(fact) => fact,
            };
            match self.status.after(fact) {
                Next::Early => return false,
                Next::Stay | Next::TooLate => {}
                Next::Become(status, effect) => {
                    self.status = status;
                    match effect {
                        StockEffect::None => {}
                        StockEffect::GiveBack => self.reserved -= 2,
                        StockEffect::Ship => (self.on_hand, self.reserved) = (self.on_hand - 2, self.reserved - 2),
                    }
                }
            }
            true
        }

        /// Meets all, and what was early again until all are met.
        fn live(history: &[Happens]) -> Self {
            let mut shelf = Self { status: Reservation::Unknown, on_hand: 5, reserved: 0 };
            let mut waiting = history.to_vec();
            for _ in 0..=history.len() {
                waiting.retain(|happens| !shelf.meet(*happens));
                let holds = matches!(shelf.status, Reservation::Held | Reservation::Committed);
                assert_eq!(shelf.reserved, if holds { 2 } else { 0 }, "{history:?}");
            }
            assert!(waiting.is_empty(), "{waiting:?} was never met in {history:?}");
            shelf
        }
    }

    /// Everything that order-service can announce about one order, in its own order.
    fn stories() -> impl Strategy<Value = Vec<Happens>> {
        let learn = Happens::Learn;
        prop_oneof![
            Just(vec![Happens::Reserve]),
            Just(vec![Happens::Reserve, learn(Fact::Paid)]),
            Just(vec![Happens::Reserve, learn(Fact::Cancelled)]),
            Just(vec![Happens::Reserve, learn(Fact::Paid), learn(Fact::Cancelled)]),
            Just(vec![Happens::Reserve, learn(Fact::Paid), learn(Fact::Fulfilled)]),
            Just(vec![Happens::Reserve, learn(Fact::Lapsed)]),
        ]
    }

    fn shuffled() -> impl Strategy<Value = (Vec<Happens>, Vec<Happens>)> {
        (stories(), any::<u8>()).prop_flat_map(|(story, extra)| {
            let mut often = story.clone();
            // Any part of the story up to three times.
            for (index, happens) in story.iter().enumerate() {
                for _ in 0..(extra >> (2 * index) & 3).min(2) {
                    often.push(*happens);
                }
            }
            (Just(story), Just(often).prop_shuffle())
        })
    }

    proptest! {
        #[test]
        fn any_shuffle_with_any_duplicates_ends_as_the_story_does((story, often) in shuffled()) {
            // Lapsed comes from our own look at a held reservation, never before there is one.
            let early_lapse = story.contains(&Happens::Learn(Fact::Lapsed)) && often[0] != Happens::Reserve;
            if !early_lapse {
                prop_assert_eq!(Shelf::live(&often), Shelf::live(&story));
            }
        }
    }

    #[test]
    fn an_order_cancelled_after_its_reservation_lapsed_gives_back_once() {
        let learn = Happens::Learn;
        let lapsed = Shelf::live(&[Happens::Reserve, learn(Fact::Lapsed), learn(Fact::Cancelled)]);
        assert_eq!(lapsed, Shelf { status: Reservation::Expired, on_hand: 5, reserved: 0 });
        let cancelled = Shelf::live(&[Happens::Reserve, learn(Fact::Cancelled), learn(Fact::Lapsed)]);
        assert_eq!(cancelled, Shelf { status: Reservation::Released, on_hand: 5, reserved: 0 });
    }

    #[test]
    fn a_payment_after_the_stock_was_given_back_takes_none() {
        for ended in [Reservation::Released, Reservation::Expired, Reservation::Refused] {
            assert_eq!(ended.after(Fact::Paid), Next::TooLate);
            assert_eq!(ended.after(Fact::Fulfilled), Next::TooLate);
        }
    }

    #[test]
    fn every_status_reads_back_as_it_is_written() {
        for status in Reservation::ALL {
            assert_eq!(Reservation::parse(status.as_str()), Some(status));
        }
    }
}
