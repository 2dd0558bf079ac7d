//! What a job's look goes over.

use crate::{Database, Migrations};
use contracts::ServiceName;
use sqlx::{PgConnection, migrate::Migrator};
use test_kit::TestDatabase;

static NONE: Migrator = Migrator::DEFAULT;

/// The session that a look has.
async fn session(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(connection).await
}

#[tokio::test]
async fn looks_share_a_session_of_their_own_and_a_lost_one_is_made_anew() {
    let rows = TestDatabase::new(ServiceName::Order, &NONE).await;
    let url = rows.url().to_owned().into();
    let database = Database::open(ServiceName::Order, &url, None, 1, &NONE, Migrations::On).await.unwrap();
    // All of the pool is in use: a look waits for none of it.
    let _all = database.acquire().await.unwrap();
    let glance = async || database.glance(|connection| Box::pin(session(connection))).await;
    let (one, other) = tokio::join!(glance(), glance());
    let first = one.unwrap();
    assert_eq!(first, other.unwrap());
    sqlx::query("SELECT pg_terminate_backend($1, 10000)").bind(first).execute(rows.pool()).await.unwrap();
    glance().await.unwrap_err();
    assert_ne!(glance().await.unwrap(), first);
}
