//! The fifteen promises, by name.

use std::fmt;

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// Every request that was answered has its one order, every other none.
    Requests,
    /// Nothing stays unsettled past its deadline.
    Ends,
    /// Provider, ledger, payment and order tell of the same money.
    Money,
    /// Stock is the sum of its movements, reserved the sum of what is held.
    Stock,
    /// Every change has its event, every event its subscribers, every arrival its effect.
    Loss,
    /// Nothing was done twice.
    Once,
    /// Sequences rise, histories hang together.
    Sequence,
    /// Everybody was told what is to be told, once.
    Notices,
    /// Dead letters are exactly the injected ones.
    Poison,
    /// The provider's log and the payments are the same, entry by entry.
    Reconciliation,
    /// The books balance.
    Ledger,
    /// Every change of state was an allowed one.
    States,
    /// Nothing happened before what must cause it.
    Causes,
    /// No personal data where none may be.
    Privacy,
    /// Nothing lies about: old outbox rows, leases, open transactions.
    Hygiene,
}

impl Invariant {
    pub const ALL: [Self; 15] = [
        Self::Requests,
        Self::Ends,
        Self::Money,
        Self::Stock,
        Self::Loss,
        Self::Once,
        Self::Sequence,
        Self::Notices,
        Self::Poison,
        Self::Reconciliation,
        Self::Ledger,
        Self::States,
        Self::Causes,
        Self::Privacy,
        Self::Hygiene,
    ];

    /// `I1` to `I15`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Requests => "I1",
            Self::Ends => "I2",
            Self::Money => "I3",
            Self::Stock => "I4",
            Self::Loss => "I5",
            Self::Once => "I6",
            Self::Sequence => "I7",
            Self::Notices => "I8",
            Self::Poison => "I9",
            Self::Reconciliation => "I10",
            Self::Ledger => "I11",
            Self::States => "I12",
            Self::Causes => "I13",
            Self::Privacy => "I14",
            Self::Hygiene => "I15",
        }
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Ends => "ends",
            Self::Money => "money",
            Self::Stock => "stock",
            Self::Loss => "loss",
            Self::Once => "once",
            Self::Sequence => "order of events",
            Self::Notices => "notices",
            Self::Poison => "dead letters",
            Self::Reconciliation => "reconciliation",
            Self::Ledger => "ledger",
            Self::States => "states",
            Self::Causes => "causes",
            Self::Privacy => "privacy",
            Self::Hygiene => "hygiene",
        }
    }
}

/// `I4 stock`.
impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code(), self.name())
    }
}
