//! A service put together: routes, reactions, relay and jobs, run until told to stop and then ended in order.

use crate::{
    Kit, KitError, Routes, Subscriptions, audit,
    bus::Handler,
    dispatcher::Dispatcher,
    http_server::{self, Connections},
    jobs::{self, Progress},
    leaving,
    metrics::{self, Published, Runs, Sample, sampler},
    personal_data::{self, PersonalData, Receipt},
    pruning::Pruning,
    reactions::Reactions,
    relay::{self, Relay},
    retention::{self, Retention},
    server, supervised,
};
use axum::Router;
use contracts::{ServiceName, events::EventData};
use futures_util::future::BoxFuture;
use std::{error::Error, io, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Notify};
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker},
};
use tracing::Instrument;

/// Requests and messages in work may take this long after the stop and the delay; with the rest it stays under 10 s.
const DRAIN: Duration = Duration::from_secs(8);

/// Seldom, and often enough: a key is published for longer before it signs.
const RENEW_KEYS: Duration = Duration::from_secs(300);

type Work = Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, ()> + Send>;

/// A service that is ready to run.
pub struct Service {
    kit: Kit,
    own: Router,
    public: Router,
    connections: Connections,
    work: Vec<Work>,
    samples: Vec<Sample>,
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
        Self::assemble(kit, routes.with(app.clone()), subscriptions.of(app))
    }

    fn assemble(kit: Kit, routes: Routes<()>, reactions: Reactions) -> anyhow::Result<Self> {
        reactions.check_against_contracts()?;
        let (own, public) = server::routers(&kit, routes);
        let types = reactions.types();
        let dispatcher = Arc::new(Dispatcher::new(&kit, reactions));
        let connections = Connections::new(kit.settings.connections.clone());
        let mut service = Self { kit: kit.clone(), own, public, connections, work: Vec::new(), samples: Vec::new() };
        if kit.bus.relays_here() {
            let relay = Relay {
                instance: kit.clock.new_id(),
                service: kit.service,
                together: kit.settings.together,
                leads: kit.leads.clone(),
                database: kit.database.clone(),
                bus: kit.bus.clone(),
                clock: kit.clock.clone(),
                spans: kit.spans.clone(),
                published: Published::new(kit.service),
            };
            service.keep("relay", move |stop| relay::run(relay.clone(), stop));
            let (bus, handler) = (kit.bus.clone(), Arc::clone(&dispatcher) as Arc<dyn Handler>);
            service.keep("consumer", move |stop| {
                let (bus, handler, types) = (bus.clone(), Arc::clone(&handler), types.clone());
                async move { bus.consume(handler, types, stop).await }
            });
            let wake = Arc::clone(&dispatcher.retry_wake);
            service = service.job("retry events", Duration::from_millis(500), wake, move || {
                let dispatcher = Arc::clone(&dispatcher);
                async move { dispatcher.retry_due().await }
            });
        }
        let (auditing, wake) = (kit.clone(), Arc::clone(&kit.audit_wake));
        service = service.job("close the audit chain", audit::EVERY, wake, move || {
            let kit = auditing.clone();
            async move { audit::close(&kit.database, kit.clock.now()).await }
        });
        let renewing = kit.clone();
        service = service.job("renew keys", RENEW_KEYS, Arc::default(), move || {
            let kit = renewing.clone();
            async move { renew_keys(&kit).await }
        });
        let retention = Retention::of(&kit);
        service = service.retain(retention);
        let (directory, who) = (kit.directory.clone(), kit.service.as_str());
        service.keep("learn keys", move |stop| learn_keys(kit.clone(), stop));
        service.keep("metrics", metrics::keep_up);
        service.add(move |stop| async move { directory.follow(who, stop).await });
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
        self.timed(
            name,
            every,
            wake,
            Box::new(move || {
                let run = work();
                Box::pin(async move { run.await.map_err(Into::into) })
            }),
        );
        self
    }

    /// Adds what is done when a person is to be forgotten, or wants a copy of what is kept of them.
    #[must_use]
    pub fn knows_people<App, R>(self, app: App, data: PersonalData<App>, receipt: Receipt<R>) -> Self
    where
        App: Clone + Send + Sync + 'static,
        R: EventData,
    {
        let (kit, wake, data) = (self.kit.clone(), Arc::clone(&self.kit.people_wake), Arc::new(data));
        self.job("personal data", personal_data::EVERY, wake, move || {
            let (kit, app, data) = (kit.clone(), app.clone(), Arc::clone(&data));
            async move { personal_data::run(&kit, &app, &data, receipt).await }
        })
    }

    /// Deletes what is older than so many days from a table of the service's own.
    #[must_use]
    pub fn prune(self, table: Pruning, days: u16) -> Self {
        let retention = Retention::of_table(&self.kit, table, days);
        self.retain(retention)
    }

    fn retain(self, retention: Arc<Retention>) -> Self {
        let work = move || Arc::clone(&retention).run();
        self.job("retention", retention::EVERY, Arc::default(), work)
    }

    fn timed(
        &mut self,
        name: &'static str,
        every: Duration,
        wake: Arc<Notify>,
        work: Box<dyn Fn() -> jobs::Run + Send + Sync>,
    ) {
        let runs = Runs::new(self.kit.service.as_str(), name);
        self.add(move |stop| jobs::run(name, runs, every, jobs::LIMIT, wake, stop, work));
    }

    /// Adds a look at the service's own tables, for gauges: every few seconds, while the database answers.
    #[must_use]
    pub fn sample(mut self, sample: Sample) -> Self {
        self.samples.push(sample);
        self
    }

    /// Counts its connections among those of others in the same process.
    #[must_use]
    pub fn among(mut self, connections: Connections) -> Self {
        self.connections = connections;
        self
    }

    /// Adds work that goes on until the stop, and begins again after a panic.
    pub fn keep<R: Future<Output = ()> + Send + 'static>(
        &mut self,
        name: &'static str,
        work: impl Fn(CancellationToken) -> R + Send + Sync + 'static,
    ) {
        let runs = Runs::new(self.kit.service.as_str(), name);
        self.add(move |stop| supervised::run(name, runs, stop, work));
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

    /// What its handlers share.
    #[must_use]
    pub fn kit(&self) -> &Kit {
        &self.kit
    }

    /// Serves on `listener` until `stop`, and for the settings' delay after it; then takes no more, finishes what is in
    /// work and closes the database.
    ///
    /// # Errors
    /// The listener fails, which is told at the end.
    pub fn run(self, listener: TcpListener, stop: CancellationToken) -> BoxFuture<'static, anyhow::Result<()>> {
        Box::pin(self.run_now(listener, stop))
    }

    async fn run_now(self, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
        let tasks = TaskTracker::new();
        // Work that is running may need peers in this process a little longer: stop serving first, then the rest.
        let stop_work = CancellationToken::new();
        // At the highest level, so that it is there whatever is filtered: in the all-in-one nothing else says who logs.
        let span = tracing::error_span!("work", service.name = self.kit.service.as_str());
        for work in self.work {
            tasks.spawn(work(stop_work.clone()).instrument(span.clone()));
        }
        let (kit, samples) = (self.kit.clone(), self.samples);
        let runs = Runs::new(kit.service.as_str(), "sampler");
        let sampling = supervised::run("sampler", runs, stop_work.clone(), move |stop| {
            sampler::run(kit.clone(), samples.clone(), stop)
        });
        tasks.spawn(sampling.instrument(span));
        let address = listener.local_addr()?;
        tracing::info!(service = %self.kit.service, %address, "serving");
        let (who, gone) = (self.kit.service.as_str(), CancellationToken::new());
        let serving = http_server::serve(listener, who, self.own, self.connections, gone.clone());
        let serving = AbortOnDropHandle::new(tokio::spawn(serving));
        // Until it is told to end: what is still in work may end here, what is new goes to others.
        let kit = self.kit.clone();
        let runs = Runs::new(kit.service.as_str(), "registration");
        tasks.spawn(supervised::run("registration", runs, stop.clone(), move |stop| {
            let kit = kit.clone();
            async move { kit.directory.stay_registered(kit.service, address.port(), stop).await }
        }));
        leaving::until_gone(who, &stop, &self.kit.leaving, self.kit.settings.shutdown_delay).await;
        gone.cancel();
        self.kit.flow.end();
        // What was begun is finished, also where its caller went away.
        let served = async {
            let served = serving.await;
            self.kit.begun.finished().await;
            served
        };
        let served = match tokio::time::timeout(DRAIN / 2, served).await {
            Ok(served) => served.map_err(io::Error::other),
            Err(_) => {
                tracing::warn!(service = %self.kit.service, "some requests did not end in time and were cut off");
                Ok(())
            }
        };
        stop_work.cancel();
        tasks.close();
        if tokio::time::timeout(DRAIN / 2, tasks.wait()).await.is_err() {
            tracing::warn!(service = %self.kit.service, "some work did not end in time; its messages come again");
        }
        let closing = async { tokio::join!(self.kit.database.close(), self.kit.spans.close()) };
        let _ = tokio::time::timeout(Duration::from_secs(1), closing).await;
        tracing::info!(service = %self.kit.service, "stopped");
        Ok(served?)
    }
}

/// The next key is made in time, other instances' keys are known, and those that nobody needs go.
async fn renew_keys(kit: &Kit) -> Result<Progress, KitError> {
    if kit.identity.is_renewed(&kit.database, kit.settings.keys_rotate).await? {
        return Ok(Progress::Idle);
    }
    kit.identity.renew(&kit.database, &kit.settings.vault, Some(kit.settings.keys_rotate)).await?;
    for key in kit.identity.jwks().keys {
        kit.verifier.learn(kit.service, key.kid, &key.x);
    }
    Ok(Progress::Idle)
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
