//! What handlers and jobs share. Knows nobody but what it is made of.

use crate::{
    domain::LinkToken, login_bounds::LoginBounds, outside::Outside, passkeys::RelyingParty, passwords::Passwords,
    places::Places,
};
use axum::extract::FromRef;
use service_kit::{ClientAddress, Kit, client_address::ClientGroup, mail_bounds::MailBounds};
use std::sync::Arc;
use tokio::sync::Notify;
use uuid::Uuid;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) passwords: Passwords,
    /// Logins that failed.
    pub(crate) logins: LoginBounds,
    /// Mails asked for.
    pub(crate) mails: MailBounds,
    /// Guests made.
    pub(crate) guests: MailBounds,
    /// Wakes the job that looks for the accounts of forgotten passwords.
    pub(crate) resets: Arc<Notify>,
    /// Wakes the job that erases accounts.
    pub(crate) erasing: Arc<Notify>,
    /// So long an account that is to be erased can be kept.
    pub(crate) erase_after: time::Duration,
    /// The provider people may sign in with; none unless the operator names one.
    pub(crate) outside: Option<Outside>,
    /// The shop as authenticators know it; none where they could not.
    pub(crate) passkeys: Option<Arc<RelyingParty>>,
    /// Where clients are; none unless the operator has a database that tells.
    pub(crate) places: Option<Places>,
    /// Signs the one-time tokens of mailed links.
    pub(crate) link_key: Arc<aws_lc_rs::hmac::Key>,
    /// Derives each refresh token from the one before.
    pub(crate) refresh_key: Arc<aws_lc_rs::hmac::Key>,
}

impl App {
    /// What a client is counted by; none for one of our own proxies that does not say whom it speaks for.
    pub(crate) fn counted(&self, client: ClientAddress) -> Option<ClientGroup> {
        self.kit.counted(client)
    }

    /// Where the owner of a mailbox goes on: the same link for the same event, or request.
    pub(crate) fn link(&self, page: &str, id: impl Into<Uuid>) -> String {
        let base = self.kit.settings.public_url.as_str().trim_end_matches('/');
        format!("{base}/{page}?token={}", LinkToken::derive(&self.link_key, id).as_str())
    }
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit.clone()
    }
}
