//! How many mails may be asked for: by one client, and to one mailbox. Whether anybody is known there makes no difference.

use crate::{
    client_address::ClientGroup,
    email::Email,
    throttle::{Limit, Throttle},
};
use std::{num::NonZeroU32, time::Duration};

/// Mails that anybody can have sent to a mailbox: five at once, then one per five minutes.
const PER_MAILBOX: Limit = Limit { attempts: NonZeroU32::MIN.saturating_add(4), recovery: Duration::from_secs(300) };

/// Bounds of one kind of mail, in memory.
#[derive(Clone)]
pub struct MailBounds {
    by_mailbox: Throttle,
    by_client: Throttle,
}

/// So many were asked for lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyMails {
    /// Until one more may be.
    pub wait: Duration,
}

impl MailBounds {
    /// With nobody counted yet.
    #[must_use]
    pub fn new(per_client: Limit) -> Self {
        Self { by_mailbox: Throttle::new(PER_MAILBOX), by_client: Throttle::new(per_client) }
    }

    /// Counts a mail to `email` that `client` asks for.
    ///
    /// # Errors
    /// How long to wait.
    pub fn count(&self, client: Option<ClientGroup>, email: &Email) -> Result<(), TooManyMails> {
        let refused = |wait| {
            tracing::warn!("a mail was refused: too many were asked for lately");
            TooManyMails { wait }
        };
        // The client first: who is refused must not use up what others may have sent to their mailbox.
        if let Some(client) = client {
            self.by_client.attempt(&client.to_string()).map_err(refused)?;
        }
        self.by_mailbox.attempt(&email.mailbox()).map_err(refused)
    }

    /// Takes that back: no mail was asked for after all.
    pub fn give_back(&self, client: Option<ClientGroup>, email: &Email) {
        if let Some(client) = client {
            self.by_client.give_back(&client.to_string());
        }
        self.by_mailbox.give_back(&email.mailbox());
    }

    /// Frees the memory of what has worn off.
    pub fn tidy(&self) {
        self.by_mailbox.tidy();
        self.by_client.tidy();
    }
}
