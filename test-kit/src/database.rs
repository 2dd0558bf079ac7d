//! One database per test, cloned from a template that is migrated once per test program.

use contracts::ServiceName;
use service_kit::{Database, Env, Migrations};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, migrate::Migrator};
use std::{collections::HashMap, sync::LazyLock};
use tokio::sync::Mutex;
use url::Url;
use uuid::Uuid;

/// Templates made by this program.
static TEMPLATES: LazyLock<Mutex<HashMap<ServiceName, String>>> = LazyLock::new(Mutex::default);

/// A migrated, empty database. It stays until its server ends: `cargo xtask test` ends it.
pub struct TestDatabase {
    url: String,
    work_url: String,
    pool: PgPool,
}

impl TestDatabase {
    /// Needs `TEST_DATABASE_URL`: a server on which databases may be made (`cargo xtask test` gives one).
    pub async fn new(service: ServiceName, migrations: &'static Migrator) -> Self {
        let template = template(service, migrations).await;
        let name = format!("test_{}_{}", service.short(), Uuid::new_v4().simple());
        execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        Self::at(service, &url_of(&name))
    }

    /// One that nobody has migrated yet: who opens it first will own its tables.
    pub async fn empty(service: ServiceName) -> Self {
        let name = format!("test_{}_{}", service.short(), Uuid::new_v4().simple());
        execute(&format!("CREATE DATABASE {name}")).await;
        let url = url_of(&name);
        Self { work_url: url.clone(), ..Self::at(service, &url) }
    }

    /// One that is there.
    #[must_use]
    pub fn at(service: ServiceName, url: &str) -> Self {
        let pool = PgPool::connect_lazy(url).expect("a database URL");
        Self { url: url.to_owned(), work_url: working(service, url), pool }
    }

    /// As whom its tables belong to: a test may change them.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// For the service's settings: it owns nothing in it, as everywhere.
    #[must_use]
    pub fn work_url(&self) -> &str {
        &self.work_url
    }

    /// For what a test looks up or prepares itself.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The single number a query gives.
    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.pool).await.expect("a query that gives one number")
    }
}

async fn template(service: ServiceName, migrations: &'static Migrator) -> String {
    let mut templates = TEMPLATES.lock().await;
    if let Some(name) = templates.get(&service) {
        return name.clone();
    }
    let name = format!("template_{}_{}", service.short(), Uuid::new_v4().simple());
    execute(&format!("CREATE DATABASE {name}")).await;
    let owner = url_of(&name);
    let url = working(service, &owner).into();
    let opened = Database::open(service, &url, Some(&owner.into()), 1, migrations, Migrations::On).await;
    let database = opened.expect("the migrations run");
    // A template must have no connection left.
    database.close().await;
    templates.insert(service, name.clone());
    name
}

async fn execute(statement: &str) {
    let mut connection = PgConnection::connect(&server()).await.expect("TEST_DATABASE_URL can be connected to");
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.expect("a database is made");
    connection.close().await.expect("the connection closes");
}

fn server() -> String {
    let hint = "TEST_DATABASE_URL is not set: run the tests with `cargo xtask test`, or give a PostgreSQL server";
    Env::process().text("TEST_DATABASE_URL").ok().flatten().expect(hint)
}

/// The same database as whom the service works.
fn working(service: ServiceName, url: &str) -> String {
    let mut url = Url::parse(url).expect("a database URL");
    url.set_username(service.database_user()).expect("a URL with a host");
    url.into()
}

fn url_of(database: &str) -> String {
    let mut url = Url::parse(&server()).expect("TEST_DATABASE_URL is a URL");
    url.set_path(&format!("/{database}"));
    url.into()
}
