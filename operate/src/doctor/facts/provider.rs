//! The provider's own log, from its `GET /log`.

use super::{privacy::Leak, reading::Unreadable};
use crate::{
    doctor::{Invariant, Options},
    reach::Reach,
};
use provider_sim::Entry;
use std::time::Duration;

/// All it ever did is much to tell.
const DEADLINE: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub(crate) enum ProviderLog {
    Read(Vec<Entry>),
    /// There is none to look at, and why.
    Missing(String),
}

impl Default for ProviderLog {
    fn default() -> Self {
        Self::Missing("the provider was not asked".to_owned())
    }
}

impl ProviderLog {
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match self {
            Self::Read(entries) => Some(entries),
            Self::Missing(_) => None,
        }
    }
}

/// What came of asking it.
#[derive(Default)]
pub(super) struct Read {
    pub(super) log: ProviderLog,
    pub(super) leaks: Vec<Leak>,
    pub(super) unreadable: Vec<Unreadable>,
    /// Why there is no log, when one was expected.
    pub(super) could_not_look: Option<String>,
}

pub(super) async fn read(reach: &Reach, options: &Options) -> Read {
    let mut read = Read::default();
    if options.no_provider_log {
        read.log = ProviderLog::Missing("the provider shows no log (--no-provider-log)".to_owned());
        return read;
    }
    let items = match reach.provider_log(DEADLINE).await {
        Ok(items) => items,
        // Also a provider that is not known or has no such route: half of what is said of money then rests on nothing.
        Err(cause) => {
            read.could_not_look = Some(format!(
                "The provider's log was not read: {cause:#}. If it shows none, --no-provider-log leaves it out."
            ));
            read.log = ProviderLog::Missing("the provider's log was not read".to_owned());
            return read;
        }
    };
    let mut entries = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let place = format!("entry {} of the provider's log", index + 1);
        if options.finds_canary(&item.to_string()) {
            read.leaks.push(Leak { place: place.clone(), times: 1 });
        }
        match serde_json::from_value(item) {
            Ok(entry) => entries.push(entry),
            Err(cause) => {
                let sentence = format!("The {place} cannot be read: {cause}.");
                read.unreadable.push(Unreadable { invariant: Invariant::Reconciliation, sentence });
            }
        }
    }
    read.log = ProviderLog::Read(entries);
    read
}

#[cfg(test)]
mod tests {
    use super::{ProviderLog, read};
    use crate::{doctor::Options, reach::Reach};

    #[tokio::test]
    async fn a_log_that_is_not_there_was_not_looked_at_unless_none_is_expected() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let no_such_route = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, axum::Router::new()).await.unwrap() });
        for url in [None, Some(no_such_route.as_str())] {
            let reach = Reach::of_provider(url);
            let asked = read(&reach, &Options::default()).await;
            assert!(matches!(asked.log, ProviderLog::Missing(_)), "{url:?}");
            assert!(asked.could_not_look.is_some(), "{url:?}");
            let asked = read(&reach, &Options { no_provider_log: true, ..Options::default() }).await;
            assert!(matches!(asked.log, ProviderLog::Missing(_)), "{url:?}");
            assert_eq!(asked.could_not_look, None, "{url:?}");
        }
    }
}
