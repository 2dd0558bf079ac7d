//! A database that takes no connections while its service's connections to the broker break again and again: each time
//! the broker counts one more delivery for every event that the service held, though no attempt reached the database.

use super::{stack::Stack, wiring::Link};
use anyhow::Context;
use contracts::ServiceName;
use lapin::{Connection, ConnectionProperties, options::QueueDeclareOptions, types::FieldTable};
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, postgres::PgConnectOptions};
use std::time::{Duration, Instant};

/// More than the kit's queues deliver anything (their `x-delivery-limit` is 20).
const CUTS: u64 = 25;
/// A service that does not consume is not waited for any longer.
const TO_CONSUME: Duration = Duration::from_secs(3);
/// From when it consumes: what is there is delivered by then.
const TO_BE_DELIVERED: Duration = Duration::from_millis(150);
/// So much longer than planned, when connections are slow to come back.
const TO_GO_ON: Duration = Duration::from_secs(60);

/// What was done, and how long the service took to come back.
pub(super) struct Refusal {
    /// How often connections broke that were there.
    pub(super) cuts: u64,
    /// From when connections are taken again until every process is ready.
    pub(super) back: Duration,
}

/// Lets the database of `service` refuse for `time`, and for as long as [`CUTS`] take.
///
/// # Errors
/// PostgreSQL does not do as told, or the service does not come back.
pub(super) async fn refuse(stack: &Stack, service: ServiceName, time: Duration) -> anyhow::Result<Refusal> {
    let options: PgConnectOptions = stack.database_url("postgres").parse()?;
    let mut server = options.connect().await.context("connecting to PostgreSQL")?;
    let begun = Instant::now();
    take_connections(&mut server, service, false).await?;
    let ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1";
    sqlx::query(ended).bind(service.database()).execute(&mut server).await?;
    let mut cuts = 0;
    while (cuts < CUTS || begun.elapsed() < time) && begun.elapsed() < time + TO_GO_ON {
        wait_consuming(stack, service).await;
        let broken: usize = stack.replicas(service).map(|replica| stack.cut(Link::Broker(replica))).sum();
        cuts += u64::from(broken > 0);
    }
    take_connections(&mut server, service, true).await?;
    let open = Instant::now();
    stack.wait_ready().await?;
    let back = open.elapsed();
    stack.wait_connected().await?;
    tracing::info!(%service, cuts, ?back, "a database has refused");
    Ok(Refusal { cuts, back })
}

async fn take_connections(server: &mut PgConnection, service: ServiceName, taken: bool) -> anyhow::Result<()> {
    // A name of ours, nobody's input.
    let statement = format!("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {taken}", service.database());
    let done = sqlx::query(AssertSqlSafe(statement.clone())).execute(server).await;
    done.map(drop).context(statement)
}

/// Until each of its replicas consumes and has been handed what is there, as long as that comes soon.
async fn wait_consuming(stack: &Stack, service: ServiceName) {
    let consuming = async {
        while !consumes(stack, service).await.unwrap_or_default() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    // A service may as well not consume while its database is away: then there is less to break.
    let _ = tokio::time::timeout(TO_CONSUME, consuming).await;
    tokio::time::sleep(TO_BE_DELIVERED).await;
}

async fn consumes(stack: &Stack, service: ServiceName) -> anyhow::Result<bool> {
    let connection = Connection::connect(&stack.amqp_url(), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let look = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let queue = channel.queue_declare(format!("{service}.events").into(), look, FieldTable::default()).await?;
    connection.close(200, "".into()).await?;
    Ok(queue.consumer_count() as usize >= stack.replicas(service).count())
}
