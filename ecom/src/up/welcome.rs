//! What `ecom up` says when it is ready: where everything is, and what to try.

use super::{ports::PORT_BASE, started::Started};
use dev_postgres::{Running as Postgres, Source};
use operate::terminal::say;
use service_kit::Environment;

pub(super) fn say_all(started: &Started) {
    let url = &started.run_file.front_door;
    say(format!("\nEcom-Micro is ready after {:.1} s.\n", started.ready_after.as_secs_f64()));
    say(format!("  front door        {url}"));
    if started.flow {
        say(format!("  watch it flow     {url}/flow"));
    }
    for (service, address) in &started.run_file.services {
        say(format!("  {:<17} {address}/docs", service.as_str()));
    }
    let kind = if started.simulated { " (simulated)" } else { "" };
    say(format!("  payment provider  {}{kind}", started.run_file.provider_url));
    say(format!("  database          {}", database(started.postgres.as_ref())));
    say(format!("  events            {}", if started.broker { "RabbitMQ (AMQP_URL)" } else { "inside this process" }));
    say(format!("  data              {}", started.folder.path().display()));
    if let Some(postgres) = &started.postgres
        && postgres.data() != started.folder.postgres()
    {
        // As root without user namespaces: where PostgreSQL's user can pass.
        say(format!("  and the cluster   {} (delete this too to start over)", postgres.data().display()));
    }
    if started.environment == Environment::Development {
        what_to_try(url, started.mails_in_folder).into_iter().for_each(say);
    }
    say("\nCtrl-C stops everything; the next start finds its data again.");
}

fn database(postgres: Option<&Postgres>) -> String {
    match postgres.map(Postgres::source) {
        None => "your server (DATABASE_URL)".to_owned(),
        Some(Source::Bundled) => {
            "the bundled PostgreSQL 17: for development only, its time-outs do not work".to_owned()
        }
        Some(installed) => format!("PostgreSQL {} of this machine", installed.version()),
    }
}

fn what_to_try(url: &str, mails_in_folder: bool) -> Vec<String> {
    let usual = url.ends_with(&format!(":{PORT_BASE}"));
    let demo = if usual { "demo".to_owned() } else { format!("demo --url {url}") };
    let mut lines = vec![
        "\nTry, in another terminal:\n".to_owned(),
        format!("  cargo run --release -- {demo:<15} # an order from registration to its mail, step by step"),
        format!(
            "  curl -s {url}/api/auth/register -H 'content-type: application/json' \\\n    -d \
             '{{\"first_name\":\"Ada\",\"last_name\":\"Lovelace\",\"email\":\"ada@example.com\",\"password\":\"correct \
             horse battery\"}}'"
        ),
    ];
    if mails_in_folder {
        // No command: what opens a page is called otherwise on every system.
        lines.push(format!("  # in a browser: {url}/dev/mails   the mail with the link that confirms the address"));
    }
    lines.push("  cargo run --release -- admin create --email admin@example.com".to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::what_to_try;

    #[test]
    fn what_is_offered_as_a_command_is_one_on_every_system() {
        let lines = what_to_try("http://localhost:8080", true);
        let words: Vec<_> = lines[1..].iter().filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!(words, ["cargo", "curl", "#", "cargo"]);
        assert!(lines.iter().any(|line| line.contains(" http://localhost:8080/dev/mails ")), "{lines:?}");
    }
}
