//! What `ecom up` says when it is ready: where everything is, and what to try.

use super::{Started, ports::PORT_BASE};
use crate::terminal::say;
use dev_postgres::{Running as Postgres, Source};
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
        what_to_try(started, url);
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

fn what_to_try(started: &Started, url: &str) {
    let usual = url.ends_with(&format!(":{PORT_BASE}"));
    let demo = if usual { "demo".to_owned() } else { format!("demo --url {url}") };
    say("\nTry, in another terminal:\n");
    say(format!("  cargo run --release -- {demo:<15} # an order from registration to its mail, step by step"));
    say(format!(
        "  curl -s {url}/api/auth/register -H 'content-type: application/json' \\\n    -d \
         '{{\"first_name\":\"Ada\",\"last_name\":\"Lovelace\",\"email\":\"ada@example.com\",\"password\":\"correct \
         horse\"}}'"
    ));
    if started.mails_in_folder {
        say(format!("  open {url}/dev/mails      # the mail with the link that confirms the address"));
    }
    say("  cargo run --release -- admin create --email admin@example.com");
}
