//! What the doctor knows before it judges: compact rows of the five databases (each read in one read-only transaction
//! that sees one moment), the provider's log, the broker's queues, and the files it was given.
//!
//! Only reading happens here. A row that cannot be read is noted as such and judged with the others.

mod accounts;
mod addresses;
mod broker;
pub(crate) mod client_log;
pub(crate) mod events;
mod hygiene;
mod mails;
mod moment;
pub(crate) mod notices;
pub(crate) mod orders;
pub(crate) mod payments;
mod privacy;
pub(crate) mod products;
mod provider;

pub(crate) use accounts::Account;
pub(crate) use addresses::FallenTogether;
pub(crate) use broker::Broker;
pub(crate) use client_log::{ClientKey, Outcome};
pub(crate) use events::{InboxRow, Logged, ServiceEvents};
pub(crate) use hygiene::Session;
pub(crate) use mails::Mails;
pub(crate) use moment::Moment;
pub(crate) use notices::{Delivery, Message, Notices};
pub(crate) use orders::{Answer, Order, Orders};
pub(crate) use payments::{LedgerEntry, LedgerTransaction, Payment, Payments, Refund};
pub(crate) use privacy::Leak;
pub(crate) use products::{Products, Reservation};
pub(crate) use provider::ProviderLog;

use super::{Invariant, Options};
use crate::reach::Reach;
use anyhow::Context;
use contracts::ServiceName;
use futures_util::{TryStreamExt, future::try_join5};
use sqlx::{FromRow, PgPool, Postgres, Transaction, postgres::PgRow};
use std::{collections::BTreeMap, mem};

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) events: BTreeMap<ServiceName, ServiceEvents>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) orders: Orders,
    pub(crate) products: Products,
    pub(crate) payments: Payments,
    pub(crate) notices: Notices,
    pub(crate) provider: ProviderLog,
    pub(crate) broker: Broker,
    /// What the load client saw, when its log was given.
    pub(crate) client: Option<Vec<ClientKey>>,
    /// The folder of mails, when it was given.
    pub(crate) mails: Option<Mails>,
    /// Accounts with one address.
    pub(crate) addresses: Vec<FallenTogether>,
    pub(crate) leaks: Vec<Leak>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) unreadable: Vec<Unreadable>,
    /// Parts that did not answer: what was to be read there is not judged.
    pub(crate) could_not_look: Vec<String>,
}

/// A row or line that is not what its place promises.
#[derive(Clone, Debug)]
pub(crate) struct Unreadable {
    pub(crate) invariant: Invariant,
    pub(crate) sentence: String,
}

/// Reads everything. The databases are read at the same time, so that their moments lie close together; the provider
/// after them, so that it knows of every capture they know of.
pub(crate) async fn read(reach: &Reach, options: &Options) -> anyhow::Result<Facts> {
    let mut facts = Facts::default();
    broker::read(reach, &mut facts).await;
    let open = |service| Reading::open(service, reach.database(service), options);
    let (user, product, order, payment, notify) = try_join5(
        async {
            let mut reading = open(ServiceName::User).await?;
            let read = (
                events::read(&mut reading).await?,
                addresses::read(&mut reading).await?,
                accounts::read(&mut reading).await?,
            );
            anyhow::Ok((read, reading.close().await?))
        },
        async {
            let mut reading = open(ServiceName::Product).await?;
            let read = (events::read(&mut reading).await?, products::read(&mut reading).await?);
            anyhow::Ok((read, reading.close().await?))
        },
        async {
            let mut reading = open(ServiceName::Order).await?;
            let read = (events::read(&mut reading).await?, orders::read(&mut reading).await?);
            anyhow::Ok((read, reading.close().await?))
        },
        async {
            let mut reading = open(ServiceName::Payment).await?;
            let read = (events::read(&mut reading).await?, payments::read(&mut reading).await?);
            anyhow::Ok((read, reading.close().await?))
        },
        async {
            let mut reading = open(ServiceName::Notify).await?;
            let read = (events::read(&mut reading).await?, notices::read(&mut reading).await?);
            anyhow::Ok((read, reading.close().await?))
        },
    )
    .await?;
    (facts.products, facts.orders) = (product.0.1, order.0.1);
    (facts.payments, facts.notices) = (payment.0.1, notify.0.1);
    (facts.addresses, facts.accounts) = (user.0.1, user.0.2);
    let events = [user.0.0, product.0.0, order.0.0, payment.0.0, notify.0.0];
    facts.events = ServiceName::ALL.into_iter().zip(events).collect();
    for noted in [user.1, product.1, order.1, payment.1, notify.1] {
        facts.unreadable.extend(noted.unreadable);
        facts.leaks.extend(noted.leaks);
        facts.sessions.extend(noted.sessions);
    }
    provider::read(reach, options, &mut facts).await;
    privacy::read_files(&options.logs, options, &mut facts)?;
    if let Some(path) = &options.client_log {
        facts.client = Some(client_log::read(path, &mut facts.unreadable)?);
    }
    if let Some(path) = &options.mails {
        facts.mails = Some(mails::read(path)?);
    }
    Ok(facts)
}

/// What is found in every database besides its own rows.
#[derive(Default)]
struct Noted {
    unreadable: Vec<Unreadable>,
    leaks: Vec<Leak>,
    sessions: Vec<Session>,
}

/// One database at one moment.
struct Reading {
    service: ServiceName,
    tx: Transaction<'static, Postgres>,
    noted: Noted,
}

impl Reading {
    async fn open(service: ServiceName, pool: &PgPool, options: &Options) -> anyhow::Result<Self> {
        let begun = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await;
        let tx = begun.with_context(|| format!("the database of {service} cannot be read"))?;
        let mut reading = Self { service, tx, noted: Noted::default() };
        reading.noted.sessions = hygiene::read(&mut reading).await?;
        reading.noted.leaks = privacy::read(&mut reading, options).await?;
        Ok(reading)
    }

    async fn close(mut self) -> anyhow::Result<Noted> {
        let noted = mem::take(&mut self.noted);
        self.tx.rollback().await.with_context(|| format!("the database of {} went away", self.service))?;
        Ok(noted)
    }

    /// The rows of one query. One that does not decode breaks `invariant` and is left out.
    async fn rows<T>(&mut self, invariant: Invariant, what: &str, query: &'static str) -> anyhow::Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let mut rows = Vec::new();
        let mut stream = sqlx::query(query).fetch(&mut *self.tx);
        let context = || format!("reading {what} of {}", self.service);
        while let Some(row) = stream.try_next().await.with_context(context)? {
            match T::from_row(&row) {
                Ok(row) => rows.push(row),
                Err(cause) => {
                    let sentence = format!("A row of {what} in {} cannot be read: {cause}.", self.service.database());
                    self.noted.unreadable.push(Unreadable { invariant, sentence });
                }
            }
        }
        Ok(rows)
    }
}
