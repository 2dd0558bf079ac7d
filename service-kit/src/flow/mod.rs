//! What a service shows of itself to whoever looks at `/flow`: its events as they are announced, published and acted on,
//! what lies in its outbox and inbox, and its last spans. Kept in memory, bounded, and forgotten at the end.
//!
//! The routes stand beside `/metrics` on the service's own port and never pass the front door. With `FLOW=off` there are
//! none, and nothing is kept.

mod journey;
mod kept;
mod look;
mod moment;
mod now;
mod routes;
mod spans;
mod stream;

pub use journey::{Announced, Arrival, Journey, Work};
pub use kept::Flow;
pub use moment::{Counts, Moment, What};
pub use now::{Now, Queue, Store};
pub(crate) use routes::routes;
pub use spans::{Span, SpanKind, SpanRing};
