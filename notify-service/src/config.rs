//! What notify-service is told besides what all services are.

use crate::{
    domain::in_ascii,
    mail::{Way, is_smtp_url},
};
use lettre::message::Mailbox;
use service_kit::{ConfigError, Env, Environment, Settings, Variable, config, keeping, shop_name, text};
use std::path::{Path, PathBuf};
use url::Url;

#[derive(Clone, Debug)]
pub struct Config {
    pub kit: Settings,
    pub mail: MailConfig,
    /// For how many days messages and their mails are kept; none for ever.
    pub messages_kept: Option<u16>,
}

/// A year: longer than what they tell of is argued about.
const MESSAGES_KEPT: u16 = 365;
const MESSAGES_KEPT_AT_LEAST: u16 = 90;

#[derive(Clone, Debug)]
pub struct MailConfig {
    /// Whom mails are from. Its name is the shop's, its domain ends every Message-ID.
    pub from: Mailbox,
    pub way: Way,
    /// After so many attempts a mail is given up: 20 take four to eight hours.
    pub attempts: i32,
}

impl Config {
    /// What only this service reads.
    pub const VARIABLES: &[Variable] = &[
        Variable::new(
            &["SMTP_URL"],
            "notify",
            "none: mails go to a folder; in Compose the mail catcher",
            "`smtp://host:port`, `smtps://user:password@host`; required in production, and there encrypted: \
             `smtps://`, or STARTTLS by `smtp://host:587?tls=required`, or a relay on this machine",
        ),
        Variable::new(
            &["DEVELOPMENT_SMTP_URL"],
            "notify",
            "none; Compose sets it",
            "the default of `SMTP_URL` in development: Compose's mail catcher. Production does not read it",
        ),
        Variable::new(
            &["MAIL_FROM"],
            "notify",
            "`Ecom-Micro <shop@localhost>`",
            "the sender; its name is the shop's name in mails, unless `SHOP_NAME` says another",
        ),
        Variable::new(&["MAIL_FOLDER"], "notify", "`mails` in `ECOM_DATA`", "development: the newest 1000 mails"),
        Variable::new(&["MAIL_ATTEMPTS"], "notify", "20 (four to eight hours)", "1 to 100"),
        Variable::new(
            &["RETENTION_MESSAGES"],
            "notify",
            "365",
            "days, from 90 and from `RETENTION_EVENTS` on, for which messages are kept, with their mails",
        ),
    ];

    /// # Errors
    /// A variable is wrong, or production lacks a mail server.
    pub fn read(kit: Settings, env: &Env) -> Result<Self, ConfigError> {
        let expected = "a name and an address such as `Ecom-Micro <shop@example.com>`";
        let from = env.text("MAIL_FROM")?.unwrap_or_else(|| "Ecom-Micro <shop@localhost>".to_owned());
        let printable = !from.chars().any(char::is_control);
        let parsed = from.parse().ok().filter(|_| printable).and_then(|from| sender(&from));
        let invalid = |name: &str, value: String, expected: &str| ConfigError::Invalid {
            name: name.to_owned(),
            value,
            expected: expected.to_owned(),
        };
        let mut from = parsed.ok_or_else(|| invalid("MAIL_FROM", from, expected))?;
        from.name = shop_name::read(env)?.or(from.name);
        let way = way(&kit, env)?;
        let expected = "a whole number from 1 to 100";
        let attempts = env.parsed::<i32>("MAIL_ATTEMPTS", expected)?.unwrap_or(20);
        if !(1..=100).contains(&attempts) {
            return Err(invalid("MAIL_ATTEMPTS", attempts.to_string(), expected));
        }
        let messages_kept = messages_kept(&kit, env)?;
        Ok(Self { kit, mail: MailConfig { from, way, attempts }, messages_kept })
    }

    /// The folder mails go to, where `dev_mails` finds them; none when a mail server takes them.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match &self.mail.way {
            Way::Folder(folder) => Some(folder),
            Way::Smtp(_) => None,
        }
    }
}

/// No shorter than the inbox: an event that it remembers may be told again by hand (`replay --again`), and the message is
/// what keeps that from being a second mail.
fn messages_kept(kit: &Settings, env: &Env) -> Result<Option<u16>, ConfigError> {
    let least = kit.retention.events.unwrap_or_default().max(MESSAGES_KEPT_AT_LEAST);
    let days = keeping::days(env, "RETENTION_MESSAGES", MESSAGES_KEPT.max(least), least)?;
    Ok(kit.retention.events.map(|_| days))
}

/// The shop's name is a line that shows something; its domain goes out as the DNS has it, in every Message-ID, too.
fn sender(from: &Mailbox) -> Option<Mailbox> {
    let name = text::optional_line(from.name.as_deref(), 100).ok()?;
    Some(Mailbox::new(name, in_ascii(&from.email)?))
}

fn way(kit: &Settings, env: &Env) -> Result<Way, ConfigError> {
    let expected = "smtp://host:port or smtps://user:password@host";
    if let Some(url) = smtp_url(kit, env)? {
        if !is_smtp_url(&url) {
            // Not shown: it may hold a password.
            let (name, value) = ("SMTP_URL".to_owned(), "…".to_owned());
            return Err(ConfigError::Invalid { name, value, expected: expected.to_owned() });
        }
        let encrypted = Url::parse(&url).is_ok_and(|url| is_encrypted(&url) || config::is_local(&url));
        let expected = "smtps://host, smtp://host?tls=required (STARTTLS), or a relay on this machine";
        config::refuse_plaintext(env, "SMTP_URL", encrypted, expected)?;
        return Ok(Way::Smtp(url.into()));
    }
    if kit.environment == Environment::Production {
        let expected = format!("{expected} (only in development are mails kept in a folder)");
        return Err(ConfigError::Missing { name: "SMTP_URL".to_owned(), expected });
    }
    let folder = match env.text("MAIL_FOLDER")? {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env.text("ECOM_DATA")?.unwrap_or_else(|| "./.ecom".to_owned())).join("mails"),
    };
    Ok(Way::Folder(folder))
}

/// `SMTP_URL`; in development else the catcher that Compose names.
fn smtp_url(kit: &Settings, env: &Env) -> Result<Option<String>, ConfigError> {
    match (env.text("SMTP_URL")?, kit.environment) {
        (None, Environment::Development) => env.text("DEVELOPMENT_SMTP_URL"),
        (given, _) => Ok(given),
    }
}

/// With `tls=opportunistic` whoever is in between decides.
fn is_encrypted(url: &Url) -> bool {
    url.scheme() == "smtps" || url.query_pairs().any(|(name, value)| name == "tls" && value == "required")
}
