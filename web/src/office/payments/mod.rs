//! Payments, as the merchant sees them: what was taken, what went back, and what the books say.

pub(super) mod list;
pub(super) mod show;

use askama::Template;
use contracts::api::payment::{BookedEntryView, LedgerView, PaymentStatus};

/// Where a payment stands, in a word or two.
pub(crate) const fn word(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Created => "about to be asked for",
        PaymentStatus::Unknown => "its answer is awaited",
        PaymentStatus::Captured => "taken",
        PaymentStatus::Failed => "failed",
        PaymentStatus::Cancelled => "never taken",
    }
}

/// How the word is marked.
pub(crate) const fn mark(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Captured => "tag good",
        PaymentStatus::Failed => "tag wrong",
        PaymentStatus::Created | PaymentStatus::Unknown | PaymentStatus::Cancelled => "tag",
    }
}

/// What is booked of a payment, as a table.
#[derive(Template)]
#[template(path = "office/books.html")]
pub(crate) struct Books<'a> {
    pub(crate) ledger: &'a LedgerView,
}

/// What an account is for.
fn account(entry: &BookedEntryView) -> &str {
    match &*entry.account {
        "provider_clearing" => "With the provider",
        "customer_prepayments" => "Owed to customers",
        other => other,
    }
}
