//! What the broker counts of itself. Asking costs a second of processor time, so it is done outside of what is measured.

use crate::platform::Platform;
use anyhow::{Context, bail};
use std::collections::BTreeMap;
use tokio::process::Command;

/// How each is called in a result, and the broker's own name for it.
const COUNTED: &[(&str, &str)] = &[
    ("messages received", "messages_received_total"),
    ("messages confirmed", "messages_confirmed_total"),
    ("messages acknowledged", "messages_acknowledged_total"),
    ("messages routed", "messages_routed_total"),
];

/// Since it was started.
///
/// # Errors
/// Its command line is missing, or it does not answer.
pub(crate) async fn counted(platform: &Platform) -> anyhow::Result<BTreeMap<String, f64>> {
    let text = evaluate(platform, "rabbit_global_counters:overview().").await?;
    Ok(COUNTED.iter().map(|(name, counter)| ((*name).to_owned(), sum(&text, counter))).collect())
}

/// # Errors
/// As [`counted`].
pub(crate) async fn version(platform: &Platform) -> anyhow::Result<String> {
    let text = evaluate(platform, "rabbit_misc:version().").await?;
    Ok(text.trim().trim_matches('"').to_owned())
}

async fn evaluate(platform: &Platform, expression: &str) -> anyhow::Result<String> {
    let server = dev_rabbitmq::installed().context("RabbitMQ is not installed")?;
    let program = server.with_file_name("rabbitmqctl");
    let settings = platform.stack.rabbitmq_settings();
    let mut command = Command::new(&program);
    command.args(["--node", &settings.name, "--silent", "eval", expression]);
    command.env("HOME", &settings.home).env("ERL_EPMD_PORT", settings.epmd_port.to_string());
    command.env("RABBITMQ_CONF_ENV_FILE", settings.home.join("rabbitmq-env.conf")).env("LANG", "C.UTF-8");
    // Else one lies wherever we were started, when it is ended early.
    command.env("ERL_CRASH_DUMP", "/dev/null");
    let output = command.kill_on_drop(true).output().await.with_context(|| format!("running {}", program.display()))?;
    if !output.status.success() {
        bail!("the broker's command line failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Erlang prints `name => 12` once per protocol and kind of queue.
fn sum(text: &str, counter: &str) -> f64 {
    let after = text.split(counter).skip(1);
    let values = after.filter_map(|rest| {
        let rest = rest.trim_start().strip_prefix("=>")?.trim_start();
        rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse::<f64>().ok()
    });
    values.sum()
}

#[cfg(test)]
mod tests {
    use super::sum;

    #[test]
    fn a_counter_is_summed_over_protocols_and_kinds_of_queues() {
        let text = "#{[{protocol,amqp091}] =>\n #{messages_received_total => 12,messages_received_confirm_total => 5},\n\
                    [{protocol,amqp10}] => #{messages_received_total =>\n 3}}";
        assert!((sum(text, "messages_received_total") - 15.0).abs() < f64::EPSILON);
    }
}
