//! The process that relays a service's events hangs: how long until another replica relays them.

use super::{process::Replica, stack::Stack};
use anyhow::{Context, bail};
use contracts::ServiceName;
use operate::reach::Reach;
use service_kit::outbox;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Whoever holds this lock in a service's database relays its events: the kit's number. Were it another, nobody would be
/// found, and the run would break off.
const ELECTION: i64 = 0x0065_636f_6d00_0001;
/// As long as an election may take after whatever came before.
const TO_BE_ELECTED: Duration = Duration::from_secs(60);
const TICK: Duration = Duration::from_millis(50);

/// Stops (SIGSTOP) whoever relays the events of `service`, for `time`. How long it took from there until another replica
/// had the broker's confirmation for an event; none when it took longer than that.
///
/// # Errors
/// Nobody relays, a replica does not answer, or the one that hung does not come back.
pub(super) async fn hang(
    stack: &Stack,
    reach: &Reach,
    service: ServiceName,
    time: Duration,
) -> anyhow::Result<Option<Duration>> {
    let (leader, published, begun) = stop_the_leader(stack, reach, service).await?;
    leave_something(reach, service).await?;
    let mut followed = None;
    while begun.elapsed() < time {
        // One that does not answer just now is asked again.
        if followed.is_none() && published_beside(stack, leader).await.is_ok_and(|now| now > published) {
            followed = Some(begun.elapsed());
        }
        tokio::time::sleep(TICK).await;
    }
    stack.services.go_on(leader);
    tracing::info!(%leader, ?followed, "what relays has hung");
    stack.wait_ready().await?;
    stack.wait_connected().await?;
    Ok(followed)
}

/// Who it was, how much the others had published, and when.
async fn stop_the_leader(
    stack: &Stack,
    reach: &Reach,
    service: ServiceName,
) -> anyhow::Result<(Replica, u64, Instant)> {
    let begun = Instant::now();
    while begun.elapsed() < TO_BE_ELECTED {
        if let Some(leader) = leader(stack, reach, service).await? {
            let (published, stopped) = (published_beside(stack, leader).await?, Instant::now());
            stack.services.halt(leader);
            // Between the two somebody else may have been elected.
            if self::leader(stack, reach, service).await? == Some(leader) {
                return Ok((leader, published, stopped));
            }
            stack.services.go_on(leader);
        }
        tokio::time::sleep(TICK).await;
    }
    bail!("nobody relays the events of {service} for {} s", TO_BE_ELECTED.as_secs())
}

/// By the name its sessions have.
async fn leader(stack: &Stack, reach: &Reach, service: ServiceName) -> anyhow::Result<Option<Replica>> {
    let query = "SELECT session.application_name FROM pg_locks held JOIN pg_stat_activity session USING (pid)
                 WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
                   AND session.datname = current_database()
                   AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                   AND (held.classid::bigint << 32) | held.objid::bigint = $1";
    let asked = sqlx::query_scalar(query).bind(ELECTION).fetch_optional(reach.database(service)).await;
    let name: Option<String> = asked.with_context(|| format!("asking who relays the events of {service}"))?;
    Ok(name.and_then(|name| stack.replicas(service).find(|replica| replica.to_string() == name)))
}

/// Puts the newest event back among those that wait to be published: there is something to relay, whoever orders just then.
async fn leave_something(reach: &Reach, service: ServiceName) -> anyhow::Result<()> {
    let database = reach.database(service);
    let newest = "SELECT event_id FROM event_log ORDER BY position DESC LIMIT 1";
    let newest: Option<Uuid> = sqlx::query_scalar(newest).fetch_optional(database).await?;
    if let Some(newest) = newest {
        let mut tx = database.begin().await?;
        outbox::send_again(&mut tx, newest.into()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// How many events the other replicas of a service have published in the lives they have now.
async fn published_beside(stack: &Stack, leader: Replica) -> anyhow::Result<u64> {
    let mut published = 0;
    for other in stack.replicas(leader.service).filter(|replica| *replica != leader) {
        published += stack.services.counted(other, "events_published_total").await?;
    }
    Ok(published)
}
