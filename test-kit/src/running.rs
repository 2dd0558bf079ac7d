//! A service as it runs in production, on a port of its own.

use crate::{
    Client,
    wait::{until, wait_in_place},
};
use service_kit::{Kit, Service, inbox, outbox};
use std::{
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// How long what a test set going may take to come to its end.
const TO_SETTLE: Duration = Duration::from_secs(10);

/// Dropping it fails the test if something is left queued: an event that is not announced, one that waits for another
/// try, a dead letter. What is on its way gets the time to arrive. A test that is about such things says so with
/// [`Running::leaves_queued`].
pub struct Running {
    pub url: String,
    pub kit: Kit,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
    /// Why something may be left.
    left_because: OnceLock<&'static str>,
}

impl Running {
    /// Runs `service` on a free port.
    pub async fn start(service: Service) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        Self::start_on(service, listener)
    }

    /// Runs `service` on a port that peers were told of before.
    #[must_use]
    pub fn start_on(service: Service, listener: TcpListener) -> Self {
        let address = listener.local_addr().expect("an address");
        let (kit, stop) = (service.kit().clone(), CancellationToken::new());
        let running = service.run(listener, stop.clone());
        let task = tokio::spawn(async move { running.await.expect("the service runs until it is stopped") });
        let url = format!("http://{address}");
        Self { url, kit, stop, task: Some(task), left_because: OnceLock::new() }
    }

    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// Waits until every announced event is confirmed and none waits for another try; fails on a dead letter.
    pub async fn settled(&self) {
        until("outbox and inbox to settle", || async {
            let queued = queued(&self.kit).await?;
            assert_eq!(queued.dead, 0, "{} has dead letters", self.kit.service);
            queued.is_nothing().then_some(())
        })
        .await;
    }

    /// This test ends with something queued, and why that is right.
    pub fn leaves_queued(&self, why: &'static str) {
        // Said twice is as good.
        let _ = self.left_because.set(why);
    }

    /// Ends it in order, as SIGTERM would. What is queued then is for its next life.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            task.await.expect("the service ends");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let was_stopped = self.task.is_none();
        if was_stopped || self.left_because.get().is_some() || thread::panicking() {
            self.stop.cancel();
            return;
        }
        let left = wait_in_place(left_in(&self.kit));
        self.stop.cancel();
        if let Some(left) = left {
            panic!(
                "the test leaves {left} at {}: wait for it, or say why it may stay (leaves_queued)",
                self.kit.service
            );
        }
    }
}

/// What is queued at one service.
struct Queued {
    unannounced: i64,
    waiting: i64,
    dead: i64,
}

impl Queued {
    fn is_nothing(&self) -> bool {
        self.unannounced == 0 && self.waiting == 0 && self.dead == 0
    }
}

/// `None` while the database does not answer.
async fn queued(kit: &Kit) -> Option<Queued> {
    let mut connection = kit.database.acquire().await.ok()?;
    let unannounced = outbox::depth(&mut connection).await.ok()?;
    let (waiting, dead) = inbox::unsettled(&mut connection).await.ok()?;
    Some(Queued { unannounced, waiting, dead })
}

/// What is still queued after all the time it may take.
async fn left_in(kit: &Kit) -> Option<String> {
    let begun = Instant::now();
    loop {
        let looked = tokio::time::timeout(TO_SETTLE, queued(kit)).await.ok().flatten();
        if looked.as_ref().is_some_and(Queued::is_nothing) {
            return None;
        }
        if begun.elapsed() > TO_SETTLE {
            return Some(looked.map_or_else(
                || "a database that does not answer".to_owned(),
                |Queued { unannounced, waiting, dead }| {
                    format!("{unannounced} unannounced events, {waiting} waiting and {dead} dead ones")
                },
            ));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
