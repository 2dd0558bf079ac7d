//! Who relays: whoever holds the database's session advisory lock. The lock lives and dies with its session, and so would
//! a relay that hangs keep it for ever (a stopped process, a frozen machine). Hence the heartbeat: the elected one asks
//! something at least every few seconds, the server keeps when it last did, and whoever stands by and sees that it is
//! longer ago than 10 s ends that session and is elected next.
//!
//! A second lock, which all that stand for election share, tells the elected one whether anybody else does.

use crate::{Database, KitError, database::in_time};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use uuid::Uuid;

/// The same number in every service's database: one relay in each.
const ELECTION: i64 = 0x0065_636f_6d00_0001;
/// Shared by all that stand for election: who could have it alone is alone.
const STANDING: i64 = 0x0065_636f_6d00_0002;
/// How often the elected one shows that it lives, also while it waits for the bus.
const EVERY: Duration = Duration::from_secs(3);
/// Whoever is silent longer hangs.
pub(super) const SILENCE: Duration = Duration::from_secs(10);
/// Of a database that dies at once, what the relay wrote last may be missing: then it sends again what was sent, which
/// everybody stands. So it waits for no disk.
const NO_WAIT: [(&str, &str); 1] = [("synchronous_commit", "off")];

/// Whether this instance relays, for whoever asks how things stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leads(Arc<AtomicBool>);

impl Leads {
    pub(crate) fn now(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// From the election to its end, however it comes.
pub(crate) struct Term {
    /// The lock's own, and the one that is worked with: a relay whose session ended can remove nothing any more.
    pub(crate) connection: PgConnection,
    renewed: Instant,
    /// Nobody stands by, as far as the last heartbeat told: what is to be sent is announced in this process.
    alone: bool,
    _leading: Leading,
}

/// Says so as long as it is there.
struct Leading(Leads);

impl Leading {
    fn begin(leads: &Leads) -> Self {
        leads.0.store(true, Ordering::Relaxed);
        Self(leads.clone())
    }
}

impl Drop for Leading {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::Relaxed);
    }
}

impl Term {
    /// Stands for election; none while another instance relays. Over a connection that is `kept` from look to look and is
    /// not the pool's: what the one that hangs has locked, all of those may be waiting for.
    pub(super) async fn stand(
        database: &Database,
        instance: Uuid,
        leads: &Leads,
        kept: &mut Option<PgConnection>,
    ) -> Result<Option<Self>, KitError> {
        let mut connection = match kept.take() {
            Some(kept) => kept,
            None => {
                let own = PgConnectOptions::clone(&database.pool().connect_options()).options(NO_WAIT);
                let own = named(own, instance);
                let mut own = in_time(PgConnection::connect_with(&own)).await?;
                // The one that leads has it for the moment of a heartbeat. Then it is tried again at the next look.
                if !in_time(stand_up(&mut own)).await? {
                    return Ok(None);
                }
                own
            }
        };
        // Not kept after an error: the lock belongs to this session, perhaps also when the answer did not arrive.
        let election = in_time(elect(&mut connection)).await?;
        if !election.won {
            if let Some(silent) = in_time(end_silent(&mut connection, SILENCE)).await? {
                tracing::warn!(session = silent, "the relay gave no sign of life for 10 s: its session was ended");
            }
            *kept = Some(connection);
            return Ok(None);
        }
        tracing::info!(%instance, "this instance relays");
        if !election.seen {
            tracing::warn!(
                "track_activities is off at the server: should this relay hang, nobody sees it and takes over"
            );
        }
        let (renewed, leading) = (Instant::now(), Leading::begin(leads));
        Ok(Some(Self { connection, renewed, alone: false, _leading: leading }))
    }

    /// Shows that it lives when it is time.
    pub(super) async fn renew(&mut self) -> Result<(), KitError> {
        if self.renewed.elapsed() >= EVERY {
            self.renew_and_look().await?;
        }
        Ok(())
    }

