//! Why something is changed: the request, event or timed job behind it. What is announced and noted carries it on.

use crate::{
    ClientAddress,
    auth::Actor,
    trace::{self, Context},
};
use contracts::{Event, EventId, events::EventData};
use uuid::Uuid;

/// Of one item of a slice: each keeps its own, however many are changed together.
#[derive(Clone, Debug)]
pub struct Cause {
    /// The journey it belongs to; a request begins a new one, that of what it changes.
    pub correlation_id: Option<Uuid>,
    /// The event behind it.
    pub causation_id: Option<EventId>,
    /// That event's type, where whoever acts has it in hand.
    pub event_type: Option<&'static str>,
    /// W3C Trace Context.
    pub traceparent: String,
    /// Who of the staff, where it was: written into the audit log.
    pub by: Option<By>,
}

/// Who did it, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By {
    /// Whose token it was.
    pub actor: Actor,
    /// Where the request came from.
    pub client: ClientAddress,
}

impl Cause {
    /// What runs: a request, a timed job, or what one goes on with that another began.
    #[must_use]
    pub fn current() -> Self {
        Self::from(&trace::current())
    }

    /// A request of the staff.
    #[must_use]
    pub fn by(actor: Actor, client: ClientAddress) -> Self {
        Self { by: Some(By { actor, client }), ..Self::current() }
    }

    /// The event in hand.
    #[must_use]
    pub fn of<T: EventData>(event: &Event<T>) -> Self {
        let context = trace::current();
        // Of several events only one is what the running span is about.
        let own = context.causation_id == Some(event.id);
        let traceparent = event.traceparent.clone().filter(|_| !own).unwrap_or(context.traceparent);
        Self {
            correlation_id: Some(event.correlation_id),
            causation_id: Some(event.id),
            event_type: Some(T::TYPE),
            traceparent,
            by: None,
        }
    }

    /// The 32 hex digits people search logs by.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        trace::id_of(Some(&self.traceparent)).unwrap_or_default()
    }
}

impl From<&Context> for Cause {
    fn from(context: &Context) -> Self {
        Self {
            correlation_id: context.correlation_id,
            causation_id: context.causation_id,
            event_type: None,
            traceparent: context.traceparent.clone(),
            by: None,
        }
    }
}
