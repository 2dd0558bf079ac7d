//! `ecom keys`: the keys that services sign with.

use crate::{operator, reach::Reach, terminal::say};
use clap::{Args, Subcommand};
use contracts::ServiceName;
use service_kit::{Clock, Env, Vault, auth::rotate_key, config::environment, operator_log, standalone::RunFile};

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Have a service sign with another key
    ///
    /// The next key is published now and signs in a quarter of an hour; the one before is published for another 20 minutes.
    /// Nobody is logged out. Services do the same by themselves every KEYS_ROTATE_DAYS. Needs SECRETS_KEY, where keys are
    /// sealed.
    Rotate(RotateArgs),
}

#[derive(Args)]
pub struct RotateArgs {
    /// Whose; user-service's signs people's tokens
    #[arg(long, default_value = "user")]
    service: ServiceName,
    /// The key is in wrong hands: forget it, and sign with another at once
    ///
    /// Tokens it signed are refused as soon as its service was started again and others asked it for its keys, within five
    /// minutes; people refresh theirs.
    #[arg(long)]
    at_once: bool,
    /// Your name in the operator's log, instead of USER
    #[arg(long = "as", value_name = "NAME")]
    operator: Option<String>,
}

/// # Errors
/// The database cannot be reached, or the keys in it cannot be opened.
pub async fn run(env: &Env, command: KeysCommand) -> anyhow::Result<()> {
    let KeysCommand::Rotate(RotateArgs { service, at_once, operator }) = command;
    let operator = operator::name(env, operator)?;
    let reach = Reach::find(env).await?;
    let beside = RunFile::find(env).and_then(|run| run.variables.get(Vault::VARIABLE).cloned());
    let env = match (env.text(Vault::VARIABLE)?, beside) {
        (None, Some(key)) => env.clone().with(Vault::VARIABLE, key),
        _ => env.clone(),
    };
    let vault = Vault::read(&env, environment(&env)?)?;
    let (pool, clock) = (reach.database(service), Clock::system());
    let kid = rotate_key(pool, &vault, &clock, at_once).await?;
    let mut connection = pool.acquire().await?;
    let note = if at_once { "at once: the one before is forgotten" } else { "in a quarter of an hour" };
    operator_log::note(&mut connection, &clock, &operator, "key rotated", &kid, note).await?;
    say(format!("{service} signs with the key {kid} {note}."));
    if at_once {
        say(format!("Start {service} again now: until then it goes on signing with the key before."));
    }
    Ok(())
}
