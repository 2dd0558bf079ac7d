//! What every handler, reaction and job of a service reaches for.

use crate::{
    Bus, Cause, ClientAddress, Clock, Database, Directory, KitError, Settings, Tx,
    audit::Denied,
    auth::{Identity, Verifier},
    client_address::ClientGroup,
    cure,
    database::not_opened,
    discovery,
    flow::Flow,
    metrics,
    peers::Peers,
    relay::Leads,
    seen_through::Begun,
    spans::Spans,
};
use contracts::{Event, EventId, RawEvent, ServiceName, events::EventData};
use futures_util::future::BoxFuture;
use sqlx::migrate::Migrator;
use std::{ops::Deref, sync::Arc};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Shared by all of a service; cheap to clone.
#[derive(Clone)]
pub struct Kit(Arc<Parts>);

pub struct Parts {
    pub service: ServiceName,
    pub settings: Settings,
    pub clock: Clock,
    pub database: Database,
    pub bus: Bus,
    pub directory: Directory,
    pub identity: Identity,
    pub verifier: Verifier,
    pub peers: Peers,
    pub flow: Flow,
    pub spans: Spans,
    /// Wakes the job that closes the audit log's chain.
    pub(crate) audit_wake: Arc<Notify>,
    /// Wakes the job that forgets people, and hands over what is kept of them.
    pub(crate) people_wake: Arc<Notify>,
    /// What was written down lately of what somebody was not let.
    pub(crate) denied: Denied,
    /// Requests that are seen through to their end; waited for at the stop.
    pub(crate) begun: Begun,
    /// Whether it is this instance that relays.
    pub(crate) leads: Leads,
    /// Cancelled when it was told to end and still serves.
    pub(crate) leaving: CancellationToken,
}

impl Deref for Kit {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Kit {
    /// Opens the database, brings it up to date (or with `MIGRATIONS=off` sees that it is) and loads the service's own key.
    ///
    /// # Errors
    /// The database cannot be opened or migrated.
    pub fn open(
        settings: Settings,
        migrations: &Migrator,
        bus: Bus,
        clock: Clock,
    ) -> BoxFuture<'_, Result<Self, KitError>> {
        Box::pin(Self::open_now(settings, migrations, bus, clock))
    }

    async fn open_now(settings: Settings, migrations: &Migrator, bus: Bus, clock: Clock) -> Result<Self, KitError> {
        // Before anything counts.
        metrics::handle();
        let service = settings.service;
        let bus = bus.of_one_service();
        let flow = Flow::new(settings.flow, service, clock.clone());
        let spans = Spans::open(service.as_str(), settings.environment, &settings.traces, flow.span_ring());
        let spans = spans.map_err(KitError::Traces)?;
        let (url, pool) = (&settings.database_url, settings.database_pool);
        let owner = settings.database_owner.as_ref();
        let opened = Database::open(service, url, owner, pool, migrations, settings.migrations).await;
        let why = |cause| not_opened(&settings.database_variable, url, cause);
        let database = opened.map_err(why)?.shown_by(flow.clone());
        let identity = Identity::load(&database, service, &settings.vault, &clock).await?;
        let unusable = |cause: reqwest::Error| KitError::Key(cause.to_string());
        let client = discovery::client().build().map_err(unusable)?;
        let directory = Directory::new(settings.peers.clone(), settings.consul.as_ref()).map_err(unusable)?;
        let peers = Peers::new(service, client.clone(), identity.clone(), directory.clone());
        let verifier = Verifier::open(&database, &identity, directory.clone(), client, peers.clone(), &clock).await?;
        Ok(Self(Arc::new(Parts {
            service,
            settings,
            clock,
            database,
            bus,
            directory,
            identity,
            verifier,
            peers,
            flow,
            spans,
            audit_wake: Arc::default(),
            people_wake: Arc::default(),
            denied: Denied::default(),
            begun: Begun::default(),
            leads: Leads::default(),
            leaving: CancellationToken::new(),
        })))
    }

    /// What a client is counted by; none for one of our own proxies that does not say whom it speaks for.
    #[must_use]
    pub fn counted(&self, client: ClientAddress) -> Option<ClientGroup> {
        (!self.settings.trusted_proxies.contains(client.ip())).then(|| client.group())
    }

    /// Whether this instance's connections to the bus are there: it consumes, and publishes where it is the one that
    /// relays. None when another process carries the events.
    #[must_use]
    pub fn bus_connected(&self) -> Option<bool> {
        self.bus.connected(self.leads.now())
    }

    /// How events travel and whether they do, for people.
    #[must_use]
    pub fn describe_bus(&self) -> &'static str {
        match (&self.bus, self.bus_connected()) {
            (Bus::Rabbit(_), Some(true)) => "rabbitmq: connected",
            (Bus::Rabbit(_), _) => "rabbitmq: away, events wait in the outbox",
            (Bus::Local(_), _) => "local",
            (Bus::Elsewhere, _) => "carried by another process",
        }
    }

    /// Announces `data` as the `sequence`-th change of its subject, in the transaction of that change. The sequence is given
    /// out under the aggregate's row lock (its version column).
    ///
    /// # Errors
    /// The event cannot be written as JSON. What the database refuses, a sequence used twice for one, the commit tells.
    pub fn announce<T: EventData>(
        &self,
        tx: &mut Tx,
        cause: &Cause,
        sequence: i64,
        data: T,
    ) -> Result<EventId, KitError> {
        let (id, subject) = (self.clock.new_id(), data.subject());
        let event = Event {
            id,
            source: self.service,
            kind: T::TYPE.to_owned(),
            subject,
            sequence,
            time: self.clock.now(),
            // A request begins a journey of its own: the aggregate's.
            correlation_id: cause.correlation_id.unwrap_or(subject),
            causation_id: cause.causation_id,
            traceparent: Some(cause.traceparent.clone()),
            data,
        };
        self.keep(tx, event.into_raw()?)?;
        Ok(id)
    }

    /// In the very transaction of the change. A transaction of its own tells of changes that never came to be.
    #[cure(event_with_change, instead = crate::labs::mistakes::keep_apart)]
    fn keep(&self, tx: &mut Tx, event: RawEvent) -> Result<(), KitError> {
        let goes_out = self.goes_out(&event);
        tx.announce(event, goes_out);
        Ok(())
    }

    /// What nobody needs stays home: it would pay outbox, relay and broker, and be dropped there.
    pub(crate) fn goes_out(&self, event: &RawEvent) -> bool {
        self.settings.publish.takes(&event.kind)
    }
}
