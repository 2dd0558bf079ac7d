//! The two ways a mail leaves: to a mail server, or, in development, into a folder.

use super::{folder::Folder, smtp::Smtp, way::Way};
use anyhow::Context;
use lettre::{Message, transport::smtp};
use secrecy::ExposeSecret;
use service_kit::outgoing;
use uuid::Uuid;

/// So many mails are sent at a time, each to the mail server over a connection of its own.
pub(crate) const CONNECTIONS: usize = 8;

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
            Way::Smtp(url) => Ok(Self::Smtp(Smtp::of(url.expose_secret()).context("SMTP_URL cannot be used")?)),
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
    pub(crate) async fn send(&self, id: Uuid, message: &Message) -> Result<(), PostError> {
        let sending = async {
            match self {
                Self::Smtp(server) => server.send(message).await,
                Self::Folder(folder) => Ok(folder.keep(id, &message.formatted()).await?),
            }
        };
        outgoing("mail", sending, PostError::from).await
    }

    /// Closes connections that had no mail for a while.
    pub(crate) async fn close_idle(&self) {
        if let Self::Smtp(server) = self {
            server.close_idle().await;
        }
    }
}

impl From<smtp::Error> for PostError {
    fn from(cause: smtp::Error) -> Self {
        if let Some(code) = cause.status() {
            return Self::Refused { code: code.to_string() };
        }
        if cause.is_timeout() {
            return Self::Timeout;
        }
        if cause.is_client() {
            return Self::Unsupported;
        }
        if cause.is_response() { Self::Protocol } else { Self::Connection }
    }
}
