//! `ecom admin create`: the first administrator, and every other.

use contracts::ServiceName;
use operate::terminal::say;
use service_kit::{Env, ambient, standalone, telemetry};
use std::io::Read;
use user_service::{Config, NewAdmin};

pub(crate) struct Wanted {
    pub(crate) email: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) password_stdin: bool,
}

pub(crate) async fn create(env: Env, wanted: Wanted) -> anyhow::Result<()> {
    telemetry::start_command("ecom", &env, "warn")?;
    let (settings, env) = standalone::settings_of(ServiceName::User, env)?;
    let config = Config::read(settings, &env)?;
    let password = if wanted.password_stdin { read_password()? } else { make_password()? };
    let admin = NewAdmin {
        email: wanted.email.clone(),
        first_name: wanted.first_name,
        last_name: wanted.last_name,
        password: password.clone(),
    };
    let id = user_service::create_admin(config, admin).await?;
    say(format!("Administrator {} made (account {id}).", wanted.email));
    if !wanted.password_stdin {
        say(format!("Password, shown this once: {password}"));
    }
    Ok(())
}

fn read_password() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// 20 letters and digits that are not mistaken for each other: about 115 bits.
fn make_password() -> anyhow::Result<String> {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let bytes: [u8; 20] = ambient::random_bytes().map_err(|_| anyhow::anyhow!("no randomness"))?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect())
}
