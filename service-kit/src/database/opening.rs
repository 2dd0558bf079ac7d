//! Why a database cannot be opened, in one sentence that names the variable it was given by and says what to do.

use super::connect_options;
use crate::KitError;
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Error, migrate::MigrateError, postgres::PgSslMode};
use std::io;

/// Whoever starts a service reads this: it names what they set.
pub(crate) fn not_opened(variable: &str, url: &SecretString, cause: KitError) -> KitError {
    let why = |cause: &Error| why_not_opened(variable, url.expose_secret(), cause);
    match &cause {
        KitError::Database(refusal) => KitError::NotOpened(why(refusal)),
        KitError::Migration(MigrateError::Execute(refusal)) => {
            KitError::NotOpened(format!("the tables cannot be brought up to date: {}", why(refusal)))
        }
        KitError::Migration(MigrateError::ExecuteMigration(refusal, version)) => KitError::NotOpened(format!(
            "the tables cannot be brought up to date, by migration {version}: {}",
            why(refusal)
        )),
        _ => cause,
    }
}

/// `variable` is what whoever reads this has set, and has to correct.
#[must_use]
pub fn why_not_opened(variable: &str, url: &str, cause: &Error) -> String {
    let Ok(options) = connect_options(url) else {
        return format!(
            "{variable} is no URL of a PostgreSQL database: expected postgres://user:password@host:5432/name"
        );
    };
    let (user, server) = (options.get_username(), format!("{}:{}", options.get_host(), options.get_port()));
    let database = options.get_database().unwrap_or(user);
    let Error::Database(refusal) = cause else {
        return format!(
            "{variable}: no PostgreSQL can be talked to at {server} ({}): {}",
            plain(cause),
            what_to_do(cause)
        );
    };
    let said = refusal.message();
    // SQLSTATE (PostgreSQL, appendix A).
    match refusal.code().as_deref() {
        Some("28P01") => {
            let apart = variable.strip_suffix("_URL").map(|stem| format!(", there or in {stem}_PASSWORD"));
            let apart = apart.unwrap_or_default();
            format!("{variable}: the server at {server} refuses the password of user {user:?}: correct it{apart}")
        }
        // Without a word about it nothing is encrypted on this machine.
        Some("28000") if said.contains("no encryption") && matches!(options.get_ssl_mode(), PgSslMode::Disable) => {
            format!(
                "{variable}: the server at {server} does not let user {user:?} in unencrypted ({said}): if it does so \
                 encrypted, add sslmode=require to the URL"
            )
        }
        Some("28000") => format!(
            "{variable}: the server at {server} does not let user {user:?} in ({said}): name a user it knows, or have it \
             let this one in"
        ),
        Some("3D000") => {
            format!("{variable}: the server at {server} has no database {database:?}: create it, or name another")
        }
        Some("42501") => format!(
            "{variable}: user {user:?} lacks a right on database {database:?} at {server} ({said}): have its \
             owner migrate, by OWNER_DATABASE_URL, which gives the right; or make this user the owner"
        ),
        Some("53300" | "55000" | "57P03") => format!(
            "{variable}: the server at {server} takes no connections to database {database:?} now ({said}): have it \
             take them, and start again"
        ),
        Some("55P03") => format!(
            "{variable}: the server at {server} gave up waiting for a lock in database {database:?} ({said}): see in \
             pg_stat_activity who holds it, and start again"
        ),
        _ => format!("{variable}: the server at {server} refuses database {database:?} to user {user:?}: {said}"),
    }
}

/// The cause itself, without what is said around it.
fn plain(cause: &Error) -> String {
    match cause {
        Error::Io(cause) => cause.to_string(),
        Error::PoolTimedOut => "no answer in time".to_owned(),
        other => other.to_string(),
    }
}

fn what_to_do(cause: &Error) -> &'static str {
    match cause {
        Error::Io(cause) if cause.kind() == io::ErrorKind::ConnectionRefused => "start it, or correct host and port",
        Error::Tls(_) => "correct sslmode in the URL, or the server's certificate",
        _ => "see that it runs, and that host and port are right",
    }
}
