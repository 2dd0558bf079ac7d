//! A service as it runs in production, on a port of its own.

use crate::{Client, until};
use service_kit::{Kit, Service, inbox, outbox};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub struct Running {
    pub url: String,
    pub kit: Kit,
    stop: CancellationToken,
    task: JoinHandle<()>,
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
        Self { url: format!("http://{address}"), kit, stop, task }
    }

    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// Waits until every announced event is confirmed and none waits for another try; fails on a dead letter.
    pub async fn settled(&self) {
        until("outbox and inbox to settle", || async {
            let mut connection = self.kit.database.pool().acquire().await.ok()?;
            let pending = outbox::depth(&mut connection).await.ok()?;
            let (waiting, dead) = inbox::unsettled(&mut connection).await.ok()?;
            assert_eq!(dead, 0, "{} has dead letters", self.kit.service);
            (pending == 0 && waiting == 0).then_some(())
        })
        .await;
    }

    /// Ends it in order, as SIGTERM would.
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.expect("the service ends");
    }
}
