//! Where personal data show up that must not be there. With a canary (the text of a test person) every place that must
//! not know people is searched for it; without one, for anything that looks like a mail address.

use super::reading::Reading;
use crate::doctor::Options;
use anyhow::Context;
use contracts::ServiceName;
use sqlx::AssertSqlSafe;
use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

/// Personal data in a place that must hold none.
#[derive(Clone, Debug)]
pub(crate) struct Leak {
    pub(crate) place: String,
    pub(crate) times: i64,
}

/// What looks like a mail address.
const ADDRESS: &str = "[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+";

impl Options {
    pub(crate) fn finds_canary(&self, text: &str) -> bool {
        let found = |canary: &String| text.to_lowercase().contains(&canary.to_lowercase());
        self.canary.as_ref().is_some_and(found)
    }
}

/// The events of every service, and all texts of the three databases that know no people: `user_db` is about them, and
/// `order_db` keeps where their orders go; those of a person who was erased, too. Dead letters are in the inboxes, with what
/// they carried.
pub(super) async fn read(reading: &mut Reading, options: &Options) -> anyhow::Result<Vec<Leak>> {
    let mut tables = vec!["event_log".to_owned(), "inbox".to_owned()];
    let nobody_known = matches!(reading.service, ServiceName::Payment | ServiceName::Product | ServiceName::Notify);
    if nobody_known || options.canary_erased {
        // What operators noted names the operators, not the customers.
        let others = "SELECT quote_ident(table_name) FROM information_schema.tables
                      WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
                        AND table_name NOT IN ('_sqlx_migrations', 'operator_log', 'event_log', 'inbox', 'pictures',
                                               'picture_sizes')
                      ORDER BY table_name";
        tables.extend(sqlx::query_scalar::<_, String>(others).fetch_all(&mut *reading.tx).await?);
    }
    let mut leaks = Vec::new();
    for table in tables {
        // A Message-ID looks like an address, and is made from an event.
        let text = match table.as_str() {
            "deliveries" => "(to_jsonb(searched) - 'message_id_header')::text",
            _ => "searched::text",
        };
        // The names are the catalogue's own, quoted by it. Looking for the one letter first spares nearly all rows the
        // pattern.
        let query = format!(
            "SELECT count(*) FROM {table} AS searched
             WHERE CASE WHEN $1::text IS NULL THEN {text} LIKE '%@%' AND {text} ~ $2
                        ELSE strpos(lower({text}), lower($1)) > 0 END"
        );
        let query = sqlx::query_scalar(AssertSqlSafe(query)).bind(options.canary.as_deref()).bind(ADDRESS);
        let times: i64 = query.fetch_one(&mut *reading.tx).await.with_context(|| format!("searching {table}"))?;
        if times > 0 {
            leaks.push(Leak { place: format!("{}.{table}", reading.service.database()), times });
        }
    }
    Ok(leaks)
}

/// The folder of mails, for a canary that was erased: its mails are gone, too.
pub(super) fn read_mails(folder: &Path, options: &Options) -> anyhow::Result<Vec<Leak>> {
    if !options.canary_erased {
        return Ok(Vec::new());
    }
    let shown = folder.display();
    let entries = fs::read_dir(folder).with_context(|| format!("the mail folder {shown} cannot be read"))?;
    // One that goes meanwhile is gone.
    let mails = entries.flatten().filter_map(|entry| fs::read(entry.path()).ok());
    let times = mails.filter(|mail| options.finds_canary(&String::from_utf8_lossy(mail))).count();
    let leak = Leak { place: shown.to_string(), times: i64::try_from(times).unwrap_or(i64::MAX) };
    Ok(if times > 0 { vec![leak] } else { Vec::new() })
}

/// Log files, for the canary alone: a program's own log names addresses of hosts.
pub(super) fn read_files(logs: &[PathBuf], options: &Options) -> anyhow::Result<Vec<Leak>> {
    let mut leaks = Vec::new();
    if options.canary.is_none() {
        return Ok(leaks);
    }
    for path in logs {
        let shown = path.display();
        let file = File::open(path).with_context(|| format!("the log file {shown} cannot be read"))?;
        let mut times = 0;
        for line in BufReader::new(file).split(b'\n') {
            let line = line.with_context(|| format!("the log file {shown} cannot be read"))?;
            times += i64::from(options.finds_canary(&String::from_utf8_lossy(&line)));
        }
        if times > 0 {
            leaks.push(Leak { place: shown.to_string(), times });
        }
    }
    Ok(leaks)
}
