//! What every handler, reaction and job of a service reaches for.

use crate::{
    Bus, Clock, Database, KitError, Settings, Tx,
    auth::{Identity, Verifier},
    outbox,
    peers::Peers,
};
use contracts::{EventId, ServiceName, events::EventData};
use sqlx::migrate::Migrator;
use std::{ops::Deref, sync::Arc};

/// Shared by all of a service; cheap to clone.
#[derive(Clone)]
pub struct Kit(Arc<Parts>);

pub struct Parts {
    pub service: ServiceName,
    pub settings: Settings,
    pub clock: Clock,
    pub database: Database,
    pub bus: Bus,
    pub identity: Identity,
    pub verifier: Verifier,
    pub peers: Peers,
}

impl Deref for Kit {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Kit {
    /// Opens the database, brings it up to date and loads the service's own key.
    ///
    /// # Errors
    /// The database cannot be opened or migrated.
    pub async fn open(settings: Settings, migrations: &Migrator, bus: Bus, clock: Clock) -> Result<Self, KitError> {
        let service = settings.service;
        let database = Database::open(&settings.database_url, settings.database_pool, migrations).await?;
        let identity = Identity::load(&database, service, &clock).await?;
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|cause| KitError::Key(cause.to_string()))?;
        let verifier = Verifier::open(&database, &identity, settings.peers.clone(), client.clone(), &clock).await?;
        let peers = Peers::new(client, identity.clone(), settings.peers.clone());
        Ok(Self(Arc::new(Parts { service, settings, clock, database, bus, identity, verifier, peers })))
    }

    /// Announces `data` as the `sequence`-th change of its subject, in the transaction of that change.
    ///
    /// # Errors
    /// The database refuses.
    pub async fn announce<T: EventData>(&self, tx: &mut Tx, sequence: i64, data: T) -> Result<EventId, KitError> {
        outbox::announce(tx, &self.clock, self.service, sequence, data).await
    }
}
