//! The chain over the entries: each link is the SHA-256 of the link before and of its entries.

use crate::{Database, KitError, jobs::Progress};
use aws_lc_rs::digest;
use serde::Serialize;
use sqlx::{PgConnection, PgPool};
use std::time::Duration;
use time::OffsetDateTime;
use uuid::Uuid;

/// How often entries are looked for that nobody was woken for.
pub(crate) const EVERY: Duration = Duration::from_secs(60);
/// Entries of one link, at the most.
const MOST: i64 = 500;
/// Before the first link.
const BEGINNING: [u8; 32] = [0; 32];

/// An entry as the chain holds it: every column, in this order, as JSON.
#[derive(Serialize)]
struct Chained {
    id: Uuid,
    at: i128,
    actor_kind: String,
    actor: Option<Uuid>,
    action: String,
    subject: Option<Uuid>,
    allowed: bool,
    before: Option<String>,
    after: Option<String>,
    network: Option<String>,
}

/// A lock on the table itself is for who may change what is in it, which nobody may.
const LOCK: i64 = 0x61_7564_6974;

/// Closes the chain over entries that are committed. Whoever is at it alone holds the lock; nobody's action waits for it.
pub(crate) async fn close(database: &Database, now: OffsetDateTime) -> Result<Progress, KitError> {
    // Most runs find nothing.
    if !database.glance(|connection| Box::pin(is_any_waiting(connection))).await? {
        return Ok(Progress::Idle);
    }
    let mut tx = database.begin("audit").await?;
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", LOCK).execute(&mut *tx).await?;
    let entries = sqlx::query_scalar!("SELECT entry FROM audit_waiting ORDER BY entry LIMIT $1", MOST);
    let entries = entries.fetch_all(&mut *tx).await?;
    let last = sqlx::query!("SELECT number, hash FROM audit_links ORDER BY number DESC LIMIT 1");
    let last = last.fetch_optional(&mut *tx).await?.map(|last| (last.number, last.hash));
    let (number, previous) = last.unwrap_or_else(|| (0, BEGINNING.to_vec()));
    if !entries.is_empty() {
        let hash = hash(&previous, &chained(&mut tx, &entries).await?)?;
        sqlx::query!(
            "INSERT INTO audit_links (number, made_at, entries, previous, hash) VALUES ($1, $2, $3, $4, $5)",
            number + 1,
            now,
            &entries,
            previous,
            hash
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!("DELETE FROM audit_waiting WHERE entry = ANY($1)", &entries).execute(&mut *tx).await?;
    }
    let _committed = tx.commit().await?;
    Ok(if i64::try_from(entries.len()) == Ok(MOST) { Progress::More } else { Progress::Found })
}

async fn is_any_waiting(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let waiting = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM audit_waiting) AS "waiting!""#);
    waiting.fetch_one(connection).await
}

/// The entries as they are stored, in the order of `ids`.
async fn chained(connection: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Chained>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT entry.id, entry.at, entry.actor_kind, entry.actor, entry.action, entry.subject, entry.allowed,
                  entry.before::text AS before, entry.after::text AS after, entry.network
           FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (id, place)
           JOIN audit_entries entry ON entry.id = asked.id ORDER BY asked.place"#,
        ids
    );
    let chained = rows.fetch_all(connection).await?.into_iter().map(|row| Chained {
        id: row.id,
        at: row.at.unix_timestamp_nanos(),
        actor_kind: row.actor_kind,
        actor: row.actor,
        action: row.action,
        subject: row.subject,
        allowed: row.allowed,
        before: row.before,
        after: row.after,
        network: row.network,
    });
    Ok(chained.collect())
}

fn hash(previous: &[u8], entries: &[Chained]) -> Result<Vec<u8>, serde_json::Error> {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(previous);
    context.update(&serde_json::to_vec(entries)?);
    Ok(context.finish().as_ref().to_vec())
}

/// A whole chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many links.
    pub links: i64,
    /// How many entries they hold.
    pub entries: i64,
    /// Entries that no link holds yet.
    pub waiting: i64,
    /// The last link: whoever keeps it elsewhere will notice a chain that was made anew.
    pub hash: Vec<u8>,
}

/// Where a chain is broken.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// A link is missing.
    #[error("link {0} is missing")]
    Missing(i64),
    /// It does not go on from the one before.
    #[error("link {0} does not go on from the one before")]
    Elsewhere(i64),
    /// An entry of it was changed or taken out.
    #[error("an entry of link {0} was changed or taken out")]
    Changed(i64),
    /// Entries stand in no link and do not wait for one.
    #[error("{0} entries stand in no link: they were put in, or the links that held them were taken out at the end")]
    Unchained(i64),
    /// It cannot be read.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// It cannot be written as it was.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Reads a chain from its beginning.
///
/// # Errors
/// Where it is broken.
pub async fn verify(pool: &PgPool) -> Result<Verified, Broken> {
    // One moment's sight of all of it.
    let mut tx = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let (mut links, mut entries, mut previous) = (0, 0, BEGINNING.to_vec());
    loop {
        let next = sqlx::query!(
            "SELECT number, entries, previous, hash FROM audit_links WHERE number > $1 ORDER BY number LIMIT 1",
            links
        );
        let Some(link) = next.fetch_optional(&mut *tx).await? else { break };
        links += 1;
        if link.number != links {
            return Err(Broken::Missing(links));
        }
        if link.previous != previous {
            return Err(Broken::Elsewhere(links));
        }
        if hash(&previous, &chained(&mut tx, &link.entries).await?)? != link.hash {
            return Err(Broken::Changed(links));
        }
        entries += i64::try_from(link.entries.len()).unwrap_or(i64::MAX);
        previous = link.hash;
    }
    let stored = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM audit_entries"#).fetch_one(&mut *tx).await?;
    let waiting = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM audit_waiting"#).fetch_one(&mut *tx).await?;
    if stored != entries + waiting {
        return Err(Broken::Unchained(stored - entries - waiting));
    }
    Ok(Verified { links, entries, waiting, hash: previous })
}
