//! A service's subscription table: which function reacts to which event type.

use crate::{Committed, Tx};
use contracts::{Event, RawEvent, ServiceName, events, events::EventData};
use futures_util::future::BoxFuture;
use std::{collections::BTreeMap, error::Error, sync::Arc};

type BoxedError = Box<dyn Error + Send + Sync>;
type BoxedReaction<App> =
    Arc<dyn Fn(App, Tx, Vec<RawEvent>) -> BoxFuture<'static, Result<Committed, BoxedError>> + Send + Sync>;

/// Reactions by event type. Each is `async fn(App, Tx, Vec<Event<T>>) -> Result<Committed, E>`: it gets the transaction in
/// which the events were claimed, changes what it changes, announces what follows and commits. It makes no network call.
pub struct Subscriptions<App> {
    service: ServiceName,
    by_type: BTreeMap<&'static str, BoxedReaction<App>>,
}

impl<App: Clone + Send + Sync + 'static> Subscriptions<App> {
    /// None yet, of this service.
    #[must_use]
    pub fn new(service: ServiceName) -> Self {
        Self { service, by_type: BTreeMap::new() }
    }

    /// Subscribes to events of type `T`.
    #[must_use]
    pub fn on<T, E, F, R>(mut self, react: F) -> Self
    where
        T: EventData,
        E: Into<BoxedError>,
        R: Future<Output = Result<Committed, E>> + Send + 'static,
        F: Fn(App, Tx, Vec<Event<T>>) -> R + Clone + Send + Sync + 'static,
    {
        let boxed: BoxedReaction<App> = Arc::new(move |app, tx, events| {
            let react = react.clone();
            Box::pin(async move {
                let events = events.into_iter().map(RawEvent::decode::<T>).collect::<Result<Vec<_>, _>>()?;
                react(app, tx, events).await.map_err(Into::into)
            })
        });
        self.by_type.insert(T::TYPE, boxed);
        self
    }

    /// The same with what its reactions share: no longer of this service's type.
    pub(crate) fn of(self, app: App) -> Reactions {
        let bound = self.by_type.into_iter().map(|(kind, react)| {
            let app = app.clone();
            let bound: Reaction = Box::new(move |tx, events| react(app.clone(), tx, events));
            (kind, bound)
        });
        Reactions { service: self.service, by_type: bound.collect() }
    }
}

/// What reacts to the events of one type, in the transaction in which they were claimed.
pub(crate) type Reaction =
    Box<dyn Fn(Tx, Vec<RawEvent>) -> BoxFuture<'static, Result<Committed, BoxedError>> + Send + Sync>;

/// A service's reactions by event type, with what they share.
pub(crate) struct Reactions {
    service: ServiceName,
    by_type: BTreeMap<&'static str, Reaction>,
}

impl Reactions {
    pub(crate) fn service(&self) -> ServiceName {
        self.service
    }

    /// The reaction, and the type under its name for ever.
    pub(crate) fn find(&self, kind: &str) -> Option<(&'static str, &Reaction)> {
        self.by_type.get_key_value(kind).map(|(kind, reaction)| (*kind, reaction))
    }

    /// Where a type stands among the others, in the contracts' order: whoever works many works them in this one, so that
    /// no two lock the same rows the other way round. What tells of a beginning stands before what tells of its end.
    pub(crate) fn place(kind: &str) -> usize {
        events::CATALOGUE.iter().position(|event| event.name == kind).unwrap_or(usize::MAX)
    }

    pub(crate) fn types(&self) -> Vec<&'static str> {
        self.by_type.keys().copied().collect()
    }

    /// # Errors
    /// The table and the contracts' list of subscribers differ: an event would be lost or bound in vain.
    pub(crate) fn check_against_contracts(&self) -> anyhow::Result<()> {
        let mut promised: Vec<_> = events::subscribed_by(self.service).map(|event| event.name).collect();
        promised.sort_unstable();
        let table = self.types();
        anyhow::ensure!(
            promised == table,
            "{} reacts to {table:?}, but contracts::events::CATALOGUE names it as subscriber of {promised:?}",
            self.service
        );
        Ok(())
    }
}
