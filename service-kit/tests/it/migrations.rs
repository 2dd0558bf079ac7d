//! Who brings the tables up to date, and on which a program starts: its own version's and those of a newer one.

use crate::support::{MIGRATIONS, database, migrations_and, settings};
use contracts::ServiceName;
use futures_util::future::join_all;
use service_kit::{Bus, Clock, Kit, Migrations, Settings};
use sqlx::migrate::Migrator;
use test_kit::TestDatabase;

async fn opened(database: &TestDatabase, own: &Migrator, migrations: Migrations) -> Result<Kit, String> {
    // Who works with the tables may not change them.
    let database_owner = (database.url() != database.work_url()).then(|| database.url().to_owned().into());
    let settings = Settings { migrations, database_owner, ..settings(database) };
    let opened = Kit::open(settings, own, Bus::Elsewhere, Clock::system()).await;
    opened.map_err(|cause| cause.to_string())
}

async fn refused(database: &TestDatabase, own: &Migrator, migrations: Migrations) -> String {
    opened(database, own, migrations).await.err().expect("it is refused")
}

async fn execute(database: &TestDatabase, statement: &'static str) {
    sqlx::query(statement).execute(database.pool()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_starts_on_what_a_newer_version_has_migrated_and_on_nothing_else_it_does_not_know() {
    let database = database().await;
    opened(&database, &migrations_and(9, "SELECT 1"), Migrations::On).await.unwrap();
    // The old version again, while the new one runs or in its place: twice, since nobody may be left holding the lock.
    for _ in 0..2 {
        for migrations in [Migrations::On, Migrations::Off] {
            opened(&database, &MIGRATIONS, migrations).await.unwrap();
        }
    }
    // It knows something newer and not this: another program's database.
    for migrations in [Migrations::On, Migrations::Off] {
        let why = refused(&database, &migrations_and(12, "SELECT 1"), migrations).await;
        assert!(
            why.starts_with("order-service's tables cannot be used: migration 9 of its own tables is unknown"),
            "{why}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn switched_off_it_changes_nothing_and_says_what_is_lacking() {
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    let database = TestDatabase::empty(ServiceName::Order).await;
    assert_eq!(
        refused(&database, &MIGRATIONS, Migrations::Off).await,
        "order-service's tables cannot be used: at version none (the kit's: none), and this program needs 1 (the kit's: \
         11): run `order-service migrate`"
    );
    assert_eq!(database.count(tables).await, 0);
    opened(&database, &MIGRATIONS, Migrations::On).await.unwrap();
    opened(&database, &MIGRATIONS, Migrations::Off).await.unwrap();
    // A newer program on them.
    let newer = migrations_and(9, "CREATE TABLE newer ()");
    let why = refused(&database, &newer, Migrations::Off).await;
    assert!(why.contains("at version 1 (the kit's: 11), and this program needs 9 (the kit's: 11)"), "{why}");
    assert_eq!(database.count("SELECT count(*) FROM pg_tables WHERE tablename = 'newer'").await, 0);
    opened(&database, &newer, Migrations::On).await.unwrap();
    opened(&database, &newer, Migrations::Off).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_failed_half_way_or_is_another_one_is_not_there() {
    for (damage, sentence) in [
        ("UPDATE _sqlx_migrations SET success = false", "migration 1 of its own tables failed half-way"),
        (
            "UPDATE _kit_migrations SET success = false WHERE version = 3",
            "migration 3 of the kit's tables failed half-way",
        ),
        ("UPDATE _sqlx_migrations SET checksum = 'another'", "migration 1 of its own tables is not the one"),
        ("DELETE FROM _kit_migrations WHERE version = 11", "(the kit's: 10), and this program needs 1 (the kit's: 11)"),
    ] {
        let database = database().await;
        execute(&database, damage).await;
        let why = refused(&database, &MIGRATIONS, Migrations::Off).await;
        assert!(why.contains(sentence), "{damage}: {why}");
        // What cannot be made good by migrating is refused by whoever migrates as well.
        if !damage.starts_with("DELETE") {
            assert_eq!(refused(&database, &MIGRATIONS, Migrations::On).await, why);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_that_start_at_once_on_an_empty_database_migrate_it_once_and_make_one_key() {
    let database = TestDatabase::empty(ServiceName::Order).await;
    // A second run of either would fail: the tables are there then.
    let slow = migrations_and(2, "CREATE TABLE slowly (); SELECT pg_sleep(0.3)");
    let kits = join_all((0..4).map(|_| opened(&database, &slow, Migrations::On))).await;
    let keys: Vec<_> = kits.into_iter().map(|kit| kit.unwrap().identity.jwks().keys.remove(0).kid).collect();
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_eq!(database.count("SELECT count(*) FROM signing_keys").await, 1);
    assert_eq!(database.count("SELECT count(*) FROM _sqlx_migrations").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_may_take_its_time_and_waits_for_no_lock_for_long() {
    let database = TestDatabase::empty(ServiceName::Order).await;
    let noting = migrations_and(
        2,
        "CREATE TABLE noted AS
         SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock",
    );
    opened(&database, &noting, Migrations::On).await.unwrap();
    let noted: (String, String) =
        sqlx::query_as("SELECT statement, lock FROM noted").fetch_one(database.pool()).await.unwrap();
    assert_eq!(noted, ("0".to_owned(), "3s".to_owned()));
    // Somebody reads a table for a long time: a migration that wants it gives up, and leaves nothing half done.
    let mut reading = database.pool().begin().await.unwrap();
    sqlx::query("SELECT * FROM effects").fetch_all(&mut *reading).await.unwrap();
    let changing = migrations_and(2, "CREATE TABLE begun (); ALTER TABLE effects ADD COLUMN later text");
    execute(&database, "DELETE FROM _sqlx_migrations WHERE version = 2").await;
    let why = refused(&database, &changing, Migrations::On).await;
    assert!(why.contains("by migration 2: DATABASE_URL: ") && why.contains("gave up waiting for a lock"), "{why}");
    assert_eq!(database.count("SELECT count(*) FROM pg_tables WHERE tablename = 'begun'").await, 0);
    reading.rollback().await.unwrap();
    opened(&database, &changing, Migrations::On).await.unwrap();
}
