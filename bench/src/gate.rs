//! `ecom bench gate`: what 64 orders do, each begun when the last is settled, and whether that is what is committed. It
//! counts what a busy machine does not change: rows, messages, calls; and transactions and statements, which timing moves by
//! a little, since what is announced at the same moment may leave together or apart.
//!
//! Timed work goes on meanwhile. A transaction whose statements are those of one that was seen while nobody ordered does not
//! count: it found nothing to do, or comes by the clock.

mod figures;
mod statements;

use crate::{
    load::Desk,
    options::Setup,
    platform::Platform,
    readings::{broker, services},
    seed, settled,
};
use contracts::ServiceName;
use figures::{Figures, moved};
use operate::terminal::{complain, say};
use statements::{Log, Transactions};
use std::{collections::BTreeMap, path::Path, process::ExitCode, time::Duration};

const ORDERS: u32 = 64;
const WARM_UP: u32 = 16;
/// PostgreSQL's processes tell what they did after ten idle seconds at the latest; long enough for all timed work, too.
const TOLD: Duration = Duration::from_secs(12);

/// By table: rows in, changed, out.
type Rows = BTreeMap<String, [i64; 3]>;

/// # Errors
/// An order is not settled, or the figures cannot be read or written.
pub(crate) async fn run(setup: &Setup, file: &Path, write: bool) -> anyhow::Result<ExitCode> {
    let platform = Platform::start(setup).await?;
    let counted = count(&platform, setup).await;
    platform.end().await?;
    let (figures, transactions) = counted?;
    if write {
        figures.write(file)?;
        say(format!("wrote {}", file.display()));
        return Ok(ExitCode::SUCCESS);
    }
    let committed = Figures::read(file)?;
    let moved = moved(&committed, &figures);
    if moved.is_empty() {
        say(format!("{} figures of {ORDERS} orders are as committed", figures.figures.len()));
        return Ok(ExitCode::SUCCESS);
    }
    say(format!("{} of {} figures of {ORDERS} orders moved:", moved.len(), figures.figures.len()));
    moved.iter().for_each(|line| say(format!("  {line}")));
    say("what the transactions were, by how often:");
    transactions.lines().into_iter().for_each(|line| say(format!("  {line}")));
    complain(format!("if that is meant, write them down: ecom bench gate --write --figures {}", file.display()));
    Ok(ExitCode::FAILURE)
}

async fn count(platform: &Platform, setup: &Setup) -> anyhow::Result<(Figures, Transactions)> {
    let market = seed::market(platform).await?;
    let desk = Desk::new(platform.address(ServiceName::Order)?, market, setup.lines);
    orders(platform, &desk, WARM_UP).await?;
    let log = Log::begin(platform).await?;
    say("what happens when nobody orders …");
    tokio::time::sleep(TOLD).await;
    let rows_idle = rows(platform).await?;
    tokio::time::sleep(TOLD).await;
    let idle = log.read()?;
    let (rows_before, counted_before) = (rows(platform).await?, services::counted(platform).await?);
    let broker_before = broker::counted(platform).await?;
    let log = log.again()?;
    say(format!("{ORDERS} orders, one after the other …"));
    orders(platform, &desk, ORDERS).await?;
    let transactions = log.read()?.without(&idle);
    tokio::time::sleep(TOLD).await;
    let mut figures = Figures::new(ORDERS);
    figures.transactions(&transactions);
    // Tables that change by the clock.
    let timed = |table: &str| rows_idle.get(table) != rows_before.get(table);
    for (table, after) in rows(platform).await? {
        let before = rows_before.get(&table).copied().unwrap_or_default();
        if !timed(&table) {
            figures.rows(&table, [0, 1, 2].map(|kind| after[kind] - before[kind]));
        }
    }
    figures.counted(&counted_before, &services::counted(platform).await?);
    figures.counted(&broker_before, &broker::counted(platform).await?);
    Ok((figures, transactions))
}

async fn orders(platform: &Platform, desk: &Desk, orders: u32) -> anyhow::Result<()> {
    let mut connection = desk.connection();
    for _ in 0..orders {
        let mails = platform.sink.mails();
        desk.one(&mut connection).await?;
        settled::drained(platform, mails, 1).await?;
    }
    Ok(())
}

async fn rows(platform: &Platform) -> anyhow::Result<Rows> {
    let mut rows = Rows::new();
    for service in ServiceName::ALL {
        let query = "SELECT relname::text, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables";
        let tables: Vec<(String, i64, i64, i64)> = sqlx::query_as(query).fetch_all(platform.watch(service)).await?;
        let named =
            tables.into_iter().map(|(table, ins, upd, del)| (format!("{}.{table}", service.short()), [ins, upd, del]));
        rows.extend(named);
    }
    Ok(rows)
}
