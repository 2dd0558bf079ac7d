//! What a service may do in its database. It works as a role that owns nothing there: it reads and changes rows, and
//! neither makes, alters nor empties a table. The owner migrates, and says so each time it did.

use super::connect_options;
use crate::KitError;
use postgres_protocol::password::scram_sha_256;
use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use std::collections::BTreeSet;
use url::Url;

/// Several who migrate at once must not write into the same rows of the catalogue.
const LOCK: i64 = 0x65_636f_6d5f_7267;

/// Of one table or sequence.
#[derive(sqlx::FromRow)]
struct Standing {
    /// As SQL writes it.
    name: String,
    is_sequence: bool,
    wanted: Vec<String>,
    given: Vec<String>,
}

/// Lets the user of `url` work with the tables, which belong to whom `owner` is. Who is not there yet is made where the
/// owner may make users, and has the URL's password from then on.
///
/// # Errors
/// There is no such user and the owner may make none; or the server does not answer.
pub(crate) async fn give(owner: &mut PgConnection, url: &SecretString) -> Result<(), KitError> {
    let options = connect_options(url.expose_secret())?;
    let user = options.get_username().to_owned();
    let myself: String = sqlx::query_scalar("SELECT current_user::text").fetch_one(&mut *owner).await?;
    if user == myself {
        return Err(KitError::NotOpened(format!(
            "OWNER_DATABASE_URL and DATABASE_URL both name user {user:?}: name in DATABASE_URL another one, who is to work \
             with the tables and not to own them, or leave OWNER_DATABASE_URL out"
        )));
    }
    make(owner, &user, url).await?;
    let mut tx = owner.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
    let role = quoted(&user);
    for statement in lacking(&mut tx, &user).await? {
        sqlx::raw_sql(AssertSqlSafe(statement.replace("{role}", &role))).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    know(owner, &options, &user, url).await
}

/// The user, where there is none.
async fn make(owner: &mut PgConnection, user: &str, url: &SecretString) -> Result<(), KitError> {
    let there = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)").bind(user);
    if there.fetch_one(&mut *owner).await? {
        return Ok(());
    }
    let role = quoted(user);
    let statement = format!("CREATE ROLE {role} LOGIN{}", password(url)?);
    match sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *owner).await {
        Ok(_) => Ok(()),
        // Somebody else made it in the same moment (PostgreSQL, appendix A).
        Err(sqlx::Error::Database(refusal)) if matches!(refusal.code().as_deref(), Some("42710" | "23505")) => Ok(()),
        Err(sqlx::Error::Database(refusal)) if refusal.code().as_deref() == Some("42501") => {
            Err(KitError::NotOpened(format!(
                "DATABASE_URL names user {user:?}, whom the server does not know and whom the owner of the tables may not \
                 make: have an administrator of the server run CREATE ROLE {role} LOGIN PASSWORD '…', with the password \
                 of DATABASE_URL"
            )))
        }
        Err(cause) => Err(cause.into()),
    }
}

/// The user's password becomes the one it comes with, where the server refuses that and the owner may change it.
async fn know(
    owner: &mut PgConnection,
    options: &PgConnectOptions,
    user: &str,
    url: &SecretString,
) -> Result<(), KitError> {
    let refused = match PgConnection::connect_with(options).await {
        Ok(connection) => return Ok(connection.close().await?),
        Err(refused) => refused,
    };
    let is_password = matches!(&refused, sqlx::Error::Database(why) if why.code().as_deref() == Some("28P01"));
    let (true, password) = (is_password, password(url)?) else { return Err(refused.into()) };
    let statement = format!("ALTER ROLE {}{password}", quoted(user));
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(owner).await.map_err(|_| refused)?;
    tracing::info!(user, "the user's password is now the one of DATABASE_URL");
    Ok(())
}

