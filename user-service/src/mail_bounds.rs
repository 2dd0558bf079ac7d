//! How many mails may be asked for: by one client, and to one mailbox. Whether it has an account makes no difference.

use crate::{
    Error,
    domain::Email,
    throttle::{Limit, Throttle},
};
use service_kit::client_address::ClientGroup;
use std::{num::NonZeroU32, time::Duration};

/// Mails that anybody can have sent to a mailbox: five at once, then one per five minutes.
const PER_MAILBOX: Limit = Limit { attempts: NonZeroU32::MIN.saturating_add(4), recovery: Duration::from_secs(300) };

#[derive(Clone)]
pub(crate) struct MailBounds {
    by_mailbox: Throttle,
    by_client: Throttle,
}

impl MailBounds {
    pub(crate) fn new(per_client: Limit) -> Self {
        Self { by_mailbox: Throttle::new(PER_MAILBOX), by_client: Throttle::new(per_client) }
    }

    /// Counts a mail to `email` that `client` asks for.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn count(&self, client: Option<ClientGroup>, email: &Email) -> Result<(), Error> {
        let refused = |wait| {
            tracing::warn!("a mail was refused: too many were asked for lately");
            Error::TooManyMails { wait }
        };
        // The client first: who is refused must not use up what others may have sent to their mailbox.
        if let Some(client) = client {
            self.by_client.attempt(&client.to_string()).map_err(refused)?;
        }
        self.by_mailbox.attempt(&email.mailbox()).map_err(refused)
    }

    /// Takes that back: no mail was asked for after all.
    pub(crate) fn give_back(&self, client: Option<ClientGroup>, email: &Email) {
        if let Some(client) = client {
            self.by_client.give_back(&client.to_string());
        }
        self.by_mailbox.give_back(&email.mailbox());
    }

    /// Frees the memory of what has worn off.
    pub(crate) fn tidy(&self) {
        self.by_mailbox.tidy();
        self.by_client.tidy();
    }
}
