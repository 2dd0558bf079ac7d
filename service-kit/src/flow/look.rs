//! The look at database and broker.

use super::{
    Flow,
    kept::Kept,
    now::{Now, Queue, Store},
};
use crate::{Kit, bus::Depth, inbox, outbox};
use std::{
    sync::PoisonError,
    time::{Duration, Instant},
};

/// Whoever asks within this time after another gets the same answer.
const FRESH: Duration = Duration::from_millis(500);
/// The broker is waited for no longer.
const PATIENCE: Duration = Duration::from_secs(2);

impl Flow {
    /// One look at database and broker at a time, however many ask.
    pub(super) async fn now(&self, kit: &Kit) -> Option<Now> {
        let kept = self.0.as_ref()?;
        let mut glance = kept.glance.lock().await;
        if let Some((at, now)) = &*glance
            && at.elapsed() < FRESH
        {
            return Some(now.clone());
        }
        let now = look(kept, kit).await;
        *glance = Some((Instant::now(), now.clone()));
        Some(now)
    }
}

async fn look(kept: &Kept, kit: &Kit) -> Now {
    let (store, queue) = tokio::join!(store(kit), queue(kit));
    let at = kept.clock.now();
    let moments = kept.moments.lock().unwrap_or_else(PoisonError::into_inner);
    let (last_minute, lately) = (moments.last_minute(at), moments.last());
    Now { service: kept.service, at, bus: kit.describe_bus().to_owned(), store, queue, last_minute, lately }
}

/// Beside the pool: while all of its connections are in use the database is busy, not away.
async fn store(kit: &Kit) -> Option<Store> {
    let look = kit.database.aside(|connection| {
        Box::pin(async move {
            let out = outbox::backlog(&mut *connection).await?;
            let held = inbox::backlog(connection).await?;
            Ok(Store { outbox: out.pending, oldest: out.oldest, waiting: held.waiting, dead: held.dead })
        })
    });
    look.await.ok()
}

async fn queue(kit: &Kit) -> Queue {
    match tokio::time::timeout(PATIENCE, kit.bus.depth(kit.service)).await {
        Ok(Ok(Some(Depth { events, dead }))) => Queue::Holds { events, dead },
        Ok(Ok(None)) => Queue::None,
        Ok(Err(_)) | Err(_) => Queue::Away,
    }
}
