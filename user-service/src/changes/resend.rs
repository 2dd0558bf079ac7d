//! Somebody asks for the mail again: the address's newest registration gets more time, and another link.

use super::ask::{Mail, ask};
use crate::{
    Error,
    domain::{Email, VALID},
    state::App,
    store::registrations,
};
use service_kit::{Cause, each};

pub(crate) struct Wish {
    pub(crate) email: Email,
    pub(crate) cause: Cause,
}

/// Nothing tells whether there was a registration.
pub(crate) async fn resend(app: &App, wishes: Vec<Wish>) -> Vec<Result<(), Error>> {
    let sent = work(app, &wishes).await;
    each(sent.map(|()| wishes.iter().map(|_| Ok(())).collect()), wishes.len())
}

async fn work(app: &App, wishes: &[Wish]) -> Result<(), Error> {
    let now = app.kit.clock.now();
    let expires_at = now + VALID;
    let keys: Vec<_> = wishes.iter().map(|wish| wish.email.key()).collect();
    let mut tx = app.kit.database.begin("resend_verification").await?;
    let mut newest = registrations::lock_newest(&mut tx, &keys, now).await?;
    if newest.is_empty() {
        return Ok(());
    }
    for (key, wish) in keys.iter().zip(wishes) {
        let Some(renewed) = newest.iter_mut().find(|known| known.email_key == *key) else { continue };
        // Asked for twice at once, there are two mails, each a change of its own.
        renewed.version += 1;
        let (registration, version) = (renewed.id, renewed.version);
        ask(app, &mut tx, &Mail { registration, version, expires_at, cause: &wish.cause })?;
    }
    registrations::renew(&mut tx, &newest, expires_at).await?;
    let _committed = tx.commit().await?;
    Ok(())
}