    /// Shows that it lives, and tells by the same statement whether anything is in the outbox. A process that was stopped
    /// finds out here that its session was ended.
    pub(super) async fn renew_and_look(&mut self) -> Result<bool, KitError> {
        let beat = in_time(beat(&mut self.connection)).await?;
        (self.renewed, self.alone) = (Instant::now(), beat.alone);
        Ok(beat.pending)
    }

    pub(super) fn is_alone(&self) -> bool {
        self.alone
    }

    /// As if the last heartbeat were so long ago that it is time for the next.
    #[cfg(test)]
    pub(super) fn is_due(&mut self) {
        self.renewed = self.renewed.checked_sub(EVERY).unwrap();
    }

    /// Waits for `work` with a heartbeat all the while: a slow bus is no sign of a relay that hangs.
    pub(super) async fn renewing<T>(&mut self, work: impl Future<Output = T>) -> Result<T, KitError> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                () = tokio::time::sleep(EVERY) => self.renew().await?,
            }
        }
    }

    /// Ends in order: another instance is elected at its next look.
    pub(super) async fn end(self) -> Result<(), KitError> {
        Ok(self.connection.close().await?)
    }
}

/// By the instance, where nobody gave the service's sessions a name: so `pg_stat_activity` says who relays.
fn named(options: PgConnectOptions, instance: Uuid) -> PgConnectOptions {
    match options.get_application_name() {
        Some(_given) => options,
        None => options.application_name(&format!("relay {instance}")),
    }
}

struct Election {
    won: bool,
    /// Whether the server keeps what its sessions do.
    seen: bool,
}

async fn elect(connection: &mut PgConnection) -> Result<Election, sqlx::Error> {
    let election = sqlx::query_as!(
        Election,
        r#"SELECT pg_try_advisory_lock($1) AS "won!", current_setting('track_activities')::boolean AS "seen!""#,
        ELECTION
    );
    election.fetch_one(connection).await
}

/// False while the one that leads looks whether it is alone.
pub(super) async fn stand_up(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let stood = sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock_shared($1) AS "stood!""#, STANDING);
    stood.fetch_one(connection).await
}

/// What a heartbeat tells.
struct Beat {
    alone: bool,
    pending: bool,
}

/// Its own share of the lock is not in its way, and what it takes besides ends with the statement. Nothing is written:
/// that a session asked something is in `pg_stat_activity`.
async fn beat(connection: &mut PgConnection) -> Result<Beat, sqlx::Error> {
    let beat = sqlx::query_as!(
        Beat,
        r#"SELECT pg_try_advisory_xact_lock($1) AS "alone!", EXISTS (SELECT FROM outbox) AS "pending!""#,
        STANDING
    );
    beat.fetch_one(connection).await
}

/// Ends the session of a relay that asked nothing for so long, or as far ahead: then the clock was put back since. It must
/// hold the lock and be waiting for its process: one that is at work on a statement hangs for the server's reasons, and
/// its successor would as well. Where the server does not keep what its sessions do (`track_activities`), none is ended.
pub(super) async fn end_silent(
    connection: &mut PgConnection,
    silence: Duration,
) -> Result<Option<String>, sqlx::Error> {
    let ended = sqlx::query!(
        r#"SELECT concat_ws(' ', session.pid, session.application_name) AS "who!",
               pg_terminate_backend(session.pid) AS "ended!"
           FROM pg_locks AS held JOIN pg_stat_activity AS session ON session.pid = held.pid
           WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
             AND held.classid = ($1::bigint >> 32)::oid AND held.objid = ($1::bigint & 4294967295)::oid
             AND held.database = session.datid AND session.datname = current_database()
             AND session.wait_event_type = 'Client'
             AND session.state_change NOT BETWEEN clock_timestamp() - make_interval(secs => $2)
                                              AND clock_timestamp() + make_interval(secs => $2)"#,
        ELECTION,
        silence.as_secs_f64()
    );
    let ended = ended.fetch_optional(connection).await?;
    Ok(ended.filter(|row| row.ended).map(|row| row.who))
}
