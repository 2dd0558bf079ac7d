//! The moments as they happen (server-sent events). Whoever is slow misses some and is told so; whoever has gone away
//! gives its place back. Neither holds up the service.

use super::{Flow, Moment};
use axum::response::sse::{self, KeepAlive, Sse};
use futures_util::{Stream, stream};
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::sync::{
    OwnedSemaphorePermit,
    broadcast::{Receiver, error::RecvError},
};
use tokio_util::sync::CancellationToken;

/// Tells a live stream from a dead one, and finds out who has gone.
const BEAT: Duration = Duration::from_secs(10);

struct Viewer {
    live: Receiver<Arc<Moment>>,
    end: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl Flow {
    /// None when nothing is shown, or too many watch already.
    pub(super) fn watch(&self) -> Option<Sse<impl Stream<Item = Result<sse::Event, Infallible>> + use<>>> {
        let kept = self.0.as_ref()?;
        let place = Arc::clone(&kept.viewers).try_acquire_owned().ok()?;
        let viewer = Viewer { live: kept.live.subscribe(), end: kept.end.clone(), _place: place };
        let moments = stream::unfold(viewer, |mut viewer| async move {
            let event = viewer.end.clone().run_until_cancelled(viewer.next()).await??;
            Some((Ok(event), viewer))
        });
        Some(Sse::new(moments).keep_alive(KeepAlive::new().interval(BEAT)))
    }
}

impl Viewer {
    async fn next(&mut self) -> Option<sse::Event> {
        match self.live.recv().await {
            Ok(moment) => sse::Event::default().event("moment").json_data(&*moment).ok(),
            Err(RecvError::Lagged(missed)) => Some(sse::Event::default().event("missed").data(missed.to_string())),
            Err(RecvError::Closed) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Flow, Viewer};
    use crate::{
        Clock,
        flow::{Moment, What, kept::BEHIND},
    };
    use contracts::ServiceName;
    use std::sync::Arc;
    use uuid::Uuid;

    #[tokio::test]
    async fn a_viewer_that_does_not_read_misses_the_oldest_and_is_told_so() {
        let flow = Flow::new(true, ServiceName::Order, Clock::system());
        let kept = flow.0.as_ref().unwrap();
        let place = Arc::clone(&kept.viewers).try_acquire_owned().unwrap();
        let mut viewer = Viewer { live: kept.live.subscribe(), end: kept.end.clone(), _place: place };
        for number in 0..1000 {
            flow.tell(Moment {
                at: kept.clock.now(),
                service: ServiceName::Order,
                what: What::Announced,
                event_id: Uuid::nil().into(),
                kind: "order.created".into(),
                source: ServiceName::Order,
                subject: Uuid::nil(),
                correlation_id: Uuid::nil(),
                number: Some(number),
                micros: None,
            });
        }
        assert_eq!(format!("{:?}", viewer.next().await).matches("missed").count(), 1);
        assert_eq!(viewer.live.len(), BEHIND);
    }
}
