//! What the handlers share, and how the service is put together.

use crate::{
    Config, Error, MIGRATIONS,
    domain::{Email, LinkToken},
    http, jobs, metrics,
    passwords::Passwords,
    reactions, store,
    throttle::{Limit, Throttle},
};
use axum::extract::FromRef;
use contracts::EventId;
use service_kit::{Bus, ClientAddress, Clock, Kit, Service, client_address::ClientGroup};
use std::{num::NonZeroU32, sync::Arc, time::Duration};
use tokio::sync::Notify;

/// Mails that anybody can have sent to a mailbox: five at once, then one per five minutes.
const MAILS: Limit = Limit { attempts: NonZeroU32::MIN.saturating_add(4), recovery: Duration::from_secs(300) };

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) passwords: Passwords,
    /// Failed logins, by the address they were tried with.
    pub(crate) logins: Throttle,
    /// Mails asked for, by the mailbox they go to. Whether it has an account makes no difference.
    pub(crate) mails: Throttle,
    /// Mails asked for, by who asks.
    pub(crate) mails_by_client: Throttle,
    /// Signs the one-time tokens of mailed links.
    pub(crate) link_key: Arc<aws_lc_rs::hmac::Key>,
}

impl App {
    /// What a client is counted by; none for one of our own proxies that does not say whom it speaks for.
    pub(crate) fn counted(&self, client: ClientAddress) -> Option<ClientGroup> {
        (!self.kit.settings.trusted_proxies.contains(client.ip())).then(|| client.group())
    }

    /// Where the owner of a mailbox confirms: the same link for the same event.
    pub(crate) fn link(&self, event_id: EventId) -> String {
        let base = self.kit.settings.public_url.as_str().trim_end_matches('/');
        format!("{base}/verify-email?token={}", LinkToken::derive(&self.link_key, event_id).as_str())
    }

    /// Counts a mail that `client` asks for.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn count_mail(&self, client: Option<ClientGroup>, email: &Email) -> Result<(), Error> {
        let refused = |wait| {
            tracing::warn!("a mail was refused: too many were asked for lately");
            Error::TooManyMails { wait }
        };
        // The client first: who is refused must not use up what others may have sent to their mailbox.
        if let Some(client) = client {
            self.mails_by_client.attempt(&client.to_string()).map_err(refused)?;
        }
        self.mails.attempt(&email.mailbox()).map_err(refused)
    }

    /// Takes that back: no mail was asked for after all.
    pub(crate) fn give_mail_back(&self, client: Option<ClientGroup>, email: &Email) {
        if let Some(client) = client {
            self.mails_by_client.give_back(&client.to_string());
        }
        self.mails.give_back(&email.mailbox());
    }
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit.clone()
    }
}

/// # Errors
/// The database cannot be opened or migrated.
pub async fn build(config: Config, bus: Bus, clock: Clock) -> anyhow::Result<Service> {
    let kit = Kit::open(config.kit, &MIGRATIONS, bus, clock).await?;
    let link_key = store::secrets::link_key(&kit).await?;
    let passwords = Passwords::new(config.bcrypt_cost);
    let app = App {
        kit: kit.clone(),
        passwords,
        logins: Throttle::new(config.failed_logins),
        mails: Throttle::new(MAILS),
        mails_by_client: Throttle::new(config.mails_per_client),
        link_key: Arc::new(link_key),
    };
    jobs::adopt::at_start(&app).await?;
    metrics::start();
    let never_woken = Arc::new(Notify::new());
    let (attempts, ended, older) = (app.clone(), app.clone(), app.clone());
    let service = Service::new(kit, app, http::routes(), reactions::subscriptions())?
        .job("forget failed attempts", Duration::from_secs(60), Arc::clone(&never_woken), move || {
            jobs::forget_attempts::run(&attempts)
        })
        .job("end registrations", Duration::from_secs(60), Arc::clone(&never_woken), move || {
            jobs::end_registrations::run(ended.clone())
        })
        .job("adopt what older versions wrote", Duration::from_secs(60), never_woken, move || {
            jobs::adopt::run(older.clone())
        });
    Ok(service)
}
