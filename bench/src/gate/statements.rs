//! Every statement of the services, by transaction: from PostgreSQL's log, which is told to write all of them.

use crate::platform::{ONLOOKER, Platform};
use contracts::ServiceName;
use sqlx::AssertSqlSafe;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::PathBuf,
};

/// Begins each entry of the log: user, database, virtual transaction.
const PREFIX: &str = "@@%u|%d|%v@@ ";
/// In a transaction that comes by the clock for as long as orders do: stock is announced once a second.
pub(super) const TIMED: &str = "announced_available";
/// Before the name of what a statement writes; and before that, where it is said of a lock or of a row that is there.
const WRITING: &[&str] = &["INTO", "UPDATE", "DELETE FROM"];
const NOT_WRITING: &[&str] = &["FOR", "KEY", "DO"];
/// Longer texts are cut when they are shown.
const WIDTH: usize = 100;

/// The log, from where it was looked at last.
pub(super) struct Log {
    file: PathBuf,
    from: u64,
}

/// Transactions as the statements they consist of, by database, and how often there was one of each.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Transactions(BTreeMap<(String, Vec<String>), i64>);

impl Log {
    /// From now on every statement is written down, and the server writes nothing by itself.
    pub(super) async fn begin(platform: &Platform) -> anyhow::Result<Self> {
        let pool = platform.watch(ServiceName::Order);
        let prefix = format!("log_line_prefix = '{PREFIX}'");
        for setting in [prefix.as_str(), "log_statement = 'all'", "full_page_writes = off", "autovacuum = off"] {
            sqlx::raw_sql(AssertSqlSafe(format!("ALTER SYSTEM SET {setting}"))).execute(pool).await?;
        }
        sqlx::raw_sql("SELECT pg_reload_conf()").execute(pool).await?;
        Self::end(platform)
    }

    /// From its end on, once it was begun.
    pub(super) fn end(platform: &Platform) -> anyhow::Result<Self> {
        Self { file: platform.stack.folder().join("postgres/server.log"), from: 0 }.again()
    }

    /// From its end on.
    pub(super) fn again(self) -> anyhow::Result<Self> {
        Ok(Self { from: File::open(&self.file)?.metadata()?.len(), file: self.file })
    }

    pub(super) fn read(&self) -> anyhow::Result<Transactions> {
        let (mut file, mut bytes) = (File::open(&self.file)?, Vec::new());
        file.seek(SeekFrom::Start(self.from))?;
        file.read_to_end(&mut bytes)?;
        Ok(Transactions::of(&String::from_utf8_lossy(&bytes)))
    }
}

impl Transactions {
    fn of(log: &str) -> Self {
        let mut transactions: HashMap<(&str, &str), Vec<String>> = HashMap::new();
        for (head, text) in entries(log) {
            let mut head = head.split('|');
            let (Some(user), Some(database), Some(transaction)) = (head.next(), head.next(), head.next()) else {
                continue;
            };
            if user != ONLOOKER
                && !database.is_empty()
                && let Some(statement) = statement(text)
            {
                transactions.entry((database, transaction)).or_default().push(statement);
            }
        }
        let mut counted = BTreeMap::new();
        for ((database, _), statements) in transactions {
            let service = ServiceName::ALL.into_iter().find(|service| service.database() == database);
            let whose = service.map_or_else(|| database.to_owned(), |service| service.short().to_owned());
            *counted.entry((whose, statements)).or_default() += 1;
        }
        Self(counted)
    }

    /// Without those that are made of the same statements as one of the others, and those that come by the clock.
    pub(super) fn without(self, others: &Self) -> Self {
        let known: HashSet<_> = others.0.keys().collect();
        let timed = |statements: &[String]| statements.iter().any(|statement| statement.contains(TIMED));
        let counts = |transaction: &(String, Vec<String>)| !known.contains(transaction) && !timed(&transaction.1);
        Self(self.0.into_iter().filter(|(transaction, _)| counts(transaction)).collect())
    }

    /// Those of which there were fewer.
    pub(super) fn rarer_than(&self, causes: u32) -> Self {
        let rare = self.0.iter().filter(|(_, times)| **times < i64::from(causes));
        Self(rare.map(|(transaction, times)| (transaction.clone(), *times)).collect())
    }

    /// Without these, each as often as it was among them.
    pub(super) fn less(mut self, others: &Self) -> Self {
        for (transaction, times) in &others.0 {
            if let Some(known) = self.0.get_mut(transaction) {
                *known -= times;
            }
        }
        self.0.retain(|_, times| *times > 0);
        self
    }

    /// By database: how many there were, and of how many statements.
    pub(super) fn sums(&self) -> BTreeMap<String, (i64, i64)> {
        let mut sums = BTreeMap::<_, (i64, i64)>::new();
        for ((database, statements), times) in &self.0 {
            let sum = sums.entry(database.clone()).or_default();
            let length = i64::try_from(statements.len()).unwrap_or(i64::MAX);
            *sum = (sum.0 + times, sum.1 + times * length);
        }
        sums
    }

    /// By database and by what they write, or read where they write nothing: how many there were, and of how many
    /// statements each. Of different ones that write the same the statements are added up.
    pub(super) fn kinds(&self) -> BTreeMap<(String, String), (i64, i64)> {
        let mut kinds = BTreeMap::<_, (i64, i64)>::new();
        for ((database, statements), times) in &self.0 {
            let kind = kinds.entry((database.clone(), touched(statements))).or_default();
            let length = i64::try_from(statements.len()).unwrap_or(i64::MAX);
            *kind = (kind.0 + times, kind.1 + length);
        }
        kinds
    }

