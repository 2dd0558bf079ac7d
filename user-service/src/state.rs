//! What handlers and jobs share. Knows nobody but what it is made of.

use crate::{domain::LinkToken, mail_bounds::MailBounds, passwords::Passwords, throttle::Throttle};
use axum::extract::FromRef;
use contracts::EventId;
use service_kit::{ClientAddress, Kit, client_address::ClientGroup};
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) passwords: Passwords,
    /// Failed logins, by the address they were tried with.
    pub(crate) logins: Throttle,
    /// Mails asked for.
    pub(crate) mails: MailBounds,
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
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit.clone()
    }
}
