//! How many events a second one relay carries from a full outbox to RabbitMQ, with nothing else running: order-service
//! alone, with copies of an event of its own. Nobody consumes; what the other services were to get stays in their
//! queues.

use crate::{
    load::{Desk, Pace},
    machine,
    options::Options,
    platform::Platform,
    readings::{
        processes::{POSTGRES, RABBITMQ, Table},
        services,
    },
    result::{Outcome, Relay},
    run, seed, show, turn,
};
use anyhow::{Context, bail};
use chaos::process::Process;
use contracts::ServiceName;
use operate::terminal::say;
use sqlx::AssertSqlSafe;
use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

const WARM_UP: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(600);
/// The event that all others of an order follow from; three services get it.
const KIND: &str = "order.created";

/// # Errors
/// Something that it needs is missing, or the outbox is not emptied.
pub(crate) async fn limit(options: &Options, events: u32) -> anyhow::Result<ExitCode> {
    let platform = Platform::start(&options.setup).await?;
    let mut outcome =
        Outcome { about: machine::about(&platform, &options.setup, &options.note).await?, ..Outcome::default() };
    outcome.relay = Some(measure(&platform, options, events).await?);
    platform.end().await?;
    show::all(&outcome);
    run::write(&outcome, options)?;
    Ok(ExitCode::SUCCESS)
}

async fn measure(platform: &Platform, options: &Options, events: u32) -> anyhow::Result<Relay> {
    let market = seed::market(platform).await?;
    let desk = Arc::new(Desk::new(platform.address(ServiceName::Order)?, market, options.setup.lines));
    turn::take(platform, &desk, Pace::Closed { clients: 8 }, WARM_UP).await?;
    for process in ServiceName::ALL.map(Process::from).into_iter().chain([Process::Provider]) {
        platform.stack.services.kill(process);
    }
    say(format!("{events} events into an outbox …"));
    fill(platform, events).await?;
    platform.stack.services.restart(ServiceName::Order, None)?;
    let service = platform.stack.services.pid(ServiceName::Order).context("order-service is not running")?;
    let postgres = platform.stack.postgres_pid().context("PostgreSQL is not running")?;
    let rabbitmq = platform.stack.rabbitmq_group().context("RabbitMQ is not running")?;
    let used = || {
        let table = Table::read()?;
        let parts = [
            (ServiceName::Order.short(), table.usage(|one| one == service)),
            (POSTGRES, table.family(postgres)),
            (RABBITMQ, table.group(rabbitmq)),
        ];
        anyhow::Ok(parts.map(|(name, usage)| (name.to_owned(), usage.ms)))
    };
    // From when it has begun, so that its start is not measured.
    platform.stack.services.wait_ready(ServiceName::Order).await?;
    let (first, begun, before) = (carried(platform).await?, Instant::now(), used()?);
    let last = loop {
        tokio::time::sleep(LOOK).await;
        let carried = carried(platform).await?;
        if carried >= f64::from(events) {
            break carried;
        }
        if begun.elapsed() > PATIENCE {
            bail!("{carried} of {events} events were carried within {PATIENCE:?}");
        }
    };
    let (seconds, carried) = (begun.elapsed().as_secs_f64(), last - first);
    let ms = used()?.into_iter().zip(before).map(|((name, after), (_, before))| (name, (after - before) / carried));
    Ok(Relay { events: u64::from(events), per_second: carried / seconds, ms: ms.collect::<BTreeMap<_, _>>() })
}

/// Copies, each of an aggregate of its own.
async fn fill(platform: &Platform, events: u32) -> anyhow::Result<()> {
    let pool = platform.watch(ServiceName::Order);
    let fill = format!(
        "WITH template AS (SELECT * FROM event_log WHERE type = '{KIND}' ORDER BY position DESC LIMIT 1),
              copy AS (SELECT gen_random_uuid() AS event_id, gen_random_uuid() AS subject
                       FROM generate_series(1, $1)),
              logged AS (
                  INSERT INTO event_log (event_id, type, subject, sequence, correlation_id, announced_at, envelope)
                  SELECT copy.event_id, type, copy.subject, 1, copy.subject, now(),
                         replace(replace(envelope::text, template.event_id::text, copy.event_id::text),
                                 template.subject::text, copy.subject::text)::jsonb
                  FROM template, copy RETURNING position)
         INSERT INTO outbox (position, next_at) SELECT position, 'epoch' FROM logged"
    );
    sqlx::query(AssertSqlSafe(fill)).bind(i32::try_from(events)?).execute(pool).await.context("filling an outbox")?;
    for statement in ["ANALYZE event_log, outbox", "CHECKPOINT"] {
        sqlx::raw_sql(statement).execute(pool).await?;
    }
    Ok(())
}

/// By the relay's own count: counting what is left would be work for PostgreSQL.
async fn carried(platform: &Platform) -> anyhow::Result<f64> {
    let page = platform.stack.services.metrics(ServiceName::Order).await?;
    Ok(services::sum(&page, "events_published_total"))
}
