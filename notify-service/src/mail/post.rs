//! The two ways a mail leaves: to a mail server, or, in development, into a folder.

use super::{folder::Folder, smtp::Smtp, trouble::PostError, way::Way};
use anyhow::Context;
use lettre::Message;
use secrecy::ExposeSecret;
use service_kit::outgoing;
use std::io;
use uuid::Uuid;

/// So many mails are sent at a time, each to the mail server over a connection of its own.
pub(crate) const CONNECTIONS: usize = 8;

pub(crate) enum Post {
    Smtp(Smtp),
    Folder(Folder),
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

    /// Whether mails stay where we can take them away again.
    pub(crate) const fn keeps_mails(&self) -> bool {
        matches!(self, Self::Folder(_))
    }

    /// Takes mails out of the folder; what a mail server took is not ours any more.
    pub(crate) async fn forget(&self, ids: &[Uuid]) -> io::Result<()> {
        match self {
            Self::Smtp(_) => Ok(()),
            Self::Folder(folder) => folder.forget(ids).await,
        }
    }

    /// Closes connections that had no mail for a while.
    pub(crate) async fn close_idle(&self) {
        if let Self::Smtp(server) = self {
            server.close_idle().await;
        }
    }
}
