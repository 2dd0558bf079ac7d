//! What a bus hands over, and to whom.

use crate::KitError;
use contracts::{RawEvent, ServiceName};
use futures_util::future::BoxFuture;

/// What a bus hands over.
#[derive(Debug)]
pub enum Delivery {
    /// An event, for the reactions to its type.
    Event {
        /// As it was announced.
        event: RawEvent,
        /// The broker handed it out before and heard nothing: the process that had it may have died of it.
        redelivered: bool,
    },
    /// The broker has counted as many deliveries as it makes. It counts each that its consumer's connection did not
    /// outlive, so this says nothing of the event, which perhaps no reaction ever saw.
    GivenUp {
        /// As it was announced.
        event: RawEvent,
        /// Why the broker gave it up.
        reason: String,
    },
    /// What no reaction can read.
    Unreadable {
        /// As it came.
        body: Vec<u8>,
        /// Why it cannot be read.
        reason: String,
    },
}

/// Where a bus delivers to, what is there at a time. `Ok` means that each of it is stored: its effect, its next attempt, or
/// the dead letter.
pub trait Handler: Send + Sync {
    /// Whose inbox it is.
    fn service(&self) -> ServiceName;
    /// Takes them: when this is done without an error, the bus may forget them.
    fn handle(&self, deliveries: Vec<Delivery>) -> BoxFuture<'_, Result<(), KitError>>;
}
