//! Whether a service's hot statements cost with a backlog what they cost without one, by what they touch and never by time:
//! with plans made when the tables were empty and kept, with plans made for each call, and by whatever the planner knows.

use crate::TestDatabase;
use contracts::ServiceName;
use secrecy::SecretString;
use service_kit::{Database, config::Migrations};
use sqlx::{AssertSqlSafe, Connection, PgConnection, migrate::Migrator};
use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

/// What the fillings and the values of parameters are written with: ids in order of time, as real ones are.
const WORDS: &str = "
    CREATE FUNCTION one(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
        AS $$ SELECT (lpad(to_hex(n), 12, '0') || '70008000' || left(md5(kind), 12))::uuid $$;
    CREATE FUNCTION many(kind text, first bigint, last bigint) RETURNS uuid[] LANGUAGE sql IMMUTABLE
        AS $$ SELECT array_agg(one(kind, n) ORDER BY n) FROM generate_series(first, last) AS n $$;
    CREATE FUNCTION texts(what text, first bigint, last bigint) RETURNS text[] LANGUAGE sql IMMUTABLE
        AS $$ SELECT array_agg(what || n ORDER BY n) FROM generate_series(first, last) AS n $$;
    CREATE FUNCTION times(value anyelement) RETURNS anyarray LANGUAGE sql IMMUTABLE
        AS $$ SELECT array_fill(value, ARRAY [32]) $$;
    DO $$ DECLARE found regclass; BEGIN
        FOR found IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
            EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = FALSE)', found);
        END LOOP;
    END $$;";

/// Besides half as much again, for 32 rows: of each the pages of its indexes that have a level more, and the versions that
/// were rolled back here. What walks over a backlog meets thousands.
const BUFFERS: i64 = 8 * 32;
const ROWS: i64 = 8 * 32;

/// A service's statements, all that its `.sqlx` folder has.
pub struct Plans<'p> {
    /// Whose database.
    pub service: ServiceName,
    /// Its tables.
    pub migrations: &'static Migrator,
    /// The crate's folder.
    pub folder: &'p str,
    /// Fills the tables as a drained system has them: 2,000 that are done, 64 that are due.
    pub drained: &'p str,
    /// Adds 20,000 that wait.
    pub backlog: &'p str,
    /// What an order's way and timed work run, by how a statement begins (`… ` and how it ends), with an expression for each
    /// parameter: for 32 of what is due.
    pub hot: &'p [(&'p str, &'p [&'p str])],
    /// What the transaction of a hot one runs first, where it does.
    pub first: &'p [(&'p str, &'p str)],
    /// What is not hot, by the reason.
    pub cold: &'p [(&'p str, &'p [&'p str])],
}

/// What the planner knows while plans are made that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Nothing: as after a first start.
    Nothing,
    /// That the tables were empty.
    Empty,
    /// The drained system.
    Drained,
}

/// Whose plan it is.
#[derive(Clone, Copy, Debug)]
enum Plan {
    Kept,
    Fresh,
}

/// What a statement did, with all that its triggers and functions did.
#[derive(Clone, Copy, Debug)]
struct Work {
    /// Pages of tables and indexes.
    buffers: i64,
    /// Entries of indexes, and rows of tables that were read from end to end.
    rows: i64,
    changed: i64,
}

struct Statement {
    text: String,
    /// Expressions.
    values: Vec<String>,
    /// What runs before it.
    first: String,
}

