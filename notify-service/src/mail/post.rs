//! The two ways a mail leaves: to a mail server, or, in development, into a folder.

use super::{
    folder::Folder,
    way::{Smtp, Way},
};
use anyhow::Context;
use lettre::{
    AsyncTransport, Message,
    transport::smtp::{self, PoolConfig},
};
use secrecy::ExposeSecret;
use service_kit::outgoing;
use std::time::Duration;
use uuid::Uuid;

/// Connections to the mail server at the most; as many mails are sent at a time.
pub(crate) const CONNECTIONS: u32 = 8;
/// For connecting, and for each answer of the mail server.
const PATIENCE: Duration = Duration::from_secs(8);

pub(crate) enum Post {
    Smtp(Smtp),
    Folder(Folder),
}

/// Why a mail did not leave, in words of our own: the server's name the address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostError {
    #[error("the mail server refused it with {code}")]
    Refused { code: String },
    #[error("the mail server did not answer in time")]
    Timeout,
    #[error("the mail server cannot be reached, or no secure connection to it made")]
    Connection,
    #[error("the mail server answered what is no SMTP")]
    Protocol,
    #[error("the mail server cannot take a mail like this, or not with these credentials")]
    Unsupported,
    #[error("the mail folder cannot be written: {0}")]
    Folder(#[from] std::io::Error),
}

impl Post {
    pub(crate) async fn open(way: &Way) -> anyhow::Result<Self> {
        match way {
            Way::Smtp(url) => {
                let builder = Smtp::from_url(url.expose_secret()).context("SMTP_URL cannot be used")?;
                let pool = PoolConfig::new().max_size(CONNECTIONS).idle_timeout(Duration::from_secs(30));
                Ok(Self::Smtp(builder.timeout(Some(PATIENCE)).pool_config(pool).build()))
            }
            Way::Folder(path) => {
                let opened = Folder::open(path.clone()).await;
                let path = path.display();
                let folder = opened.with_context(|| {
                    format!("mails are to be kept in {path}, which cannot be written: set MAIL_FOLDER or SMTP_URL")
                })?;
                tracing::info!(folder = %path, "no SMTP_URL is set: mails are kept in a folder");
                Ok(Self::Folder(folder))
            }
        }
    }

    /// Sends it. `id` is the delivery's: in a folder, a mail sent twice is one file.
    pub(crate) async fn send(&self, id: Uuid, message: Message) -> Result<(), PostError> {
        let sending = async {
            match self {
                Self::Smtp(server) => match server.send(message).await {
                    Ok(_) => Ok(()),
                    Err(cause) => Err(explain(&cause)),
                },
                Self::Folder(folder) => Ok(folder.keep(id, &message.formatted()).await?),
            }
        };
        outgoing("mail", sending, PostError::from).await
    }
}

fn explain(cause: &smtp::Error) -> PostError {
    if let Some(code) = cause.status() {
        return PostError::Refused { code: code.to_string() };
    }
    if cause.is_timeout() {
        return PostError::Timeout;
    }
    if cause.is_client() {
        return PostError::Unsupported;
    }
    if cause.is_response() { PostError::Protocol } else { PostError::Connection }
}
