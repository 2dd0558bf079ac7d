//! `ecom demo`: one order from registration to mail, through the public HTTP API, step by step as it happens: with the
//! events of the order's and the account's journey where the platform shows them, else with the order's timeline.

mod api;
mod journey;
mod mailbox;
mod shopper;
mod wait;

use crate::up::{Started, ports};
use anyhow::bail;
use operate::terminal::say;
use service_kit::{Env, standalone::RunFile};
use std::time::Duration;
use url::Url;

/// `url` is the front door somebody named: then that platform is meant, and no other is started in its place.
pub(crate) fn run(env: Env, url: Option<Url>, mails: &Url, method: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let is_named = url.is_some();
    let url = match url {
        Some(url) => url,
        None => usual_front_door(&env)?,
    };
    if runtime.block_on(answers(&url)) {
        say(format!("Ecom-Micro demo against {url}\n"));
        return runtime.block_on(shopper::order_two(&url, mails, method));
    }
    if is_named {
        bail!("no platform answers at {url}: start it, or leave --url out to have one started for the demo");
    }
    say(format!("Nothing answers at {url}: starting a platform for this demo."));
    let Some(platform) = Started::start(env)? else { return Ok(()) };
    let url = platform.front_door()?;
    let result = platform.block_on(shopper::order_two(&url, mails, method));
    let ended = platform.end();
    result.and(ended)
}

/// A running `ecom up`'s, wherever its ports were moved to; else where one would be.
fn usual_front_door(env: &Env) -> anyhow::Result<Url> {
    let running = RunFile::find(env).map(|run| run.front_door);
    let url = match running {
        Some(url) => url,
        None => format!("http://localhost:{}", ports::base(env)?),
    };
    Ok(url.parse()?)
}

async fn answers(url: &Url) -> bool {
    let Ok(url) = url.join("/api/auth/health") else { return false };
    let asked = reqwest::Client::new().get(url).timeout(Duration::from_secs(2)).send().await;
    asked.is_ok_and(|answer| answer.status().is_success())
}
