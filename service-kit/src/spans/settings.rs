//! Where spans go and which are recorded, by OpenTelemetry's own variables.

use crate::{ConfigError, Env};
use opentelemetry_sdk::trace::Sampler;
use secrecy::SecretString;
use std::{collections::BTreeMap, time::Duration};
use url::Url;

/// Where spans go (`OTEL_EXPORTER_OTLP_…`).
#[derive(Clone, Debug)]
pub struct Settings {
    /// Nothing is recorded, whatever else is set.
    pub disabled: bool,
    /// The collector, without `/v1/traces`. None: spans are sent nowhere.
    pub endpoint: Option<Url>,
    /// Sent along with every export, e.g. a collector's key.
    pub headers: BTreeMap<String, SecretString>,
    /// Which traces are recorded.
    pub sampler: Sampler,
    /// How long finished spans wait for others to be sent with.
    pub delay: Duration,
}

impl Settings {
    /// # Errors
    /// A variable is wrong.
    pub fn read(env: &Env) -> Result<Self, ConfigError> {
        let disabled = env.parsed("OTEL_SDK_DISABLED", "true or false")?.unwrap_or(false);
        let name = "OTEL_EXPORTER_OTLP_ENDPOINT";
        // Read also where it is disabled: a wrong value is wrong then too.
        let endpoint = env.text(name)?.map(|_| env.url(name, &["http", "https"], "")).transpose()?;
        let delay = env.parsed("OTEL_BSP_SCHEDULE_DELAY", "a whole number of milliseconds")?.unwrap_or(5_000);
        Ok(Self {
            disabled,
            endpoint: endpoint.filter(|_| !disabled),
            headers: headers(env)?,
            sampler: sampler(env)?,
            delay: Duration::from_millis(delay),
        })
    }
}

/// The caller's decision comes first unless told otherwise: a trace with holes explains nothing.
fn sampler(env: &Env) -> Result<Sampler, ConfigError> {
    let (name, expected) = (
        "OTEL_TRACES_SAMPLER",
        "always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or parentbased_traceidratio",
    );
    let given = env.text(name)?.unwrap_or_else(|| "parentbased_always_on".to_owned());
    let ratio = ratio(env)?;
    let (parent_based, root) = match given.strip_prefix("parentbased_") {
        Some(root) => (true, root),
        None => (false, given.as_str()),
    };
    let root = match root {
        "always_on" => Sampler::AlwaysOn,
        "always_off" => Sampler::AlwaysOff,
        "traceidratio" => Sampler::TraceIdRatioBased(ratio),
        _ => return Err(ConfigError::Invalid { name: name.to_owned(), value: given, expected: expected.to_owned() }),
    };
    Ok(if parent_based { Sampler::ParentBased(Box::new(root)) } else { root })
}

fn ratio(env: &Env) -> Result<f64, ConfigError> {
    let (name, expected) = ("OTEL_TRACES_SAMPLER_ARG", "a share of all traces from 0 to 1, such as 0.05");
    let ratio = env.parsed::<f64>(name, expected)?.unwrap_or(1.0);
    if (0.0..=1.0).contains(&ratio) {
        return Ok(ratio);
    }
    Err(ConfigError::Invalid { name: name.to_owned(), value: ratio.to_string(), expected: expected.to_owned() })
}

/// `name=value,name=value`, values percent-encoded, as the OTLP exporter's specification has them.
fn headers(env: &Env) -> Result<BTreeMap<String, SecretString>, ConfigError> {
    let name = "OTEL_EXPORTER_OTLP_HEADERS";
    let Some(text) = env.text(name)? else { return Ok(BTreeMap::new()) };
    let read = text.split(',').filter(|pair| !pair.trim().is_empty()).map(header).collect::<Option<_>>();
    // Its values are secrets: what is wrong is not repeated.
    read.ok_or_else(|| ConfigError::Invalid {
        name: name.to_owned(),
        value: "…".to_owned(),
        expected: "name=value,name=value with percent-encoded values".to_owned(),
    })
}

fn header(pair: &str) -> Option<(String, SecretString)> {
    let (name, value) = pair.split_once('=')?;
    let value = percent_encoding::percent_decode_str(value.trim()).decode_utf8().ok()?;
    let name = http::HeaderName::try_from(name.trim()).ok()?;
    http::HeaderValue::from_str(&value).ok()?;
    Some((name.as_str().to_owned(), value.into_owned().into()))
}