impl Plans<'_> {
    /// A line of figures for each statement.
    ///
    /// # Panics
    /// A statement touches more than half as much again with the backlog, or is in none of the lists.
    pub async fn check(&self) -> String {
        let statements = self.statements();
        let (mut told, mut dearer) = (String::new(), BTreeMap::<usize, String>::new());
        for known in [Known::Nothing, Known::Empty, Known::Drained] {
            let eras = Eras::of(self, &statements, known).await;
            for (number, statement) in statements.iter().enumerate() {
                let least = eras.drained.iter().map(|works| works[number].1);
                let least = least.reduce(Work::least).expect("it was measured");
                let _ = writeln!(told, "{known:?} {:.60}: {least:?}", statement.text);
                for (when, works) in &eras.later {
                    let (plan, work) = &works[number];
                    let _ = writeln!(told, "    {when}: {work:?}");
                    assert_eq!(work.changed, least.changed, "{when}, {known:?}: {}\n{plan}", statement.text);
                    if work.buffers > least.buffers * 3 / 2 + BUFFERS || work.rows > least.rows * 3 / 2 + ROWS {
                        let found = dearer.entry(number).or_default();
                        let _ = writeln!(found, "{known:?}, {when}: {work:?} for {least:?}\n{plan}\n");
                    }
                }
            }
        }
        let dearer: String =
            dearer.iter().map(|(number, found)| format!("{}\n{found}", statements[*number].text)).collect();
        assert!(dearer.is_empty(), "dearer with a backlog: {dearer}");
        told
    }

    /// Those that are hot. Each of the crate's is in one of the lists, once.
    fn statements(&self) -> Vec<Statement> {
        let all = prepared(&Path::new(self.folder).join(".sqlx"));
        let cold = self.cold.iter().flat_map(|(_, beginnings)| beginnings.iter());
        let listed: Vec<_> = self.hot.iter().map(|(beginning, _)| beginning).chain(cold).collect();
        for statement in &all {
            let by: Vec<_> = listed.iter().filter(|beginning| is(statement, beginning)).collect();
            assert_eq!(by.len(), 1, "hot or not, this statement is to be in one list: {statement}\nfound by {by:?}");
        }
        for beginning in listed {
            let found: Vec<_> = all.iter().filter(|statement| is(statement, beginning)).collect();
            assert_eq!(found.len(), 1, "{beginning} begins {found:#?}");
        }
        let statement = |(beginning, values): &(&str, &[&str])| {
            let text = all.iter().find(|statement| is(statement, beginning)).expect("just seen").clone();
            let first = self.first.iter().filter(|(statement, _)| statement == beginning);
            let first = first.map(|(_, first)| *first).collect();
            Statement { text, values: values.iter().map(ToString::to_string).collect(), first }
        };
        self.hot.iter().map(statement).collect()
    }
}

/// Whether a list's line means this statement.
fn is(statement: &str, line: &str) -> bool {
    let (beginning, ending) = line.split_once(" … ").unwrap_or((line, ""));
    statement.starts_with(beginning) && statement.ends_with(ending)
}

/// The statements the compiler checked.
fn prepared(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).expect("the folder of checked statements");
    let text = |file: std::io::Result<fs::DirEntry>| {
        let file = fs::read(file.expect("a file").path()).expect("a statement's file");
        let file: serde_json::Value = serde_json::from_slice(&file).expect("JSON");
        let text = file["query"].as_str().expect("a query");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    files.map(text).collect()
}

/// By statement: its plan, and what it did.
type Works = Vec<(String, Work)>;

struct Eras {
    drained: Vec<Works>,
    later: Vec<(String, Works)>,
}

impl Eras {
    async fn of(plans: &Plans<'_>, statements: &[Statement], known: Known) -> Self {
        let database = TestDatabase::new(plans.service, plans.migrations).await;
        let url = SecretString::from(database.url());
        // Connections as the service has them.
        let opened = Database::open(plans.service, &url, None, 2, plans.migrations, Migrations::Off).await;
        let opened = opened.expect("the database opens");
        let mut kept = opened.acquire().await.expect("a connection");
        let mut fresh = opened.acquire().await.expect("a connection");
        run(&mut kept, WORDS).await;
        run(&mut kept, "SET plan_cache_mode = force_generic_plan").await;
        run(&mut fresh, "SET plan_cache_mode = force_custom_plan").await;
        match known {
            Known::Nothing => {}
            Known::Empty => run(&mut fresh, "ANALYZE").await,
            Known::Drained => {
                run(&mut fresh, plans.drained).await;
                run(&mut fresh, "ANALYZE").await;
            }
        }
        for connection in [&mut *kept, &mut *fresh] {
            prepare(connection, statements).await;
        }
        if known != Known::Drained {
            run(&mut fresh, plans.drained).await;
        }
        let drained = vec![works(&mut kept, statements).await, works(&mut fresh, statements).await];
        run(&mut fresh, plans.backlog).await;
        let mut later = Vec::new();
        measure(&mut later, "a backlog", &mut kept, &mut fresh, statements).await;
        if known == Known::Drained {
            run(&mut fresh, "VACUUM").await;
            run(&mut fresh, "ANALYZE").await;
            measure(&mut later, "a backlog, analysed", &mut kept, &mut fresh, statements).await;
        }
        Self { drained, later }
    }
}

