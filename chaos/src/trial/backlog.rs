//! A long queue, and an outbox beside a transaction that stays open.

use crate::stack::Stack;
use anyhow::{Context, ensure};
use contracts::{
    Currency, Event, Money, ServiceName,
    events::{
        EventData,
        order::{CancelReason, Cancelled},
    },
};
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};
use operate::terminal::say;
use service_kit::Clock;
use sqlx::PgPool;
use std::{
    fs,
    time::{Duration, Instant},
};

/// Confirms are waited for after so many.
const BATCH: u64 = 1000;
/// Rows the relay works off while its claim is measured.
const CHURN: i64 = 20_000;
const PATIENCE: Duration = Duration::from_secs(1800);
/// Memory may grow by half while a queue drains: caches fill, a backlog does not.
const GROWTH: f64 = 1.5;

pub(super) async fn run(stack: &Stack, messages: u64) -> anyhow::Result<Vec<String>> {
    let reach = stack.reach().await?;
    let mut wrong = drain(stack, reach.database(ServiceName::Product), messages).await?;
    wrong.extend(claim(reach.database(ServiceName::Product)).await?);
    Ok(wrong)
}

/// product-service is away, its queue grows, it comes back. Each message has an effect of its own: a cancellation that
/// arrives before its reservation leaves a row.
async fn drain(stack: &Stack, database: &PgPool, messages: u64) -> anyhow::Result<Vec<String>> {
    let service = ServiceName::Product;
    stack.services.kill(service);
    stack.services.wait_dead(service, Duration::from_secs(10)).await?;
    say(format!("product-service is away. Putting {messages} messages into its queue …"));
    fill(stack, messages).await?;
    stack.services.restart(service, None)?;
    stack.services.wait_ready(service).await?;
    let (begun, mut samples, mut next) = (Instant::now(), Vec::new(), Duration::ZERO);
    loop {
        let done: i64 = sqlx::query_scalar("SELECT count(*) FROM inbox").fetch_one(database).await?;
        let done = u64::try_from(done)?;
        // From the first message on: before it, there is not yet what it works with.
        if done > 0 && begun.elapsed() >= next {
            let memory = resident(stack.services.pid(service).context("product-service is not there")?)?;
            say(format!("  {:>4} s  {done:>7} consumed  {memory:>6.1} MiB", begun.elapsed().as_secs()));
            samples.push(memory);
            next += Duration::from_secs(5);
        }
        if done >= messages {
            break;
        }
        ensure!(begun.elapsed() < PATIENCE, "{done} of {messages} messages are consumed after {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let took = begun.elapsed().as_secs_f64();
    let query = "SELECT (SELECT count(*) FROM inbox WHERE status = 'done'), (SELECT count(*) FROM reservations)";
    let (acted, effects): (i64, i64) = sqlx::query_as(query).fetch_one(database).await?;
    let first = samples.first().copied().unwrap_or_default();
    let most = samples.iter().copied().fold(0.0, f64::max);
    say(format!(
        "trial backlog: {messages} messages in {took:.0} s, {acted} acted on, {effects} effects; memory at the most {most:.1} \
         MiB, in the end {:.1} MiB",
        samples.last().copied().unwrap_or_default()
    ));
    let expected = i64::try_from(messages)?;
    let wrong = [
        (
            (acted, effects) != (expected, expected),
            format!("{acted} messages were acted on with {effects} effects; expected {messages}"),
        ),
        (
            most > first * GROWTH,
            format!("memory grew from {first:.1} to {most:.1} MiB while the queue drained: more than by half"),
        ),
    ];
    Ok(wrong.into_iter().filter_map(|(there, text)| there.then_some(text)).collect())
}

async fn fill(stack: &Stack, messages: u64) -> anyhow::Result<()> {
    let connection = Connection::connect(&stack.amqp_url(), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let clock = Clock::system();
    let mut sent = 0;
    while sent < messages {
        let batch = BATCH.min(messages - sent);
        put(&channel, &clock, batch).await?;
        sent += batch;
    }
    connection.close(200, "".into()).await?;
    Ok(())
}

/// Straight into the one queue: nobody else is to be busy with them.
async fn put(channel: &Channel, clock: &Clock, messages: u64) -> anyhow::Result<()> {
    let mut confirms = Vec::new();
    for _ in 0..messages {
        let body = cancellation(clock)?.to_string();
        let persistent = BasicProperties::default().with_delivery_mode(2);
        let options = BasicPublishOptions::default();
        let queue = "product-service.events".into();
        confirms.push(channel.basic_publish("".into(), queue, options, body.as_bytes(), persistent).await?);
    }
    for confirm in confirms {
        ensure!(confirm.await?.is_ack(), "the broker refused a message");
    }
    Ok(())
}

fn cancellation(clock: &Clock) -> anyhow::Result<serde_json::Value> {
    let data = Cancelled {
        order_id: clock.new_id(),
        customer_id: clock.new_id(),
        number: 1,
        checkout_id: clock.new_id(),
        total: Money::new(1999, Currency::EUR),
        reason: CancelReason::Requested,
        was_paid: false,
    };
    let event = Event {
        id: clock.new_id(),
        source: ServiceName::Order,
        kind: Cancelled::TYPE.to_owned(),
        subject: data.subject(),
        sequence: 2,
        time: clock.now(),
        correlation_id: data.subject(),
        causation_id: None,
        traceparent: None,
        data,
    };
    Ok(event.into_raw()?.to_json())
}

/// What the process has in memory, in MiB.
fn resident(pid: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("memory is read from /proc, on Linux")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    let kibibytes: u32 = line.split_whitespace().next().context("VmRSS")?.parse()?;
    Ok(f64::from(kibibytes) / 1024.0)
}

/// The relay's claim before and after it has worked off many rows, and after as many more beside a transaction that
/// stays open, so that nothing of them can be cleared away.
async fn claim(database: &PgPool) -> anyhow::Result<Vec<String>> {
    churn(database).await?;
    let without = claim_time(database).await?;
    let mut open = database.begin().await?;
    sqlx::query("SELECT txid_current()").execute(&mut *open).await?;
    let begun = Instant::now();
    churn(database).await?;
    let took = begun.elapsed().as_secs_f64();
    let with = claim_time(database).await?;
    open.rollback().await?;
    say(format!(
        "trial backlog: after {CHURN} events the relay's claim takes {:.2} ms, its look at the whole pending set, once a \
         second, {:.2} ms; after as many more beside an open transaction {:.2} ms and {:.2} ms; these went out in {took:.1} s",
        without.claim, without.whole, with.claim, with.whole
    ));
    Ok(Vec::new())
}

/// Rows of the log and of the outbox, written as an announcement writes them, until the relay has published them all.
async fn churn(database: &PgPool) -> anyhow::Result<()> {
    // Nobody subscribes to it: only the relay is busy.
    let query = "WITH logged AS (
            INSERT INTO event_log (event_id, type, subject, sequence, correlation_id, announced_at, envelope)
            SELECT id, 'stock.changed', id, 1, id, now(), jsonb_build_object(
                'specversion', '1.0', 'id', id, 'source', '/product-service', 'type', 'stock.changed', 'subject', id,
                'time', to_char(now() AT TIME ZONE 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), 'datacontenttype', 'application/json',
                'dataschema', 'urn:ecom-micro:event:stock.changed.v1', 'sequence', '0000000001',
                'correlationid', id, 'data', '{}'::jsonb)
            FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, $1)) AS ids
            RETURNING position
        )
        INSERT INTO outbox (position, next_at) SELECT position, 'epoch' FROM logged";
    let begun = Instant::now();
    for _ in 0..CHURN / 1000 {
        sqlx::query(query).bind(1000_i32).execute(database).await?;
    }
    loop {
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox").fetch_one(database).await?;
        if left == 0 {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "{left} events are still in the outbox");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Medians, in milliseconds.
struct ClaimTime {
    claim: f64,
    whole: f64,
}

/// A copy of the relay's statement (service-kit's `outbox::pending`), by the database's time and without what it says of
/// a clock that was put back: near the newest, as most of its claims are, and over the whole pending set.
async fn claim_time(database: &PgPool) -> anyhow::Result<ClaimTime> {
    let newest: i64 = sqlx::query_scalar("SELECT max(position) FROM event_log").fetch_one(database).await?;
    Ok(ClaimTime { claim: median(database, newest - 1000).await?, whole: median(database, 0).await? })
}

async fn median(database: &PgPool, from: i64) -> anyhow::Result<f64> {
    let query = "SELECT position, envelope FROM outbox JOIN event_log USING (position)
         WHERE position >= $1 AND next_at <= now() ORDER BY position LIMIT 256";
    let mut times = Vec::new();
    for _ in 0..21 {
        let begun = Instant::now();
        sqlx::query(query).bind(from).fetch_all(database).await?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}
