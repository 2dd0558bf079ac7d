//! A service put together: routes, reactions, relay and jobs, run until told to stop and then ended in order.

use crate::{
    Kit, Subscriptions,
    bus::Handler,
    dispatcher::Dispatcher,
    jobs::{self, Progress},
    metrics, relay, server,
};
use axum::Router;
use contracts::ServiceName;
use futures_util::future::BoxFuture;
use std::{error::Error, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Notify};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// Requests and messages in work may take this long after the stop; with the rest it stays under 10 s.
const DRAIN: Duration = Duration::from_secs(8);

/// A service's routes: for people through the front door, and for other services on its own port only.
pub struct Routes<App> {
    pub public: OpenApiRouter<App>,
    pub internal: OpenApiRouter<App>,
}

impl<App: Clone + Send + Sync + 'static> Routes<App> {
    /// The OpenAPI 3.1 document, as `/openapi.json` shows it.
    #[must_use]
    pub fn document(self, service: ServiceName) -> OpenApi {
        let (_, api) = self.public.merge(self.internal).split_for_parts();
        server::document(service, api)
    }
}

type Work = Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, ()> + Send>;

pub struct Service {
    kit: Kit,
    own: Router,
    public: Router,
    work: Vec<Work>,
}

impl Service {
    /// # Errors
    /// The subscription table and the contracts differ.
    pub fn new<App: Clone + Send + Sync + 'static>(
        kit: Kit,
        app: App,
        routes: Routes<App>,
        subscriptions: Subscriptions<App>,
    ) -> anyhow::Result<Self> {
        metrics::handle();
        subscriptions.check_against_contracts()?;
        let (own, public) = server::routers(&kit, routes, app.clone());
        let types = subscriptions.types();
        let dispatcher = Dispatcher::new(app, kit.database.clone(), kit.clock.clone(), subscriptions);
        let dispatcher = Arc::new(dispatcher);
        let mut service = Self { kit: kit.clone(), own, public, work: Vec::new() };
        if kit.bus.relays_here() {
            let (database, bus, clock) = (kit.database.clone(), kit.bus.clone(), kit.clock.clone());
            service.add(|stop| relay::run(database, bus, clock, stop));
            let (bus, handler) = (kit.bus.clone(), Arc::clone(&dispatcher) as Arc<dyn Handler>);
            service.add(|stop| async move { bus.consume(handler, types, stop).await });
            let wake = Arc::clone(&dispatcher.retry_wake);
            service = service.job("retry events", Duration::from_millis(500), wake, move || {
                let dispatcher = Arc::clone(&dispatcher);
                async move { dispatcher.retry_due().await }
            });
        }
        service.add(|stop| learn_keys(kit, stop));
        service.add(metrics::keep_up);
        Ok(service)
    }

    /// Adds timed work: every `every`, and when `wake` is notified.
    #[must_use]
    pub fn job<R, E>(
        mut self,
        name: &'static str,
        every: Duration,
        wake: Arc<Notify>,
        work: impl Fn() -> R + Send + Sync + 'static,
    ) -> Self
    where
        R: Future<Output = Result<Progress, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
    {
        self.add(move |stop| jobs::run(name, every, wake, stop, work));
        self
    }

    fn add<R: Future<Output = ()> + Send + 'static>(
        &mut self,
        work: impl FnOnce(CancellationToken) -> R + Send + 'static,
    ) {
        self.work.push(Box::new(|stop| Box::pin(work(stop))));
    }

    /// The routes the front door may show, without the service's own port.
    pub fn public(&self) -> Router {
        self.public.clone()
    }

    #[must_use]
    pub fn kit(&self) -> &Kit {
        &self.kit
    }

    /// Serves on `listener` until `stop`; then takes no more, finishes what is in work and closes the database.
    ///
    /// # Errors
    /// The listener fails.
    pub async fn run(self, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
        let tasks = TaskTracker::new();
        // Work that is running may need peers in this process a little longer: stop serving first, then the rest.
        let stop_work = CancellationToken::new();
        for work in self.work {
            tasks.spawn(work(stop_work.clone()));
        }
        tracing::info!(service = %self.kit.service, address = %listener.local_addr()?, "serving");
        let serving = axum::serve(listener, self.own).with_graceful_shutdown(stop.clone().cancelled_owned());
        let serving = tokio::spawn(serving.into_future());
        stop.cancelled().await;
        let drained = tokio::time::timeout(DRAIN / 2, serving).await;
        if drained.is_err() {
            tracing::warn!(service = %self.kit.service, "some requests did not end in time and were cut off");
        }
        stop_work.cancel();
        tasks.close();
        if tokio::time::timeout(DRAIN / 2, tasks.wait()).await.is_err() {
            tracing::warn!(service = %self.kit.service, "some work did not end in time; its messages come again");
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), self.kit.database.close()).await;
        tracing::info!(service = %self.kit.service, "stopped");
        Ok(())
    }
}

/// Fetches user-service's keys at start, until it has them: nobody's first request should wait for them.
async fn learn_keys(kit: Kit, stop: CancellationToken) {
    let mut pause = Duration::from_millis(50);
    while !kit.verifier.knows(ServiceName::User) {
        if let Err(cause) = kit.verifier.fetch(ServiceName::User).await {
            tracing::debug!(%cause, "user-service's keys could not be fetched yet");
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}