async fn measure(
    later: &mut Vec<(String, Works)>,
    when: &str,
    kept: &mut PgConnection,
    fresh: &mut PgConnection,
    statements: &[Statement],
) {
    for (plan, connection) in [(Plan::Kept, kept), (Plan::Fresh, fresh)] {
        later.push((format!("{when}, {plan:?} plan"), works(connection, statements).await));
    }
}

/// Plans are made at the first execution. What that finds is no matter, so neither is what refuses it.
async fn prepare(connection: &mut PgConnection, statements: &[Statement]) {
    for (number, statement) in statements.iter().enumerate() {
        run(connection, &format!("PREPARE hot_{number} AS {}", statement.text)).await;
        let execute = execute(connection, number, statement).await;
        let mut tx = connection.begin().await.expect("a transaction");
        run(&mut tx, &statement.first).await;
        let _ = sqlx::raw_sql(AssertSqlSafe(execute)).execute(&mut *tx).await;
        tx.rollback().await.expect("a rollback");
    }
}

async fn works(connection: &mut PgConnection, statements: &[Statement]) -> Works {
    let mut works = Works::new();
    for (number, statement) in statements.iter().enumerate() {
        let execute = execute(connection, number, statement).await;
        let mut tx = connection.begin().await.expect("a transaction");
        run(&mut tx, &statement.first).await;
        let before = Work::so_far(&mut tx).await;
        let explain = AssertSqlSafe(format!("EXPLAIN (ANALYZE, BUFFERS) {execute}"));
        let plan = sqlx::query_scalar::<_, String>(explain).persistent(false).fetch_all(&mut *tx).await;
        let plan = plan.unwrap_or_else(|cause| panic!("{cause}: {execute}: {}", statement.text)).join("\n");
        let after = Work::so_far(&mut tx).await;
        tx.rollback().await.expect("a rollback");
        works.push((plan, after.since(before)));
    }
    works
}

/// With the parameters' values as they are now.
async fn execute(connection: &mut PgConnection, number: usize, statement: &Statement) -> String {
    if statement.values.is_empty() {
        return format!("EXECUTE hot_{number}");
    }
    let asked: Vec<_> = statement.values.iter().map(|value| format!("quote_nullable(({value})::text)")).collect();
    let asked = AssertSqlSafe(format!("SELECT ARRAY [{}]", asked.join(", ")));
    let values = sqlx::query_scalar::<_, Vec<String>>(asked).persistent(false).fetch_one(connection).await;
    let values = values.unwrap_or_else(|cause| panic!("{cause}: {:?}", statement.values));
    format!("EXECUTE hot_{number} ({})", values.join(", "))
}

impl Work {
    /// What this session did and has not told the server's statistics yet, which it never does within a transaction.
    async fn so_far(connection: &mut PgConnection) -> Self {
        let done = "SELECT sum(pg_stat_get_xact_blocks_fetched(oid))::bigint,
                        sum(pg_stat_get_xact_tuples_returned(oid))::bigint,
                        sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
                            + pg_stat_get_xact_tuples_deleted(oid))::bigint
                    FROM pg_class WHERE relkind IN ('r', 'i', 't', 'S') AND oid >= 16384";
        let (buffers, rows, changed) = sqlx::query_as(done).fetch_one(connection).await.expect("statistics");
        Self { buffers, rows, changed }
    }

    fn since(self, before: Self) -> Self {
        Self {
            buffers: self.buffers - before.buffers,
            rows: self.rows - before.rows,
            changed: self.changed - before.changed,
        }
    }

    fn least(self, other: Self) -> Self {
        Self { buffers: self.buffers.min(other.buffers), rows: self.rows.min(other.rows), changed: self.changed }
    }
}

async fn run(connection: &mut PgConnection, statements: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(connection).await;
    done.unwrap_or_else(|cause| panic!("{cause}: {statements}"));
}
