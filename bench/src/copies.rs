//! Many rows out of one, by INSERT … SELECT. A template is made by the service itself; its copies are its rows as text with
//! other ids and words in it, so that columns a service computes (a name's key, what is searched) are those it would have
//! computed, and a column that comes later is copied, too.

use anyhow::ensure;
use sqlx::{AssertSqlSafe, PgPool};

/// Rows of one table that belong to the template.
pub(crate) struct Template<'a> {
    pub(crate) table: &'a str,
    /// Which rows, in SQL over the table.
    pub(crate) rows: String,
    /// What is replaced in a row's text: each a word of the template and SQL over `nth`.
    pub(crate) words: &'a [(String, String)],
    /// Columns set after that: SQL that makes a JSON object, over `nth`.
    pub(crate) set: &'a str,
}

/// Copies number `from` to `to`. Constraints that look into other tables are not checked meanwhile: the copies are as
/// consistent as their template.
///
/// # Errors
/// The database refuses it, or there is no template.
pub(crate) async fn make(pool: &PgPool, template: &Template<'_>, from: i64, to: i64) -> anyhow::Result<()> {
    let Template { table, rows, words, set } = template;
    let query = "SELECT attname::text FROM pg_attribute
                 WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = ''
                 ORDER BY attnum";
    let columns: Vec<String> = sqlx::query_scalar(query).bind(table).fetch_all(pool).await?;
    ensure!(!columns.is_empty(), "{table} has no columns");
    // No table has a column of this name; `messages` has one that is called `template`.
    let text = words.iter().fold("to_jsonb(original)::text".to_owned(), |text, (word, replacement)| {
        format!("replace({text}, '{word}', {replacement})")
    });
    let quoted = |prefix: &str| columns.iter().map(|name| format!("{prefix}\"{name}\"")).collect::<Vec<_>>().join(", ");
    let statement = format!(
        "INSERT INTO {table} ({})
         SELECT {} FROM generate_series({from}, {to}) AS nth, {table} AS original,
             LATERAL jsonb_populate_record(NULL::{table}, ({text})::jsonb || {set}) AS copy
         WHERE {rows}",
        quoted(""),
        quoted("copy.")
    );
    let mut connection = pool.acquire().await?;
    sqlx::raw_sql("SET session_replication_role = replica").execute(&mut *connection).await?;
    let made = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await;
    sqlx::raw_sql("SET session_replication_role = origin").execute(&mut *connection).await?;
    ensure!(made?.rows_affected() > 0, "there is no template in {table}");
    Ok(())
}

/// SQL for an id (in text) of version 7 (RFC 9562), the same for the same kind and number; ids rise with the number.
pub(crate) fn id(kind: u8, number: &str) -> String {
    let time = format!("lpad(to_hex(1577836800000 + {number}), 12, '0')");
    let rest = format!("substr(md5('{kind}-' || {number}), 1, 3)");
    let tail = format!("substr(md5('{kind}-' || {number}), 4, 12)");
    format!("(substr({time}, 1, 8) || '-' || substr({time}, 9, 4) || '-7' || {rest} || '-8000-' || {tail})")
}
