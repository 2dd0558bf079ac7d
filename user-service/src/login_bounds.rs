//! How many logins may fail: of one account from devices it does not know, of one device it knows, and of one client.
//!
//! A stranger who tries passwords uses up what strangers have; the owner's devices have their own (OWASP, "device
//! cookies"). So nobody can keep the owner out.

use crate::{Error, domain::DeviceToken};
use service_kit::{
    client_address::ClientGroup,
    throttle::{Limit, Throttle},
};
use std::{num::NonZeroU32, time::Duration};

/// One client may fail so often, at whatever accounts; then once in ten seconds. An office has one address.
const PER_CLIENT: Limit = Limit { attempts: NonZeroU32::MIN.saturating_add(99), recovery: Duration::from_secs(10) };
/// One client may begin so many logins by passkey at once, each of which is kept for minutes; then one in three seconds.
const QUESTIONS: Limit = Limit { attempts: NonZeroU32::MIN.saturating_add(99), recovery: Duration::from_secs(3) };
/// The owner is told once a day.
const TOLD: Limit = Limit { attempts: NonZeroU32::MIN, recovery: Duration::from_secs(24 * 3600) };

#[derive(Clone)]
pub(crate) struct LoginBounds {
    accounts: Throttle,
    devices: Throttle,
    clients: Throttle,
    questions: Throttle,
    told: Throttle,
}

/// A login that was counted, before anything was looked at.
pub(crate) struct Counted {
    /// None of a login by passkey.
    name: Option<String>,
    device: bool,
    client: Option<String>,
}

impl LoginBounds {
    pub(crate) fn new(failed: Limit) -> Self {
        let [accounts, devices] = [Throttle::new(failed), Throttle::new(failed)];
        let [clients, questions, told] = [PER_CLIENT, QUESTIONS, TOLD].map(Throttle::new);
        Self { accounts, devices, clients, questions, told }
    }

    /// Counts a login under `name`, from a device that is known under it or from another.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn count(
        &self,
        name: &str,
        device: Option<&DeviceToken>,
        client: Option<ClientGroup>,
    ) -> Result<Counted, Error> {
        if let Some(device) = device {
            let name = device.as_str().to_owned();
            self.devices.attempt(&name).map_err(|wait| Error::TooManyFailures { wait })?;
            return Ok(Counted { name: Some(name), device: true, client: None });
        }
        let client = client.map(|client| client.to_string());
        if let Some(client) = &client {
            self.clients.attempt(client).map_err(|wait| Error::TooManyFailures { wait })?;
        }
        self.accounts.attempt(name).map_err(|wait| Error::TooManyFailures { wait })?;
        Ok(Counted { name: Some(name.to_owned()), device: false, client })
    }

    /// Counts a login by passkey, of its client alone: nobody can guess one, so its owner need not be protected, and nobody can
    /// keep them out.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn count_passkey(&self, client: Option<ClientGroup>) -> Result<Counted, Error> {
        let client = client.map(|client| client.to_string());
        if let Some(client) = &client {
            self.clients.attempt(client).map_err(|wait| Error::TooManyFailures { wait })?;
        }
        Ok(Counted { name: None, device: false, client })
    }

    /// Counts that a login by passkey is begun.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn count_question(&self, client: Option<ClientGroup>) -> Result<(), Error> {
        let Some(client) = client else { return Ok(()) };
        self.questions.attempt(&client.to_string()).map_err(|wait| Error::TooManyQuestions { wait })
    }

    /// Nothing came of it, through no fault of whoever tried.
    pub(crate) fn give_back(&self, counted: &Counted) {
        let of = if counted.device { &self.devices } else { &self.accounts };
        if let Some(name) = &counted.name {
            of.give_back(name);
        }
        self.give_back_client(counted);
    }

    /// It succeeded. Of the client's others nothing is forgiven: whoever has an account could guess at others' for ever.
    pub(crate) fn forgive(&self, counted: &Counted) {
        let of = if counted.device { &self.devices } else { &self.accounts };
        if let Some(name) = &counted.name {
            of.forgive(name);
        }
        self.give_back_client(counted);
    }

    fn give_back_client(&self, counted: &Counted) {
        if let Some(client) = &counted.client {
            self.clients.give_back(client);
        }
    }

    /// Whether its owner is to be told now that strangers are slowed down.
    pub(crate) fn is_to_be_told(&self, name: &str) -> bool {
        self.told.attempt(name).is_ok()
    }

    /// Counts a guess at what the owner of an account knows or has, by somebody who is signed in to it.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn count_proof(&self, account: &str) -> Result<Counted, Error> {
        let name = format!("proof {account}");
        self.devices.attempt(&name).map_err(|wait| Error::TooManyFailures { wait })?;
        Ok(Counted { name: Some(name), device: true, client: None })
    }

    /// Frees the memory of what has worn off.
    pub(crate) fn tidy(&self) {
        for throttle in [&self.accounts, &self.devices, &self.clients, &self.questions, &self.told] {
            throttle.tidy();
        }
    }
}
