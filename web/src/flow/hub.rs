//! One look at the services for all who watch `/flow`: a stream from each, and their states every two seconds. It begins
//! with the first viewer and ends soon after the last.

use super::{
    board::{Board, OrdersView, RowsView},
    panel::Panels,
    services::{Services, Silence},
};
use askama::Template;
use contracts::ServiceName;
use serde::Serialize;
use service_kit::flow::{Moment, What};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, broadcast},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A viewer that is further behind is shown the whole board anew.
const BEHIND: usize = 256;
const VIEWERS: usize = 64;
const LOOK: Duration = Duration::from_secs(2);
/// Between two attempts to reach a service.
const PAUSE: Duration = Duration::from_secs(1);
/// One event of a stream is far smaller.
const LONGEST: usize = 64 * 1024;

pub(super) struct Hub {
    services: Services,
    live: broadcast::Sender<Arc<Shown>>,
    state: Mutex<State>,
    viewers: Arc<Semaphore>,
    stop: CancellationToken,
}

/// What everybody sees. Changed and told of under one lock, so that who begins to watch misses nothing.
#[derive(Default)]
struct State {
    running: bool,
    board: Board,
    panels: Option<Panels>,
}

/// A message to the pages: its name, and JSON.
pub(super) struct Shown {
    pub(super) name: &'static str,
    pub(super) data: String,
}

/// What a page gets for its place.
pub(super) struct Watch {
    pub(super) live: broadcast::Receiver<Arc<Shown>>,
    pub(super) stop: CancellationToken,
    /// What there is to show already.
    pub(super) first: Vec<Arc<Shown>>,
    pub(super) place: OwnedSemaphorePermit,
}

/// The whole board, in place of what a page shows.
#[derive(Serialize)]
struct WholeBoard {
    rows: String,
    orders: String,
}

/// One event's line, and what there is to see of what happened to it.
#[derive(Serialize)]
struct OneRow {
    id: Uuid,
    html: String,
    orders: String,
    from: &'static str,
    to: &'static str,
    what: What,
}

impl Hub {
    pub(super) fn new(services: Services, stop: CancellationToken) -> Self {
        let (live, viewers) = (broadcast::Sender::new(BEHIND), Arc::new(Semaphore::new(VIEWERS)));
        Self { services, live, state: Mutex::default(), viewers, stop }
    }

    /// None when as many as may are watching already.
    pub(super) fn watch(self: &Arc<Self>) -> Option<Watch> {
        let place = Arc::clone(&self.viewers).try_acquire_owned().ok()?;
        let mut state = self.state();
        let watch = Watch { live: self.live.subscribe(), stop: self.stop.clone(), first: state.all(), place };
        if !state.running {
            *state = State { running: true, ..State::default() };
            tokio::spawn(Arc::clone(self).run());
        }
        Some(watch)
    }

    /// All there is to show, for a page that fell behind.
    pub(super) fn all(&self) -> Vec<Arc<Shown>> {
        self.state().all()
    }

    async fn run(self: Arc<Self>) {
        // Dropped at the end, and the streams with it.
        let mut streams = JoinSet::new();
        for service in self.services.names() {
            let hub = Arc::clone(&self);
            streams.spawn(async move { hub.follow(service).await });
        }
        while self.stop.run_until_cancelled(self.look()).await.is_some() {
            tokio::time::sleep(LOOK).await;
            let mut state = self.state();
            if self.live.receiver_count() == 0 || self.stop.is_cancelled() {
                state.running = false;
                return;
            }
        }
        self.state().running = false;
    }

    /// Asks all services how they are. Their last events come with it, and mend what a broken stream missed.
    async fn look(&self) {
        let answers = self.services.now().await;
        let panels = Panels::of(&answers);
        let mut state = self.state();
        let mut changed = false;
        for now in answers.values().flatten() {
            for moment in &now.lately {
                changed |= state.board.take(moment);
            }
        }
        self.show("panels", &panels);
        state.panels = Some(panels);
        if changed {
            let _ = self.live.send(state.board());
        }
    }

    /// One service's stream, again and again.
    async fn follow(&self, service: ServiceName) {
        loop {
            let ended = self.follow_once(service).await;
            if let Err(silence) = ended {
                tracing::debug!(%service, %silence, "its flow cannot be followed");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn follow_once(&self, service: ServiceName) -> Result<(), Silence> {
        let mut stream = self.services.stream(service).await?;
        let mut buffer = Vec::new();
        while let Some(chunk) = stream.chunk().await.map_err(|_| Silence::Away)? {
            buffer.extend_from_slice(&chunk);
            while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = buffer.drain(..=end).collect();
                if let Some(moment) = line.strip_prefix(b"data:").and_then(|data| serde_json::from_slice(data).ok()) {
                    self.take(&moment);
                }
            }
            if buffer.len() > LONGEST {
                return Err(Silence::Away);
            }
        }
        Ok(())
    }

    fn take(&self, moment: &Moment) {
        let mut state = self.state();
        state.board.take(moment);
        // It may be older than all that are shown.
        let Some(row) = state.board.row(moment.event_id) else { return };
        let one = OneRow {
            id: moment.event_id.uuid(),
            html: row.render().unwrap_or_default(),
            orders: state.orders(),
            from: moment.source.short(),
            to: moment.service.short(),
            what: moment.what,
        };
        self.show("row", &one);
    }

    /// Fails when nobody watches any more.
    fn show(&self, name: &'static str, what: &impl Serialize) {
        let _ = self.live.send(shown(name, what));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn all(&self) -> Vec<Arc<Shown>> {
        let Some(panels) = self.panels.as_ref().filter(|_| self.running) else { return Vec::new() };
        vec![shown("panels", panels), self.board()]
    }

    fn board(&self) -> Arc<Shown> {
        let rows = RowsView { rows: self.board.rows() }.render().unwrap_or_default();
        shown("board", &WholeBoard { rows, orders: self.orders() })
    }

    fn orders(&self) -> String {
        OrdersView { orders: self.board.orders() }.render().unwrap_or_default()
    }
}

fn shown(name: &'static str, what: &impl Serialize) -> Arc<Shown> {
    Arc::new(Shown { name, data: serde_json::to_string(what).unwrap_or_default() })
}
