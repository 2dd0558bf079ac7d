//! What the doctor knows before it judges: compact rows of the five databases (each read in one read-only transaction
//! that sees one moment), the provider's log, the broker's queues, and the files it was given.
//!
//! Only reading happens here. A row that cannot be read is noted as such and judged with the others.

mod accounts;
mod addresses;
mod broker;
pub(crate) mod client_log;
mod erased;
pub(crate) mod events;
mod hygiene;
mod mails;
mod moment;
pub(crate) mod notices;
pub(crate) mod older;
pub(crate) mod orders;
pub(crate) mod payments;
mod privacy;
pub(crate) mod products;
mod provider;
mod reading;
mod since;

pub(crate) use accounts::Account;
pub(crate) use addresses::FallenTogether;
pub(crate) use broker::Broker;
pub(crate) use client_log::{ClientKey, Outcome};
pub(crate) use erased::Erased;
#[cfg(test)]
pub(crate) use erased::{Left, OverdueGuest};
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
pub(crate) use since::Since;

use super::options::Options;
use crate::reach::Reach;
use contracts::ServiceName;
use futures_util::future::try_join5;
use reading::Reading;
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// What is older was left out.
    pub(crate) since: Since,
    /// What is older and still open.
    pub(crate) open_before: OpenBefore,
    /// Events that were read and left out, since they are about older orders.
    pub(crate) left_out: HashSet<Uuid>,
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
    pub(crate) erased: Erased,
    pub(crate) sessions: Vec<Session>,
    pub(crate) unreadable: Vec<Unreadable>,
    /// Parts that did not answer: what was to be read there is not judged.
    pub(crate) could_not_look: Vec<String>,
}

/// Older than what is compared, and waits for something: nothing is asked of it but that it goes on in time.
#[derive(Clone, Debug, Default)]
pub(crate) struct OpenBefore {
    pub(crate) orders: Vec<Order>,
    pub(crate) payments: Vec<Payment>,
    pub(crate) refunds: Vec<Refund>,
    pub(crate) reservations: Vec<Reservation>,
    pub(crate) deliveries: Vec<Delivery>,
    /// In the outbox of their announcer.
    pub(crate) events: Vec<(ServiceName, Logged)>,
}

/// Reads everything, what is too old as well. The databases are read at the same time, so that their moments lie close together; the provider
/// after them, so that it knows of every capture they know of.
async fn read(reach: &Reach, options: &Options) -> anyhow::Result<Facts> {
    let mut facts = Facts::default();
    match broker::read(reach).await {
        Ok(broker) => facts.broker = broker,
        Err(why) => facts.could_not_look.push(why),
    }
    facts.since = read_databases(reach, options, &mut facts).await?;
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
        facts.leaks.extend(privacy::read_mails(path, options)?);
    }
    Ok(facts)
}

/// What was pruned up to some time in one database is not looked for in the others either. Gives from when on all of them
/// were whole while they were read.
async fn read_databases(reach: &Reach, options: &Options, facts: &mut Facts) -> anyhow::Result<Since> {
    let mark = since::mark_of_all(reach).await?;
    let since = Since::of_mark(mark);
    let accounts_of = async |reading: &mut Reading| {
        let addresses = addresses::read(reading).await?;
        let (accounts, people) = (accounts::read(reading).await?, erased::people(reading).await?);
        anyhow::Ok((addresses, accounts, people, erased::overdue_guests(reading).await?))
    };
    let (user, product, order, payment, notify) = try_join5(
        visit(ServiceName::User, reach, options, since, accounts_of),
        visit(ServiceName::Product, reach, options, since, products::read),
        visit(ServiceName::Order, reach, options, since, orders::read),
        visit(ServiceName::Payment, reach, options, since, payments::read),
        visit(ServiceName::Notify, reach, options, since, notices::read),
    )
    .await?;
    (facts.addresses, facts.accounts, facts.erased.people, facts.erased.overdue_guests) = user.rows;
    (facts.products, facts.orders) = (product.rows, order.rows);
    (facts.payments, facts.notices) = (payment.rows, notify.rows);
    for in_each in [user.in_each, product.in_each, order.in_each, payment.in_each, notify.in_each] {
        facts.events.insert(in_each.service, in_each.events);
        facts.unreadable.extend(in_each.unreadable);
        facts.leaks.extend(in_each.leaks);
        facts.sessions.extend(in_each.sessions);
        facts.erased.noted.insert(in_each.service, in_each.erased.0.iter().copied().collect());
        facts.erased.ids.extend(in_each.erased.0);
        facts.erased.left.extend(in_each.erased.1);
    }
    // What went between the look at the marks and the moment of a database is missing in it.
    Ok(Since::of_mark(mark.max(since::mark_of_all(reach).await?)))
}

/// What was found in one database.
struct Visited<T> {
    /// What only its service has.
    rows: T,
    in_each: InEach,
}

/// What every database has, or is searched for.
struct InEach {
    service: ServiceName,
    events: ServiceEvents,
    unreadable: Vec<Unreadable>,
    leaks: Vec<Leak>,
    sessions: Vec<Session>,
    erased: (Vec<Uuid>, Vec<erased::Left>),
}

async fn visit<T>(
    service: ServiceName,
    reach: &Reach,
    options: &Options,
    since: Since,
    read: impl AsyncFnOnce(&mut Reading) -> anyhow::Result<T>,
) -> anyhow::Result<Visited<T>> {
    let mut reading = Reading::open(service, reach.database(service), since).await?;
    let sessions = hygiene::read(&mut reading).await?;
    let leaks = privacy::read(&mut reading, options).await?;
    let events = events::read(&mut reading).await?;
    let erased = erased::there(&mut reading).await?;
    let rows = read(&mut reading).await?;
    let unreadable = reading.close().await?;
    Ok(Visited { rows, in_each: InEach { service, events, unreadable, leaks, sessions, erased } })
}
