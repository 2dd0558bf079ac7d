//! A service owns nothing in its database: it reads and changes rows, and what is never to change it cannot change.

use crate::support::{MIGRATIONS, database, settings};
use contracts::ServiceName;
use service_kit::{Bus, Clock, Database, Kit, KitError, Migrations};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use test_kit::TestDatabase;
use url::Url;
use uuid::Uuid;

/// The code PostgreSQL refuses a statement with (appendix A).
async fn refused(connection: &mut PgConnection, statement: &str) -> String {
    let refused = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(connection).await;
    let refused = refused.err().unwrap_or_else(|| panic!("{statement} was not refused"));
    refused.as_database_error().and_then(|why| why.code().map(String::from)).unwrap_or_else(|| refused.to_string())
}

/// The database by a user of this test alone.
fn by(database: &TestDatabase, user: &str, password: Option<&str>) -> String {
    let mut url = Url::parse(database.url()).unwrap();
    url.set_username(user).unwrap();
    url.set_password(password).unwrap();
    url.into()
}

fn somebody() -> String {
    format!("somebody_{}", Uuid::new_v4().simple())
}

async fn open(url: &str, owner: &str) -> Result<Database, KitError> {
    let owner = owner.to_owned().into();
    Database::open(ServiceName::Order, &url.to_owned().into(), Some(&owner), 2, &MIGRATIONS, Migrations::On).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_makes_alters_and_empties_no_table() {
    let database = database().await;
    let mut service = PgConnection::connect(database.work_url()).await.unwrap();
    sqlx::query("SELECT count(*) FROM event_log").execute(&mut service).await.unwrap();
    for statement in [
        "CREATE TABLE other (id int)",
        "ALTER TABLE outbox ADD COLUMN other int",
        "ALTER TABLE event_log DISABLE TRIGGER ALL",
        "DROP TRIGGER event_log_append_only ON event_log",
        "DROP TABLE outbox",
        "TRUNCATE outbox",
        "UPDATE event_log SET envelope = '{}'",
        "UPDATE audit_entries SET action = 'none'",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_links",
        "DELETE FROM _kit_migrations",
        "CREATE ROLE other",
        "CREATE SCHEMA other",
    ] {
        assert_eq!(refused(&mut service, statement).await, "42501", "{statement}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_service_of_a_database_does_not_even_come_in() {
    let database = TestDatabase::empty(ServiceName::Order).await;
    let (order, product) = (by(&database, &somebody(), None), by(&database, &somebody(), None));
    open(&order, database.url()).await.unwrap().close().await;
    let mut owner = PgConnection::connect(database.url()).await.unwrap();
    let user = Url::parse(&product).unwrap().username().to_owned();
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE ROLE {user} LOGIN"))).execute(&mut owner).await.unwrap();
    let refused = PgConnection::connect(&product).await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().code().as_deref(), Some("42501"), "{refused}");
    let mut service = PgConnection::connect(&order).await.unwrap();
    let temporary = sqlx::raw_sql("CREATE TEMPORARY TABLE other (id int)").execute(&mut service).await.unwrap_err();
    assert_eq!(temporary.as_database_error().unwrap().code().as_deref(), Some("42501"), "{temporary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_too_many_is_taken_back_and_one_that_is_lacking_is_given() {
    let database = TestDatabase::empty(ServiceName::Order).await;
    let user = somebody();
    let url = by(&database, &user, None);
    open(&url, database.url()).await.unwrap().close().await;
    let mut owner = PgConnection::connect(database.url()).await.unwrap();
    let changed =
        format!("GRANT ALL ON event_log TO {user}; REVOKE ALL ON outbox FROM {user}; CREATE TABLE later (id serial);");
    sqlx::raw_sql(AssertSqlSafe(changed)).execute(&mut owner).await.unwrap();
    let mut service = PgConnection::connect(&url).await.unwrap();
    assert_eq!(refused(&mut service, "SELECT * FROM outbox").await, "42501");
    assert_eq!(refused(&mut service, "INSERT INTO later DEFAULT VALUES").await, "42501");
    open(&url, database.url()).await.unwrap().close().await;
    sqlx::raw_sql("SELECT * FROM outbox; INSERT INTO later DEFAULT VALUES").execute(&mut service).await.unwrap();
    assert_eq!(refused(&mut service, "TRUNCATE event_log").await, "42501");
    // Where nothing is lacking, nothing is written.
    let written = "SELECT max(xmin::text::bigint) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    let before = database.count(written).await;
    open(&url, database.url()).await.unwrap().close().await;
    assert_eq!(database.count(written).await, before);
}

/// Somebody keeps a table of their own beside ours, whom the owner of ours has no say over.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_somebody_elses_in_the_same_database_is_left_alone() {
    let database = TestDatabase::empty(ServiceName::Order).await;
    let (modest, user, name) = (somebody(), somebody(), database.url().rsplit_once('/').unwrap().1);
    let made = format!(
        "CREATE ROLE {modest} LOGIN; CREATE ROLE {user} LOGIN; ALTER DATABASE {name} OWNER TO {modest};
         CREATE TABLE theirs (id serial)"
    );
    let mut server = PgConnection::connect(database.url()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(made)).execute(&mut server).await.unwrap();
    let (url, owner) = (by(&database, &user, None), by(&database, &modest, None));
    open(&url, &owner).await.unwrap().close().await;
    let mut service = PgConnection::connect(&url).await.unwrap();
    assert_eq!(refused(&mut service, "SELECT * FROM theirs").await, "42501");
    // One of ours that was taken away is told before anything is begun.
    let taken = format!("REVOKE ALL ON outbox FROM {user}");
    sqlx::raw_sql(AssertSqlSafe(taken)).execute(&mut server).await.unwrap();
    let url = url.into();
    let waits = Database::open(ServiceName::Order, &url, None, 2, &MIGRATIONS, Migrations::Off).await;
    let waits = waits.expect_err("refused").to_string();
    assert!(waits.contains("has no right to table outbox: have its owner run `migrate`"), "{waits}");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_that_start_at_once_all_get_on() {
    let database = TestDatabase::empty(ServiceName::Order).await;
    let url = by(&database, &somebody(), None);
    let opened = futures_util::future::join_all((0..8).map(|_| open(&url, database.url()))).await;
    for opened in opened {
        opened.unwrap().close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_is_kept_as_nobody_can_read_it() {
    let database = TestDatabase::empty(ServiceName::Order).await;
    let user = somebody();
    open(&by(&database, &user, Some("s%C3%A9cret'")), database.url()).await.unwrap().close().await;
    let mut owner = PgConnection::connect(database.url()).await.unwrap();
    let kept: String = sqlx::query_scalar("SELECT rolpassword FROM pg_authid WHERE rolname = $1")
        .bind(&user)
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert!(kept.starts_with("SCRAM-SHA-256$4096:"), "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gets_it_wrong_is_told_what_to_do() {
    let database = TestDatabase::empty(ServiceName::Order).await;
    let said = |opened: Result<Database, KitError>| opened.expect_err("refused").to_string();
    let same = said(open(database.url(), database.url()).await);
    assert!(same.contains("both name user") && same.contains("leave OWNER_DATABASE_URL out"), "{same}");

    // An owner of the database who may make nobody.
    let database = TestDatabase::empty(ServiceName::Order).await;
    let (modest, unknown) = (somebody(), somebody());
    let mut server = PgConnection::connect(database.url()).await.unwrap();
    let name = database.url().rsplit_once('/').unwrap().1;
    let made = format!("CREATE ROLE {modest} LOGIN; ALTER DATABASE {name} OWNER TO {modest};");
    sqlx::raw_sql(AssertSqlSafe(made)).execute(&mut server).await.unwrap();
    let modest = by(&database, &modest, None);
    let lacking = said(open(&by(&database, &unknown, None), &modest).await);
    assert!(lacking.contains(&format!("CREATE ROLE \"{unknown}\" LOGIN PASSWORD")), "{lacking}");
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE ROLE {unknown} LOGIN"))).execute(&mut server).await.unwrap();
    open(&by(&database, &unknown, None), &modest).await.unwrap().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_works_with_the_tables_cannot_migrate_them() {
    let database = database().await;
    let newest = "DELETE FROM _kit_migrations WHERE version = (SELECT max(version) FROM _kit_migrations)";
    sqlx::raw_sql(newest).execute(database.pool()).await.unwrap();
    let refused = Kit::open(settings(&database), &MIGRATIONS, Bus::Elsewhere, Clock::system()).await;
    let refused = refused.err().expect("refused").to_string();
    assert!(refused.contains("DATABASE_URL") && refused.contains("by OWNER_DATABASE_URL, which gives"), "{refused}");
}
