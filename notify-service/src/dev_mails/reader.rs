//! Reads the folder's mails.

use crate::mail::folder;
use mail_parser::{Addr, Message, MessageParser};
use serde::Serialize;
use std::{io, path::Path};
use tokio::fs;
use uuid::Uuid;

/// A mail as the pages and the JSON form show it.
#[derive(Debug, Serialize)]
pub(super) struct Mail {
    pub(super) name: Uuid,
    /// RFC 3339.
    pub(super) time: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) message_id: String,
    pub(super) text: String,
    /// The web addresses in the text.
    pub(super) links: Vec<String>,
}

impl Mail {
    /// `2026-11-22 10:51:31`.
    pub(super) fn readable_time(&self) -> String {
        self.time.replace('T', " ").trim_end_matches('Z').to_owned()
    }
}

/// At most `limit` of the newest; with `to` only those to that address.
pub(super) async fn newest(path: &Path, limit: usize, to: Option<&str>) -> io::Result<Vec<Mail>> {
    let mut mails = Vec::new();
    for name in folder::names(path).await? {
        if mails.len() == limit {
            break;
        }
        // Pruned since it was listed.
        let Some(bytes) = bytes(path, name).await? else { continue };
        let Some(message) = MessageParser::default().parse(&bytes) else { continue };
        if to.is_none_or(|wanted| is_to(&message, wanted)) {
            mails.push(mail(name, &message));
        }
    }
    Ok(mails)
}

pub(super) async fn find(path: &Path, name: Uuid) -> io::Result<Option<Mail>> {
    let Some(bytes) = bytes(path, name).await? else { return Ok(None) };
    Ok(MessageParser::default().parse(&bytes).map(|message| mail(name, &message)))
}

pub(super) async fn html(path: &Path, name: Uuid) -> io::Result<Option<String>> {
    let Some(bytes) = bytes(path, name).await? else { return Ok(None) };
    let message = MessageParser::default().parse(&bytes);
    Ok(message.and_then(|message| message.body_html(0).map(std::borrow::Cow::into_owned)))
}

pub(super) async fn bytes(path: &Path, name: Uuid) -> io::Result<Option<Vec<u8>>> {
    match fs::read(folder::file(path, name)).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause),
    }
}

fn mail(name: Uuid, message: &Message<'_>) -> Mail {
    let text = message.body_text(0).unwrap_or_default().into_owned();
    let addresses = |list: Option<&mail_parser::Address<'_>>| {
        list.map(|list| list.iter().map(readable).collect::<Vec<_>>().join(", ")).unwrap_or_default()
    };
    Mail {
        name,
        time: message.date().map(mail_parser::DateTime::to_rfc3339).unwrap_or_default(),
        from: addresses(message.from()),
        to: addresses(message.to()),
        subject: message.subject().unwrap_or_default().to_owned(),
        message_id: message.message_id().unwrap_or_default().to_owned(),
        links: links(&text),
        text,
    }
}

fn readable(address: &Addr<'_>) -> String {
    let email = address.address().unwrap_or_default();
    address.name().map_or_else(|| email.to_owned(), |name| format!("{name} <{email}>"))
}

fn is_to(message: &Message<'_>, wanted: &str) -> bool {
    let mut recipients = message.to().into_iter().flat_map(mail_parser::Address::iter);
    recipients.any(|address| address.address().is_some_and(|email| email.eq_ignore_ascii_case(wanted)))
}

fn links(text: &str) -> Vec<String> {
    let words = text.split_whitespace();
    words.filter(|word| word.starts_with("http://") || word.starts_with("https://")).map(str::to_owned).collect()
}
