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
mod reading;

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
pub(crate) use reading::Unreadable;

use super::options::Options;
use crate::reach::Reach;
use contracts::ServiceName;
use futures_util::future::try_join5;
use reading::Reading;
use std::collections::BTreeMap;

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

/// Reads everything. The databases are read at the same time, so that their moments lie close together; the provider
/// after them, so that it knows of every capture they know of.
pub(crate) async fn read(reach: &Reach, options: &Options) -> anyhow::Result<Facts> {
    let mut facts = Facts::default();
    match broker::read(reach).await {
        Ok(broker) => facts.broker = broker,
        Err(why) => facts.could_not_look.push(why),
    }
    let open = |service| Visit::begin(service, reach, options);
    let (user, product, order, payment, notify) = try_join5(
        async {
            let mut visit = open(ServiceName::User).await?;
            let reading = &mut visit.reading;
            let read = (events::read(reading).await?, addresses::read(reading).await?, accounts::read(reading).await?);
            anyhow::Ok((read, visit.end().await?))
        },
        async {
            let mut visit = open(ServiceName::Product).await?;
            let reading = &mut visit.reading;
            let read = (events::read(reading).await?, products::read(reading).await?);
            anyhow::Ok((read, visit.end().await?))
        },
        async {
            let mut visit = open(ServiceName::Order).await?;
            let reading = &mut visit.reading;
            let read = (events::read(reading).await?, orders::read(reading).await?);
            anyhow::Ok((read, visit.end().await?))
        },
        async {
            let mut visit = open(ServiceName::Payment).await?;
            let reading = &mut visit.reading;
            let read = (events::read(reading).await?, payments::read(reading).await?);
            anyhow::Ok((read, visit.end().await?))
        },
        async {
            let mut visit = open(ServiceName::Notify).await?;
            let reading = &mut visit.reading;
            let read = (events::read(reading).await?, notices::read(reading).await?);
            anyhow::Ok((read, visit.end().await?))
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
    let provider = provider::read(reach, options).await;
    facts.provider = provider.log;
    facts.leaks.extend(provider.leaks);
    facts.unreadable.extend(provider.unreadable);
    facts.could_not_look.extend(provider.could_not_look);
    facts.leaks.extend(privacy::read_files(&options.logs, options)?);
    if let Some(path) = &options.client_log {
        facts.client = Some(client_log::read(path, &mut facts.unreadable)?);
    }
    if let Some(path) = &options.mails {
        facts.mails = Some(mails::read(path)?);
    }
    Ok(facts)
}

/// One database, and what is looked for in every one besides its own rows.
struct Visit {
    reading: Reading,
    sessions: Vec<Session>,
    leaks: Vec<Leak>,
}

/// What was found in every database besides its own rows.
struct Noted {
    unreadable: Vec<Unreadable>,
    sessions: Vec<Session>,
    leaks: Vec<Leak>,
}

impl Visit {
    async fn begin(service: ServiceName, reach: &Reach, options: &Options) -> anyhow::Result<Self> {
        let mut reading = Reading::open(service, reach.database(service)).await?;
        let sessions = hygiene::read(&mut reading).await?;
        let leaks = privacy::read(&mut reading, options).await?;
        Ok(Self { reading, sessions, leaks })
    }

    async fn end(self) -> anyhow::Result<Noted> {
        let Self { reading, sessions, leaks } = self;
        Ok(Noted { unreadable: reading.close().await?, sessions, leaks })
    }
}
