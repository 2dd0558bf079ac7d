//! The shopper's mails: from `/dev/mails` of the all-in-one, or from Mailpit beside Compose.

use super::{api::Api, journey::Journey, wait::wait_for};
use serde_json::Value;

pub(super) struct Mail {
    pub(super) subject: String,
    pub(super) text: String,
}

impl Mail {
    /// The one-time token of the first verification link in the text.
    pub(super) fn token(&self) -> Option<&str> {
        let (_, after) = self.text.split_once("verify-email?token=")?;
        after.split(|letter: char| letter.is_whitespace() || "\"'<>)&".contains(letter)).next()
    }
}

/// Waits for a mail to `address` that `wanted` accepts, and shows meanwhile what happens.
pub(super) async fn wait(
    api: &Api,
    mailpit: &Api,
    journey: &mut Journey,
    address: &str,
    wanted: impl Fn(&Mail) -> bool,
) -> anyhow::Result<Mail> {
    wait_for("the mail", async || {
        journey.look(api).await?;
        let mails = match from_folder(api, address).await? {
            Some(mails) => mails,
            None => from_mailpit(mailpit, address).await?,
        };
        Ok(mails.into_iter().find(|mail| wanted(mail)))
    })
    .await
}

async fn from_folder(api: &Api, address: &str) -> anyhow::Result<Option<Vec<Mail>>> {
    let answer = api.get(&format!("/dev/mails.json?to={address}")).await?;
    let Some(list) = answer.body.as_array() else { return Ok(None) };
    let text = |mail: &Value, field: &str| mail[field].as_str().unwrap_or_default().to_owned();
    Ok(Some(list.iter().map(|mail| Mail { subject: text(mail, "subject"), text: text(mail, "text") }).collect()))
}

async fn from_mailpit(mailpit: &Api, address: &str) -> anyhow::Result<Vec<Mail>> {
    let found = mailpit.get(&format!("/api/v1/search?query=to:{address}")).await?;
    let mut mails = Vec::new();
    for summary in found.body["messages"].as_array().into_iter().flatten() {
        let id = summary["ID"].as_str().unwrap_or_default();
        let whole = mailpit.get(&format!("/api/v1/message/{id}")).await?;
        let text = |field: &str| whole.body[field].as_str().unwrap_or_default().to_owned();
        mails.push(Mail { subject: text("Subject"), text: text("Text") });
    }
    Ok(mails)
}
