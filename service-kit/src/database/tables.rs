//! Which version the tables in a service's database are of, its own and the kit's beside them; whether they will do; and
//! bringing them up to date. Those of a newer version do: old and new run side by side while one is rolled out or taken
//! back, and migrations only add.

use crate::{Kind, KitError, error::database_kind};
use contracts::ServiceName;
use sqlx::{
    AssertSqlSafe, PgConnection,
    migrate::{Migrate, MigrateError, Migrator},
};
use std::fmt;

static KIT_MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The newest migrations of a service's own tables and of the kit's beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    own: Option<i64>,
    kit: Option<i64>,
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |version: Option<i64>| version.map_or_else(|| "none".to_owned(), |version| version.to_string());
        write!(f, "{} (the kit's: {})", shown(self.own), shown(self.kit))
    }
}

/// What bringing the tables up to date came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// What was there.
    pub from: Versions,
    /// What is.
    pub to: Versions,
}

impl fmt::Display for Migrated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        if from == to {
            write!(f, "nothing to do: the tables are at version {to}")
        } else {
            write!(f, "the tables were brought from version {from} to {to}")
        }
    }
}

/// A row of a table of migrations.
#[derive(sqlx::FromRow)]
struct Applied {
    version: i64,
    checksum: Vec<u8>,
    success: bool,
}

/// What is there of a program's migrations.
enum Standing {
    /// All. More may be, of a newer version.
    There,
    /// To be migrated.
    Behind,
    /// No migration helps; why, and what to do.
    Wrong(String),
}

/// What was seen of a database's tables.
pub(crate) struct Look {
    pub(crate) there: Versions,
    needed: Versions,
    standing: Standing,
}

impl Look {
    /// What is wrong with them and what to do; none when they will do.
    pub(crate) fn trouble(&self, service: ServiceName) -> Option<String> {
        match &self.standing {
            Standing::There => None,
            Standing::Behind => Some(format!(
                "at version {}, and this program needs {}: run `{service} migrate`",
                self.there, self.needed
            )),
            Standing::Wrong(why) => Some(why.clone()),
        }
    }

    /// Whether a newer version has migrated them.
    pub(crate) fn is_newer(&self) -> bool {
        matches!(self.standing, Standing::There) && self.there != self.needed
    }
}

/// Looks, and changes nothing.
pub(crate) async fn look(connection: &mut PgConnection, own: &Migrator) -> Result<Look, sqlx::Error> {
    let kits = applied(connection, &KIT_MIGRATIONS).await?;
    let owns = applied(connection, own).await?;
    let newest = |applied: &[Applied]| applied.iter().map(|one| one.version).max();
    let there = Versions { own: newest(&owns), kit: newest(&kits) };
    let needed = Versions { own: newest_of(own), kit: newest_of(&KIT_MIGRATIONS) };
    let standing = match (judge("the kit's", &kits, &KIT_MIGRATIONS), judge("its own", &owns, own)) {
        (wrong @ Standing::Wrong(_), _) | (_, wrong @ Standing::Wrong(_)) => wrong,
        (Standing::Behind, _) | (_, Standing::Behind) => Standing::Behind,
        (Standing::There, Standing::There) => match closed(connection).await? {
            None => Standing::There,
            Some((user, table)) => Standing::Wrong(format!(
                "user {user:?} has no right to table {table}: have its owner run `migrate`, by OWNER_DATABASE_URL, which \
                 gives it"
            )),
        },
    };
    Ok(Look { there, needed, standing })
}

/// A table of the platform's owner that whoever asks may not even read, and who asks. Rights are given a moment after the
/// tables are there. Other tables in the same database are none of ours.
async fn closed(connection: &mut PgConnection) -> Result<Option<(String, String)>, sqlx::Error> {
    let closed = "SELECT current_user::text, relname::text FROM pg_class
                  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                      AND NOT has_table_privilege(oid, 'SELECT')
                      AND relowner = (SELECT relowner FROM pg_class WHERE oid = to_regclass($1))
                  ORDER BY relname LIMIT 1";
    sqlx::query_as(closed).bind(KIT_MIGRATIONS.table_name.as_ref()).fetch_optional(connection).await
}

