//! `ecom bench gate`: what 64 orders do, and whether that is what is committed: each begun when the last is settled,
//! then 32 at a time in one batch of the door's; and what their parts take a processor without any input and output. It
//! counts what a busy machine does not change: transactions, statements, rows, messages, calls; bytes of log and
//! instructions, which move by a little; and how many batches 32 become behind the door, which is timing.
//!
//! Timed work goes on meanwhile. A transaction whose statements are those of one that was seen while nobody ordered
//! does not count: it found nothing to do, or comes by the clock. Nor does one of which there are fewer than orders, or
//! than batches of 32: what looks once a minute may not have looked while nobody ordered, and looks once in a part.

mod figures;
mod instructions;
mod mail_first;
mod statements;
mod together;
mod wal;

use crate::{
    load::Desk,
    options::Setup,
    platform::Platform,
    readings::{broker, services},
    seed, settled,
};
use anyhow::bail;
use contracts::ServiceName;
use figures::{ALONE, BY_32, Counts, Figures, INSTRUCTIONS, moved};
use mail_first::Unpaid;
use operate::terminal::{complain, say};
use statements::{Log, Transactions};
use std::{collections::BTreeMap, path::Path, process::ExitCode, sync::Arc, time::Duration};
use wal::Wal;

const ORDERS: u32 = 64;
const TOGETHER: u32 = 32;
const WARM_UP: u32 = 16;
/// PostgreSQL's processes tell what they did after ten idle seconds at the latest; long enough for all timed work, too.
const TOLD: Duration = Duration::from_secs(12);
/// Of 64 orders at 32, until the door took them so.
const TRIES: u32 = 4;
const WHAT_TO_DO: &str = "if that is not meant, mend it; if it is, also where it is for the better, write it down by \
    the release build (cargo build --release --workspace --bins), commit it with its cause and say why there:";

/// By table: rows in, changed, out.
type Rows = BTreeMap<String, [i64; 3]>;

/// # Errors
/// An order is not settled, or the figures cannot be read or written.
pub(crate) async fn run(setup: &Setup, file: &Path, write: bool) -> anyhow::Result<ExitCode> {
    let (first, _) = counted(setup).await?;
    if write {
        first.write(file)?;
        say(format!("wrote {}", file.display()));
        return Ok(ExitCode::SUCCESS);
    }
    let committed = Figures::read(file)?;
    let all = first.parts.values().map(Counts::len).sum::<usize>();
    let by_chance = moved(&committed, &first);
    if by_chance.is_empty() {
        say(format!("{all} figures of {ORDERS} orders are as committed"));
        return Ok(ExitCode::SUCCESS);
    }
    say(format!("{} of {all} figures of {ORDERS} orders moved:", by_chance.len()));
    by_chance.iter().for_each(|(figure, change)| say(format!("  {figure}: {change}")));
    say("once more: a change of the program moves them again, and chance moves others …");
    let (again, lines) = counted(setup).await?;
    let mut moved = moved(&committed, &again);
    moved.retain(|figure, _| by_chance.contains_key(figure));
    if moved.is_empty() {
        say(format!("none of them moved again: {all} figures of {ORDERS} orders are as committed"));
        return Ok(ExitCode::SUCCESS);
    }
    say(format!("{} of {all} figures of {ORDERS} orders moved twice:", moved.len()));
    moved.iter().for_each(|(figure, change)| say(format!("  {figure}: {change}")));
    if committed.machine != again.machine {
        say(format!("instructions were written down by {}, and are counted by {}", committed.machine, again.machine));
    }
    say("what the transactions were, by how often, and what wrote the log:");
    lines.into_iter().for_each(|line| say(format!("  {line}")));
    complain(format!("{WHAT_TO_DO} ecom bench gate --write --figures {}", file.display()));
    Ok(ExitCode::FAILURE)
}

/// On a platform of its own; and, for people, what the transactions were.
async fn counted(setup: &Setup) -> anyhow::Result<(Figures, Vec<String>)> {
    let (instructions, machine) = tokio::task::spawn_blocking(instructions::counted).await??;
    let platform = Platform::start(setup).await?;
    let counted = count(&platform, setup).await;
    platform.end().await?;
    let mut parts = BTreeMap::from([(INSTRUCTIONS.to_owned(), instructions)]);
    let mut lines = Vec::new();
    for (part, Seen { counts, transactions, wal }) in counted? {
        parts.insert(part.to_owned(), counts);
        lines.extend(transactions.lines().into_iter().chain(wal.lines()).map(|line| format!("{part}: {line}")));
    }
    Ok((Figures { orders: ORDERS, machine, parts }, lines))
}