/// What is to be run so that the role may do what it needs, and nothing else. Nothing, mostly.
async fn lacking(owner: &mut PgConnection, user: &str) -> Result<Vec<String>, sqlx::Error> {
    let mut statements: Vec<String> = sqlx::query_scalar(ON_THE_DATABASE).bind(user).fetch_all(&mut *owner).await?;
    let standing: Vec<Standing> = sqlx::query_as(ON_TABLES).bind(user).fetch_all(owner).await?;
    for Standing { name, is_sequence, wanted, given } in standing {
        if BTreeSet::from_iter(&wanted) == BTreeSet::from_iter(&given) {
            continue;
        }
        let kind = if is_sequence { "SEQUENCE" } else { "TABLE" };
        statements.push(format!("REVOKE ALL ON {kind} {name} FROM {{role}}"));
        statements.push(format!("GRANT {} ON {kind} {name} TO {{role}}", wanted.join(", ")));
    }
    Ok(statements)
}

/// PostgreSQL lets everybody into every database of a server, and make temporary tables there.
const ON_THE_DATABASE: &str = "
    SELECT statement FROM (VALUES
        (has_database_privilege('public', current_database(), 'CONNECT'),
         format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database())),
        (NOT has_database_privilege($1, current_database(), 'CONNECT')
            OR has_database_privilege('public', current_database(), 'CONNECT'),
         format('GRANT CONNECT ON DATABASE %I TO {role}', current_database())),
        (has_schema_privilege('public', 'public', 'CREATE'), 'REVOKE CREATE ON SCHEMA public FROM PUBLIC'),
        (NOT has_schema_privilege($1, 'public', 'USAGE'), 'GRANT USAGE ON SCHEMA public TO {role}')
    ) AS needed (is_needed, statement) WHERE is_needed";

/// Rows are read, added, changed and deleted, and numbers taken or, after a restored backup, set. But what a trigger
/// refuses to everybody is not even given, and which migrations ran is only read. What is somebody else's is left alone.
/// In `tgtype`, 8 is DELETE and 16 is UPDATE.
const ON_TABLES: &str = r"
    SELECT of.oid::regclass::text AS name, of.relkind = 'S' AS is_sequence,
           CASE WHEN of.relkind = 'S' THEN ARRAY['SELECT', 'UPDATE', 'USAGE']
                WHEN of.relname LIKE '%migrations' THEN ARRAY['SELECT']
                ELSE ARRAY['SELECT', 'INSERT']
                    || CASE WHEN append_only.refused & 16 = 0 THEN ARRAY['UPDATE'] ELSE '{}' END
                    || CASE WHEN append_only.refused & 8 = 0 THEN ARRAY['DELETE'] ELSE '{}' END
           END AS wanted,
           ARRAY(SELECT given.privilege_type FROM aclexplode(of.relacl) AS given
                 WHERE given.grantee = (SELECT oid FROM pg_roles WHERE rolname = $1)) AS given
    FROM pg_class AS of,
         LATERAL (SELECT coalesce(bit_or(tgtype), 0) AS refused FROM pg_trigger
                  WHERE tgrelid = of.oid AND tgname LIKE '%\_append\_only') AS append_only
    WHERE of.relnamespace = 'public'::regnamespace AND of.relkind IN ('r', 'p', 'S')
        AND pg_has_role(of.relowner, 'USAGE')
    ORDER BY of.relname";

/// ` PASSWORD '…'` as the server keeps it: what is sent may end in its log. Nothing where none is given.
fn password(url: &SecretString) -> Result<String, KitError> {
    let unreadable = |_| KitError::NotOpened("DATABASE_URL is no URL of a PostgreSQL database".to_owned());
    let url = Url::parse(url.expose_secret()).map_err(unreadable)?;
    let plain = url.password().map(|text| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>());
    Ok(plain.map_or_else(String::new, |plain| format!(" PASSWORD '{}'", scram_sha_256(&plain))))
}

fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}