    /// Those with a statement that has one of these in it, as [`Self::sums`].
    pub(super) fn with(&self, marks: &[&str]) -> (i64, i64) {
        let marked = |statement: &String| marks.iter().any(|mark| statement.contains(mark));
        let found = self.0.iter().filter(|((_, statements), _)| statements.iter().any(marked));
        let sums = Self(found.map(|(transaction, times)| (transaction.clone(), *times)).collect()).sums();
        sums.into_values().fold((0, 0), |(count, statements), more| (count + more.0, statements + more.1))
    }

    /// For people, the most frequent first.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_by_key(|(_, times)| -**times);
        let line = |((database, statements), times): (&(String, Vec<String>), &i64)| {
            let cut = |text: &String| text.chars().take(WIDTH).collect::<String>();
            let texts: Vec<_> = statements.iter().map(cut).collect();
            format!("{times:>5} × {database}: {}", texts.join("; "))
        };
        all.into_iter().map(line).collect()
    }
}

/// Head and text of each entry; lines without a head belong to the entry before.
fn entries(log: &str) -> Vec<(&str, &str)> {
    let mut begins: Vec<usize> = log.match_indices("\n@@").map(|(place, _)| place + 1).collect();
    if log.starts_with("@@") {
        begins.insert(0, 0);
    }
    let ends = begins.iter().copied().skip(1).chain([log.len()]);
    let entry = |(begin, end): (&usize, usize)| log[begin + 2..end].split_once("@@ ");
    begins.iter().zip(ends).filter_map(entry).collect()
}

/// The tables that are written, or what is read first where none is.
fn touched(statements: &[String]) -> String {
    let named = |after: &str| -> String {
        after.trim_start().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
    };
    let mut tables = BTreeSet::new();
    for (statement, word) in statements.iter().flat_map(|statement| WRITING.iter().map(move |word| (statement, word))) {
        for (place, _) in statement.match_indices(&format!("{word} ")) {
            let before = statement[..place].split_whitespace().next_back().unwrap_or_default();
            if !NOT_WRITING.contains(&before) {
                tables.insert(named(&statement[place + word.len()..]));
            }
        }
    }
    if tables.is_empty() {
        let reads = |statement: &String| statement.split_once("FROM ").map(|(_, after)| named(after));
        tables.extend(statements.iter().find_map(reads));
    }
    tables.into_iter().collect::<Vec<_>>().join(", ")
}

/// What was executed, its blanks made one.
fn statement(text: &str) -> Option<String> {
    let said = text.strip_prefix("LOG:  ")?;
    let (how, statement) = said.split_once(": ")?;
    let is_one = how == "statement" || how.starts_with("execute ");
    is_one.then(|| statement.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::{Transactions, touched};

    const LOG: &str = "what was said before\n\
        @@postgres|order_db|3/7@@ LOG:  statement: BEGIN\n\
        @@postgres|order_db|3/7@@ LOG:  execute sqlx_s_1: INSERT INTO orders\n\t  VALUES ($1)\n\
        @@postgres|order_db|3/7@@ DETAIL:  parameters: $1 = '1'\n\
        @@onlooker|order_db|9/1@@ LOG:  execute sqlx_s_1: SELECT 1\n\
        @@postgres|order_db|4/1@@ LOG:  execute sqlx_s_2: SELECT due\n\
        @@postgres|order_db|3/7@@ LOG:  statement: COMMIT\n\
        @@||@@ LOG:  checkpoint starting: time\n";

    #[test]
    fn statements_are_told_apart_by_their_transaction() {
        let transactions = Transactions::of(LOG);
        assert_eq!(transactions.sums()["order"], (2, 4));
        assert_eq!(transactions.with(&["INTO orders "]), (1, 3));
        assert!(transactions.lines().iter().any(|line| line.contains("BEGIN; INSERT INTO orders VALUES ($1); COMMIT")));
    }

    #[test]
    fn what_happens_when_nobody_orders_does_not_count() {
        let idle = Transactions::of("@@postgres|order_db|1/1@@ LOG:  execute s: SELECT due\n");
        assert_eq!(Transactions::of(LOG).without(&idle).sums()["order"], (1, 3));
        let timed = Transactions::of("@@postgres|product_db|1/1@@ LOG:  execute s: SELECT announced_available\n");
        assert_eq!(timed.without(&Transactions::default()), Transactions::default());
    }

    #[test]
    fn a_kind_is_called_by_what_it_writes_and_else_by_what_it_reads() {
        let kind = |statements: &[&str]| touched(&statements.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        let locked =
            "WITH locked AS (SELECT id FROM stock FOR UPDATE), gone AS (DELETE FROM outbox WHERE true) SELECT 1";
        let counted = "INSERT INTO orders (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = $1";
        assert_eq!(kind(&["BEGIN", locked, "UPDATE stock SET n = 1", counted, "COMMIT"]), "orders, outbox, stock");
        assert_eq!(kind(&["SELECT id FROM accounts WHERE id = ANY($1)"]), "accounts");
        let transactions = Transactions::of(LOG);
        assert_eq!(transactions.kinds()[&("order".to_owned(), "orders".to_owned())], (1, 3));
    }

    #[test]
    fn what_is_there_less_often_than_its_cause_has_another() {
        let transactions = Transactions::of(LOG);
        assert_eq!(transactions.rarer_than(2), transactions);
        assert_eq!(transactions.rarer_than(1), Transactions::default());
    }

    #[test]
    fn what_held_the_door_is_taken_off_as_often_as_it_was_there() {
        let line = |number: u8| format!("@@postgres|order_db|1/{number}@@ LOG:  execute s: SELECT due\n");
        let (once, twice) = (Transactions::of(&line(1)), Transactions::of(&(line(1) + &line(2))));
        assert_eq!(twice.less(&once), once);
    }
}
