//! The provider's own log, from its `GET /log`.

use super::{Facts, Leak, Unreadable};
use crate::{
    doctor::{Invariant, Options},
    reach::Reach,
};
use provider_sim::Entry;
use serde_json::Value;
use std::time::Duration;

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

pub(super) async fn read(reach: &Reach, options: &Options, facts: &mut Facts) {
    let Some(url) = &reach.provider_url else {
        facts.provider = ProviderLog::Missing("set PROVIDER_URL to compare with the provider's log".to_owned());
        return;
    };
    let url = format!("{}/log", url.as_str().trim_end_matches('/'));
    let items = match ask(&url).await {
        Ok(Some(items)) => items,
        Ok(None) => {
            facts.provider = ProviderLog::Missing(format!("{url} does not exist: a provider without an open log"));
            return;
        }
        Err(cause) => {
            facts.could_not_look.push(format!("The provider's log at {url} cannot be read: {cause:#}."));
            facts.provider = ProviderLog::Missing("the provider did not answer".to_owned());
            return;
        }
    };
    let mut entries = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let place = format!("entry {} of the provider's log", index + 1);
        if options.finds_canary(&item.to_string()) {
            facts.leaks.push(Leak { place: place.clone(), times: 1 });
        }
        match serde_json::from_value(item) {
            Ok(entry) => entries.push(entry),
            Err(cause) => {
                let sentence = format!("The {place} cannot be read: {cause}.");
                facts.unreadable.push(Unreadable { invariant: Invariant::Reconciliation, sentence });
            }
        }
    }
    facts.provider = ProviderLog::Read(entries);
}

/// None when the provider has no such route.
async fn ask(url: &str) -> anyhow::Result<Option<Vec<Value>>> {
    #[derive(serde::Deserialize)]
    struct Body {
        items: Vec<Value>,
    }
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
    let answer = client.get(url).send().await?;
    if answer.status() == http::StatusCode::NOT_FOUND {
        return Ok(None);
    }
    Ok(Some(answer.error_for_status()?.json::<Body>().await?.items))
}