async fn applied(connection: &mut PgConnection, migrations: &Migrator) -> Result<Vec<Applied>, sqlx::Error> {
    let table = &migrations.table_name;
    let made = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(table.as_ref());
    if !made.fetch_one(&mut *connection).await? {
        return Ok(Vec::new());
    }
    let rows = format!("SELECT version, checksum, success FROM {table} ORDER BY version");
    sqlx::query_as(AssertSqlSafe(rows)).fetch_all(connection).await
}

fn newest_of(migrations: &Migrator) -> Option<i64> {
    migrations.iter().map(|one| one.version).max()
}

fn judge(whose: &str, applied: &[Applied], migrations: &Migrator) -> Standing {
    let table = &migrations.table_name;
    if let Some(Applied { version, .. }) = applied.iter().find(|one| !one.success) {
        return Standing::Wrong(format!(
            "migration {version} of {whose} tables failed half-way: put right by hand what it left, delete its row from \
             {table}, and migrate again"
        ));
    }
    let lacks = migrations.iter().any(|one| applied.iter().all(|known| known.version != one.version));
    for Applied { version, checksum, .. } in applied {
        match migrations.iter().find(|one| one.version == *version) {
            Some(known) if known.checksum.as_ref() != checksum.as_slice() => {
                return Standing::Wrong(format!(
                    "migration {version} of {whose} tables is not the one this program knows by that number: see that it \
                     is this service's database, and that no migration was changed after it had been released"
                ));
            }
            // A newer version's comes after all of ours.
            None if lacks || Some(*version) <= newest_of(migrations) => {
                return Standing::Wrong(format!(
                    "migration {version} of {whose} tables is unknown to this program, which is no older version of what \
                     migrated them: see that it is this service's database"
                ));
            }
            _ => {}
        }
    }
    if lacks { Standing::Behind } else { Standing::There }
}

/// Does what is lacking, if anything is. Of several at once one does it and the others wait.
///
/// The connection is to be its own and to end then: a run that fails leaves its lock to its session.
pub(crate) async fn bring_up_to_date(
    connection: &mut PgConnection,
    service: ServiceName,
    own: &Migrator,
) -> Result<Migrated, KitError> {
    let seen = look(connection, own).await?;
    if matches!(seen.standing, Standing::There) {
        return Ok(Migrated { from: seen.there, to: seen.there });
    }
    // sqlx's own lock, which each run takes once more: what is seen under it stays true until it is done.
    connection.lock().await?;
    // A migration that waits for a table makes everybody else wait behind it, also for mere reads. It is given up soon and
    // tried again.
    sqlx::query("SET lock_timeout = '3s'").execute(&mut *connection).await?;
    let before = look(connection, own).await?;
    if let Standing::Behind = before.standing {
        tracing::info!(%service, from = %before.there, to = %before.needed, "bringing the tables up to date");
        // `run` wants a connection of any lifetime, which this one has not.
        KIT_MIGRATIONS.run_direct(None, &mut *connection, false).await?;
        own.run_direct(None, &mut *connection, false).await?;
    }
    let after = look(connection, own).await?;
    match after.trouble(service) {
        None => Ok(Migrated { from: before.there, to: after.there }),
        Some(why) => Err(unusable(service, &why)),
    }
}

/// What a program says that cannot go on with such tables.
pub(crate) fn unusable(service: ServiceName, why: &str) -> KitError {
    KitError::NotOpened(format!("{service}'s tables cannot be used: {why}"))
}

/// Whether migrations that failed may succeed a little later.
pub(crate) fn may_pass(cause: &KitError) -> bool {
    let (KitError::Database(cause)
    | KitError::Migration(MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _))) = cause
    else {
        return false;
    };
    // 55P03: somebody else held the table too long (PostgreSQL, appendix A).
    let locked =
        matches!(cause.as_database_error(), Some(refusal) if refusal.code().is_some_and(|code| code == "55P03"));
    locked || database_kind(cause) == Kind::Unavailable
}
