//! Somebody registers: it is kept beside all other registrations of the address, and the mail to its owner is asked for.

use super::ask::{Mail, ask};
use crate::{
    Error,
    domain::{Person, VALID},
    metrics,
    state::App,
    store::registrations::{self, NewRegistration},
};
use contracts::AccountId;
use service_kit::{Cause, each};

pub(crate) struct Wish {
    pub(crate) person: Person,
    pub(crate) cause: Cause,
}

/// Gives the registrations' ids.
pub(crate) async fn register(app: &App, wishes: Vec<Wish>) -> Vec<Result<AccountId, Error>> {
    let asked = wishes.len();
    each(work(app, wishes).await, asked)
}

async fn work(app: &App, wishes: Vec<Wish>) -> Result<Vec<Result<AccountId, Error>>, Error> {
    let now = app.kit.clock.now();
    let expires_at = now + VALID;
    let (new, causes): (Vec<_>, Vec<_>) = wishes
        .into_iter()
        .map(|Wish { person, cause }| {
            (NewRegistration { id: app.kit.clock.new_id(), person, created_at: now, expires_at }, cause)
        })
        .unzip();
    let mut tx = app.kit.database.begin("register").await?;
    registrations::insert(&mut tx, &new).await?;
    for (registration, cause) in new.iter().zip(&causes) {
        ask(app, &mut tx, &Mail { registration: registration.id, version: 1, expires_at, cause })?;
    }
    metrics::registered(&mut tx, new.len());
    let _committed = tx.commit().await?;
    for registration in &new {
        tracing::info!(registration.id = %registration.id, "a registration was taken");
    }
    Ok(new.into_iter().map(|registration| Ok(registration.id)).collect())
}