async fn count(platform: &Platform, setup: &Setup) -> anyhow::Result<[(&'static str, Seen); 2]> {
    let market = seed::market(platform).await?;
    let desk = Arc::new(Desk::new(platform.address(ServiceName::Order)?, market, setup.lines));
    orders(platform, &desk, WARM_UP).await?;
    together::orders(platform, &desk, TOGETHER).await?;
    let log = Log::begin(platform).await?;
    say("what happens when nobody orders …");
    tokio::time::sleep(TOLD).await;
    let rows_idle = rows(platform).await?;
    tokio::time::sleep(TOLD).await;
    let idle = log.read()?;
    // Tables that change by the clock.
    let rows_then = rows(platform).await?;
    let timed: Vec<&String> = rows_then.keys().filter(|table| rows_idle.get(*table) != rows_then.get(*table)).collect();
    let log = log.again()?;
    let repeats = ORDERS / TOGETHER * together::PLACES;
    for number in 0..repeats {
        desk.repeat(&mut desk.connection(), number.into()).await?;
    }
    let repeated = log.read()?.without(&idle);
    say(format!("{ORDERS} orders, one after the other …"));
    let look = Look { platform, idle: &idle, timed: &timed };
    let (mut alone, ()) = look.at(orders(platform, &desk, ORDERS)).await?;
    let rare = alone.transactions.rarer_than(ORDERS);
    alone.transactions = alone.transactions.without(&rare);
    alone.counts.transactions(&alone.transactions);
    say(format!("{ORDERS} orders, {TOGETHER} at a time …"));
    for _ in 0..TRIES {
        let (mut by_32, exactly) = look.at(rounds(platform, &desk)).await?;
        if exactly {
            let rarer = by_32.transactions.rarer_than(ORDERS / TOGETHER);
            by_32.transactions = by_32.transactions.without(&rare).without(&rarer).less(&repeated);
            by_32.counts.batches(TOGETHER, &by_32.transactions, &alone.transactions);
            return Ok([(ALONE, alone), (BY_32, by_32)]);
        }
        say("the door took them otherwise: once more …");
    }
    bail!("the door took {TOGETHER} orders otherwise than as one batch {TRIES} times")
}

/// Whether the door took all of them by batches of 32.
async fn rounds(platform: &Platform, desk: &Arc<Desk>) -> anyhow::Result<bool> {
    let mut exactly = true;
    for _ in 0..ORDERS / TOGETHER {
        exactly &= together::orders(platform, desk, TOGETHER).await?;
    }
    Ok(exactly)
}

struct Seen {
    counts: Counts,
    transactions: Transactions,
    wal: Wal,
}

struct Look<'l> {
    platform: &'l Platform,
    idle: &'l Transactions,
    timed: &'l [&'l String],
}

impl Look<'_> {
    /// What is counted while `ordering` goes on.
    async fn at<T>(&self, ordering: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<(Seen, T)> {
        let platform = self.platform;
        let (rows_before, counted_before) = (rows(platform).await?, services::counted(platform).await?);
        let broker_before = broker::counted(platform).await?;
        wal::clear(platform).await?;
        let wal_before = Wal::read(platform).await?;
        let log = Log::end(platform)?;
        let outcome = ordering.await?;
        let transactions = log.read()?.without(self.idle);
        tokio::time::sleep(TOLD).await;
        let mut counts = Counts::default();
        for (table, after) in rows(platform).await?.into_iter().filter(|(table, _)| !self.timed.contains(&table)) {
            let before = rows_before.get(&table).copied().unwrap_or_default();
            counts.rows(&table, [0, 1, 2].map(|kind| after[kind] - before[kind]));
        }
        let wal = Wal::read(platform).await?.since(&wal_before);
        counts.wal(&wal);
        counts.counted(&counted_before, &services::counted(platform).await?);
        counts.counted(&broker_before, &broker::counted(platform).await?);
        Ok((Seen { counts, transactions, wal }, outcome))
    }
}

async fn orders(platform: &Platform, desk: &Desk, orders: u32) -> anyhow::Result<()> {
    let mut connection = desk.connection();
    for _ in 0..orders {
        let (mails, unpaid) = (platform.sink.mails(), Unpaid::hold(platform).await?);
        desk.one(&mut connection).await?;
        unpaid.until_told(platform, 1).await?;
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
