//! `ecom broker`: the users that services have at RabbitMQ, with the rights they need, and what they find there.

use crate::terminal::say;
use anyhow::{Context, anyhow, bail};
use clap::Args;
use contracts::ServiceName;
use service_kit::{
    Env,
    bus::{BrokerUser, Definitions, RabbitBus},
    config::{environment, refuse_default_secret},
};
use std::time::{Duration, Instant};
use url::Url;

/// A broker that is installed in the same moment may take so long to come.
const PATIENCE: Duration = Duration::from_secs(300);
const AGAIN: Duration = Duration::from_secs(2);
/// Of one answer.
const DEADLINE: Duration = Duration::from_secs(30);

/// Where the broker's own HTTP API is.
const MANAGEMENT: &str = "RABBITMQ_MANAGEMENT_URL";

#[derive(Args)]
pub struct Arguments {
    /// Print RabbitMQ's definitions instead, to be given to a broker in another way
    #[arg(long)]
    print: bool,
}

/// # Errors
/// A variable is missing or wrong; or the broker does not answer within five minutes, or refuses.
pub async fn run(env: &Env, arguments: &Arguments) -> anyhow::Result<()> {
    let (vhost, users) = users(env)?;
    // It is only asked for names: nothing is sent to this address.
    let bus = RabbitBus::new(String::new().into(), "ecom");
    let definitions = bus.definitions(&vhost, &users).map_err(|_| anyhow!("no randomness for a password's salt"))?;
    if arguments.print {
        say(serde_json::to_string_pretty(&definitions)?);
        return Ok(());
    }
    env.required(MANAGEMENT, "http://user:password@host:15672, of an administrator; or --print")?;
    let management = env.url(MANAGEMENT, &["http", "https"], "")?;
    refuse_default_secret(environment(env)?, MANAGEMENT, &management, Some("guest"))?;
    patiently(&management, &definitions).await?;
    let names: Vec<_> = users.iter().map(|user| user.name.as_str()).collect();
    say(format!("the broker knows {}, with the rights each needs in {vhost:?}", names.join(", ")));
    Ok(())
}

/// By `USER_AMQP_URL` and its four siblings, which all name the same virtual host.
fn users(env: &Env) -> anyhow::Result<(String, Vec<BrokerUser>)> {
    let environment = environment(env)?;
    let (mut users, mut vhosts) = (Vec::new(), Vec::new());
    for service in ServiceName::ALL {
        let variable = format!("{}_AMQP_URL", service.short().to_uppercase());
        env.required(&variable, &format!("amqp://{service}:password@host:5672, as {service} comes there"))?;
        let url = env.url(&variable, &["amqp", "amqps"], "")?;
        refuse_default_secret(environment, &variable, &url, Some("guest"))?;
        let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().map(String::from);
        let unreadable = || format!("{variable} is not UTF-8");
        let password = url.password().with_context(|| {
            format!("{variable} has no password: give it there, or in {}_PASSWORD", variable.trim_end_matches("_URL"))
        })?;
        let (name, password) = (plain(url.username()).with_context(unreadable)?, plain(password)?);
        if users.iter().any(|other: &BrokerUser| other.name == name) {
            bail!("{variable} names user {name:?} once more: each service has one of its own");
        }
        users.push(BrokerUser { service, name, password });
        vhosts.push(match url.path() {
            "" => "/".to_owned(),
            path => plain(path.trim_start_matches('/'))?,
        });
    }
    vhosts.dedup();
    let [vhost] = vhosts.as_slice() else {
        bail!("USER_AMQP_URL and its siblings name different virtual hosts ({}): name one", vhosts.join(", "))
    };
    Ok((vhost.clone(), users))
}

async fn patiently(management: &Url, definitions: &Definitions) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().timeout(DEADLINE).build()?;
    let mut address = management.clone();
    address.set_path(&format!("{}/api/definitions", management.path().trim_end_matches('/')));
    let started = Instant::now();
    loop {
        let sent = client.post(address.clone()).json(definitions).send().await;
        let (why, may_pass) = match sent {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) => {
                let (status, said) = (answer.status(), answer.text().await.unwrap_or_default());
                // Nobody can tell a wrong password from a user that is still being made.
                let may_pass = status.is_server_error() || status == reqwest::StatusCode::UNAUTHORIZED;
                (format!("answers {status} {}", said.trim()), may_pass)
            }
            Err(cause) => (format!("cannot be asked: {}", cause.without_url()), true),
        };
        let said = format!(
            "{MANAGEMENT}: the broker at {} {why}",
            management.authority().rsplit('@').next().unwrap_or_default()
        );
        if !may_pass || started.elapsed() >= PATIENCE {
            bail!("{said}: name the address of its management plugin, and an administrator of it");
        }
        tracing::warn!(why = said, "the broker could not be told yet; trying again");
        tokio::time::sleep(AGAIN).await;
    }
}
