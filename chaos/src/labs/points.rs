//! The crash points that every fault run knows, by the names they had before each commit and each call became one.

/// In the order in which an order passes them.
pub(crate) const STEPS: &[&str] = &[
    "reserve",
    "order-commit",
    "answer",
    "publish",
    "confirm",
    "mark",
    "consume",
    "provider-call",
    "provider-answer",
    "ledger-commit",
    "acknowledge",
    "compensate",
    "mail-sent",
    "mail-marked",
];
