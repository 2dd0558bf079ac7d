//! An entry of the log.

use crate::{AtCommit, Cause, ClientAddress, Kit, Tx, auth::Actor};
use serde_json::Value;
use sqlx::PgConnection;
use std::net::IpAddr;
use time::OffsetDateTime;
use uuid::Uuid;

/// What somebody did, or was not let.
#[derive(Clone, Debug)]
pub struct Entry {
    actor: Option<Actor>,
    action: &'static str,
    subject: Option<Uuid>,
    allowed: bool,
    before: Option<Value>,
    after: Option<Value>,
    network: Option<String>,
}

impl Entry {
    /// `action` is a thing, a dot and a verb in the past tense: `account.suspended`.
    #[must_use]
    pub fn new(actor: Actor, action: &'static str) -> Self {
        Self { actor: Some(actor), action, subject: None, allowed: true, before: None, after: None, network: None }
    }

    /// What the service did by itself.
    #[must_use]
    pub fn of_service(action: &'static str) -> Self {
        Self { actor: None, action, subject: None, allowed: true, before: None, after: None, network: None }
    }

    /// What it was done to.
    #[must_use]
    pub fn on(mut self, subject: impl Into<Uuid>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// What changed: without secrets, and without what says who a person is.
    #[must_use]
    pub fn changed(mut self, before: Value, after: Value) -> Self {
        let given = |value: Value| Some(value).filter(|value| !value.is_null());
        (self.before, self.after) = (given(before), given(after));
        self
    }

    /// Where it came from; the network alone is kept.
    #[must_use]
    pub fn from(mut self, client: ClientAddress) -> Self {
        self.network = Some(network(client.ip()));
        self
    }

    /// It was not let.
    #[must_use]
    pub fn denied(mut self) -> Self {
        self.allowed = false;
        self
    }
}

/// An entry with its time and its id.
pub(super) struct Written {
    id: Uuid,
    at: OffsetDateTime,
    entry: Entry,
}

impl Kit {
    /// Writes it down in the transaction of what it tells.
    pub fn audit(&self, tx: &mut Tx, entry: Entry) {
        tx.at_commit(Written { id: self.clock.new_id(), at: self.clock.now(), entry });
        tx.wake_after_commit(&self.audit_wake);
    }

    /// The same for what staff caused; what nobody of the staff did is no matter of the log's.
    pub fn audit_by(
        &self,
        tx: &mut Tx,
        cause: &Cause,
        action: &'static str,
        subject: impl Into<Uuid>,
        (before, after): (Value, Value),
    ) {
        if let Some(by) = cause.by {
            let entry = Entry::new(by.actor, action).on(subject).from(by.client).changed(before, after);
            self.audit(tx, entry);
        }
    }
}

impl AtCommit for Written {
    async fn write(entries: Vec<Self>, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let ids: Vec<_> = entries.iter().map(|one| one.id).collect();
        let at: Vec<_> = entries.iter().map(|one| one.at).collect();
        let kinds: Vec<_> = entries.iter().map(|one| kind(one.entry.actor)).collect();
        let actors: Vec<_> = entries.iter().map(|one| one.entry.actor.map(Actor::uuid)).collect();
        let actions: Vec<_> = entries.iter().map(|one| one.entry.action).collect();
        let subjects: Vec<_> = entries.iter().map(|one| one.entry.subject).collect();
        let allowed: Vec<_> = entries.iter().map(|one| one.entry.allowed).collect();
        let before: Vec<_> = entries.iter().map(|one| one.entry.before.clone()).collect();
        let after: Vec<_> = entries.iter().map(|one| one.entry.after.clone()).collect();
        let networks: Vec<_> = entries.iter().map(|one| one.entry.network.as_deref()).collect();
        sqlx::query!(
            "WITH new AS (
                 INSERT INTO audit_entries (id, at, actor_kind, actor, action, subject, allowed, before, after, network)
                 SELECT id, at, actor_kind, actor, action, subject, allowed, before, after, network
                 FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::uuid[], $5::text[], $6::uuid[], $7::boolean[],
                     $8::jsonb[], $9::jsonb[], $10::text[])
                     AS entry (id, at, actor_kind, actor, action, subject, allowed, before, after, network)
                 RETURNING id
             )
             INSERT INTO audit_waiting (entry) SELECT id FROM new",
            &ids,
            &at,
            &kinds as &[&str],
            &actors as &[Option<Uuid>],
            &actions as &[&str],
            &subjects as &[Option<Uuid>],
            &allowed,
            &before as &[Option<Value>],
            &after as &[Option<Value>],
            &networks as &[Option<&str>]
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}

const fn kind(actor: Option<Actor>) -> &'static str {
    match actor {
        Some(Actor::Person(_) | Actor::Guest(_)) => "person",
        Some(Actor::Machine(_)) => "machine",
        None => "service",
    }
}

/// As much of an address as names a network and nobody in it.
fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [first, second, third, _] = address.octets();
            format!("{first}.{second}.{third}.0/24")
        }
        IpAddr::V6(address) => format!("{}/48", std::net::Ipv6Addr::from_bits(address.to_bits() >> 80 << 80)),
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn of_an_address_its_network_is_kept() {
        assert_eq!(network("203.0.113.77".parse().unwrap()), "203.0.113.0/24");
        assert_eq!(network("2001:db8:1:2:3:4:5:6".parse().unwrap()), "2001:db8:1::/48");
    }
}
