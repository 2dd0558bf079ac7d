//! What a look at a service's queues goes over.

use lapin::{Channel, Connection};

/// Kept from the last look for the next.
pub(super) struct Looker {
    pub(super) connection: Connection,
    pub(super) channel: Option<Channel>,
}
