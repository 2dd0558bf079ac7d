//! The old way to write a cure and a step, until every service has left it.

#[cfg(feature = "labs")]
mod armed {
    use crate::labs::{Listed, faults, off};

    /// The cures that still stand in business code.
    pub const UNCONVERTED: Listed = Listed {
        of: "unconverted",
        cures: &[
            ("charge-key-kept", "every attempt charges under a key of its own"),
            ("charge-the-total", "a cent less than the order's total is charged"),
            ("unknown-is-asked", "no answer counts as a refusal"),
            ("late-capture-refunded", "money that comes too late is kept"),
            ("refund-on-cancel", "who cancels a paid order gets nothing back"),
            ("refund-key-kept", "every attempt refunds under a key of its own"),
            ("capture-booked", "money that was taken is not in the books"),
            ("tombstone", "a cancellation that comes first leaves no trace: the order behind it is charged"),
            ("stock-locked", "stock is looked at first and taken later"),
            ("cancel-gives-back", "a cancelled order keeps its stock"),
            ("paid-commits-stock", "a paid order's reservation is never committed"),
            ("shipping-takes-stock", "what left the warehouse stays on its shelf"),
            ("expiry-announced", "a reservation expires without a word"),
            ("level-with-movement", "stock changes without a movement"),
            ("confirmed-when-paid", "the customer is told of a payment that was not made"),
            ("sent-then-marked", "a mail is marked before it is sent"),
            ("setback-is-tried-again", "a mail that could not be sent counts as sent"),
            ("message-id-kept", "a mail that is sent again looks like another one"),
        ],
        points: "reserve\norder-commit\nanswer\nprovider-call\nprovider-answer\nledger-commit\ncompensate\nmail-sent\nmail-marked\n",
    };

    /// A named step of an order's way.
    ///
    /// # Errors
    /// An error was asked for here.
    pub async fn step(name: &'static str) -> Result<(), sqlx::Error> {
        Ok(faults::pass("", name).await?)
    }

    /// Whether the cure is in force.
    #[must_use]
    pub fn cure(name: &'static str) -> bool {
        !off(name)
    }
}

#[cfg(not(feature = "labs"))]
mod nothing {
    use std::future::{Ready, ready};

    /// A named step of an order's way.
    ///
    /// # Errors
    /// None, in this build.
    #[inline(always)]
    pub fn step(_name: &'static str) -> Ready<Result<(), sqlx::Error>> {
        ready(Ok(()))
    }

    /// Whether the cure is in force.
    #[must_use]
    #[inline(always)]
    pub const fn cure(_name: &'static str) -> bool {
        true
    }
}

#[cfg(feature = "labs")]
pub use armed::{UNCONVERTED, cure, step};
#[cfg(not(feature = "labs"))]
pub use nothing::{cure, step};
