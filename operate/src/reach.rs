//! How the operator's commands reach a running platform: by the run file of `ecom up`, or by the same variables the
//! services have (`USER_DATABASE_URL` and its siblings, `AMQP_URL`, `PROVIDER_URL`), so also over the network.

use crate::databases;
use anyhow::{Context, anyhow};
use contracts::ServiceName;
use serde::Deserialize;
use serde_json::Value;
use service_kit::{Env, connect_options, standalone::RunFile, why_not_opened};
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::{collections::BTreeMap, time::Duration};
use url::Url;

/// The parts of a running platform.
pub struct Reach {
    databases: BTreeMap<ServiceName, PgPool>,
    /// Where the payment provider is, if it is known.
    pub provider_url: Option<Url>,
    /// None when the platform carries its events inside the process.
    pub amqp_url: Option<String>,
    /// Where the services answer, if that is known.
    pub services: BTreeMap<ServiceName, String>,
}

impl Reach {
    /// Opens the five databases.
    ///
    /// # Errors
    /// Neither a running `ecom up` nor all of the variables are there, or a database does not answer.
    pub async fn find(env: &Env) -> anyhow::Result<Self> {
        let given = databases::overrides(env)?;
        let running = if given.len() == ServiceName::ALL.len() { None } else { RunFile::find(env) };
        let mut pools = BTreeMap::new();
        for service in ServiceName::ALL {
            let variable = format!("{}_DATABASE_URL", service.short().to_uppercase());
            let beside = running.as_ref().and_then(|run| run.databases.get(&service));
            let url = given.get(&service).or(beside).with_context(|| {
                format!(
                    "the database of {service} is not known: start this beside a running `ecom up` (ECOM_DATA names its \
                     folder), or set {variable} and its four siblings"
                )
            })?;
            pools.insert(service, open(&variable, url).await?);
        }
        let own = |name: &str| env.text(name);
        let beside = |name: &str| running.as_ref().and_then(|run| run.variables.get(name).cloned());
        let provider = own("PROVIDER_URL")?.or_else(|| running.as_ref().map(|run| run.provider_url.clone()));
        Ok(Self {
            databases: pools,
            provider_url: provider.map(|url| url.parse().context("PROVIDER_URL is no URL")).transpose()?,
            amqp_url: own("AMQP_URL")?.or_else(|| beside("AMQP_URL")),
            services: running.map(|run| run.services).unwrap_or_default(),
        })
    }

    /// A service's database.
    #[must_use]
    pub fn database(&self, service: ServiceName) -> &PgPool {
        // `find` opened all five.
        &self.databases[&service]
    }

    /// The provider simulator's own log, each entry as it was told.
    ///
    /// # Errors
    /// Where the provider is is not known, or no log comes from there in time. A real provider has none.
    pub async fn provider_log(&self, deadline: Duration) -> anyhow::Result<Vec<Value>> {
        #[derive(Deserialize)]
        struct Log {
            items: Vec<Value>,
        }
        let url = self.provider_url.as_ref().context("where it is is not known: set PROVIDER_URL")?;
        // Below whatever path that URL has, as payment-service's own calls are.
        let url = format!("{}/log", url.as_str().trim_end_matches('/'));
        let asked = reqwest::Client::new().get(&url).timeout(deadline).send().await;
        let answer =
            asked.and_then(reqwest::Response::error_for_status).with_context(|| format!("{url} does not answer"))?;
        let log: Log = answer.json().await.with_context(|| format!("{url} is no log of the provider simulator"))?;
        Ok(log.items)
    }
}

/// One connection or two: a command must not take those that the services need.
async fn open(variable: &str, url: &str) -> anyhow::Result<PgPool> {
    let why = |cause: sqlx::Error| anyhow!(why_not_opened(variable, url, &cause));
    let options = connect_options(url).map_err(why)?;
    let pool = PgPoolOptions::new().max_connections(2).acquire_timeout(Duration::from_secs(5));
    pool.connect_with(options.application_name("ecom")).await.map_err(why)
}

#[cfg(test)]
impl Reach {
    /// Nothing but the provider.
    pub(crate) fn of_provider(url: Option<&str>) -> Self {
        Self {
            databases: BTreeMap::new(),
            provider_url: url.map(|url| url.parse().unwrap()),
            amqp_url: None,
            services: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Reach;
    use axum::{Json, Router, routing::get};
    use serde_json::{Value, json};
    use std::time::Duration;

    #[tokio::test]
    async fn the_providers_log_is_looked_for_below_the_path_of_its_url() {
        let log = Router::new().route("/log", get(|| async { Json(json!({"items": ["an entry"]})) }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().nest("/payments/v1", log)).await.unwrap() });
        let ask = async |path: &str| {
            let reach = Reach::of_provider(Some(&format!("{server}{path}")));
            reach.provider_log(Duration::from_secs(5)).await
        };
        for path in ["/payments/v1", "/payments/v1/"] {
            assert_eq!(ask(path).await.unwrap(), [Value::from("an entry")], "{path}");
        }
        let elsewhere = ask("/payments").await.unwrap_err();
        assert!(elsewhere.to_string().contains("/payments/log does not answer"), "{elsewhere:#}");
    }
}
