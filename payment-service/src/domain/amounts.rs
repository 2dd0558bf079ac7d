//! How money moves in the books: debits positive, credits negative, in minor units.

/// The accounts of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// An asset: what the provider took for us and has not paid out.
    ProviderClearing,
    /// A liability: what customers paid for orders, owed to them as goods or as money.
    CustomerPrepayments,
}

impl Account {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::ProviderClearing => "provider_clearing",
            Self::CustomerPrepayments => "customer_prepayments",
        }
    }
}

/// One line of a ledger transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Posting {
    pub(crate) account: Account,
    pub(crate) amount: i64,
}

/// The customer's money lies with the provider, and we owe the customer.
pub(crate) fn capture_postings(amount: i64) -> [Posting; 2] {
    [
        Posting { account: Account::ProviderClearing, amount },
        Posting { account: Account::CustomerPrepayments, amount: -amount },
    ]
}

/// The opposite: the money went back, and so did the debt.
pub(crate) fn refund_postings(amount: i64) -> [Posting; 2] {
    capture_postings(-amount)
}
