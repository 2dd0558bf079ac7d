//! One thing to do after a backup was restored.

use crate::doctor::repair;
use contracts::Money;
use order_service::mend::Remembered;
use std::fmt;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Order numbers go on behind this one.
    MoveNumbers { last: i64, known: i64, to: i64 },
    /// An order is brought to where the other services know it to be.
    Remember(Box<Remembered>),
    /// A lost event is sent again.
    Repair(repair::Step),
    /// An order whose address is lost is cancelled: its money and its stock go back.
    Cancel { order: Uuid, number: i64 },
    /// What the provider has under a key of a database that is no more is taken note of.
    Acknowledge { key: String, what: String },
    /// What the provider took for an order that nobody knows goes back.
    GiveBack { charge: String, order: String, amount: Money },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MoveNumbers { last, known, to } => {
                let next = to + 1;
                write!(f, "let order numbers go on at {next} (order_db: {last}, known elsewhere: {known})")
            }
            Self::Remember(lost) => {
                let kinds: Vec<_> = lost.events.iter().map(|event| event.kind.as_str()).collect();
                let kinds = kinds.join(", ");
                match &lost.placed {
                    Some(placed) => {
                        let (number, total) = (placed.number, placed.total);
                        write!(
                            f,
                            "store order {number} ({}, {total}) again, without its address: {kinds}",
                            lost.order_id
                        )
                    }
                    None => write!(f, "bring order {} to where the others know it to be: {kinds}", lost.order_id),
                }
            }
            Self::Repair(step) => step.fmt(f),
            Self::Cancel { order, number } => {
                write!(f, "cancel order {number} ({order}), whose address is lost: its money and its stock go back")
            }
            Self::Acknowledge { key, what } => write!(f, "take note that the provider {what} under {key}"),
            Self::GiveBack { charge, order, amount } => {
                write!(f, "give back {amount} of {charge}, taken for order {order}, which nobody knows")
            }
        }
    }
}
