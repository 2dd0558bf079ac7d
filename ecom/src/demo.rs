//! `ecom demo`: one order from registration to mail, through the public HTTP API, with every step and event as it
//! happens.

mod journey;
mod mailbox;
mod shopper;

use crate::{terminal::say, up::Started};
use anyhow::Context;
use service_kit::Env;
use std::time::Duration;
use url::Url;

pub(crate) fn run(env: Env, url: &Url, mails: &Url, method: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if runtime.block_on(answers(url)) {
        say(format!("Ecom-Micro demo against {url}\n"));
        return runtime.block_on(shopper::order_two(url, mails, method));
    }
    if env.text("DATABASE_URL")?.is_none() {
        say(format!("Nothing answers at {url}: starting a platform for this demo."));
    }
    let platform = Started::start(env)?;
    let url = platform.public_url()?;
    let result = platform.runtime().block_on(shopper::order_two(&url, mails, method));
    platform.end()?;
    result
}

async fn answers(url: &Url) -> bool {
    let Ok(url) = url.join("/api/auth/health") else { return false };
    let asked = reqwest::Client::new().get(url).timeout(Duration::from_secs(2)).send().await;
    asked.is_ok_and(|answer| answer.status().is_success())
}

/// Asks every 20 ms until there is an answer.
async fn wait_for<T>(what: &str, mut ask: impl AsyncFnMut() -> anyhow::Result<Option<T>>) -> anyhow::Result<T> {
    let waiting = async {
        loop {
            if let Some(value) = ask().await? {
                return anyhow::Ok(value);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.with_context(|| format!("waited 60 s for {what}"))?
}
