//! Every set of filters in every order gives what it should, and none reads whole tables.

use super::{Filter, Place, Sort, list, statement};
use crate::{
    MIGRATIONS,
    domain::{Product, SearchText, Slug, Status},
    store::{catalogue, statement::Plan},
};
use contracts::{Currency, ServiceName};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, pool::PoolConnection, postgres::Postgres};
use test_kit::TestDatabase;
use uuid::Uuid;

const SORTS: [Sort; 5] = [Sort::Newest, Sort::Cheapest, Sort::Dearest, Sort::Name, Sort::Relevance];

/// `count` products of two words each in their names, of which one in twenty is a lamp, in 20 categories. As the service
/// makes them, apart from stems.
const MANY: &str = "
    INSERT INTO categories (slug, name) SELECT 'c-' || number, 'C' FROM generate_series(0, 19) AS number
    ON CONFLICT DO NOTHING;
    CREATE TEMP TABLE made AS
    SELECT number, (lpad(to_hex(1700000000000 + number), 12, '0') || '70008' || substr(md5(number::text), 1, 15))::uuid AS id,
        initcap(substr(md5((number % 977)::text), 1, 5)) || CASE number % 20 WHEN 7 THEN ' lamp ' ELSE ' thing ' END
            || number % 89 AS name
    FROM generate_series(1, $count) AS number;
    INSERT INTO products
        (id, name, name_key, description, category, status, version, created_at, updated_at, words)
    SELECT id, name, lower(name), '', 'c-' || number % 19, CASE number % 50 WHEN 3 THEN 'draft' ELSE 'active' END, 1,
        now(), now(), to_tsvector('simple', name || ' c ' || number % 19)
    FROM made;
    INSERT INTO variants (id, product_id, sku, is_default, announced_available)
    SELECT id, id, 'SKU-' || number, true, 3 FROM made;
    INSERT INTO prices (variant_id, currency, amount, is_default)
    SELECT id, CASE number % 10 WHEN 1 THEN 'USD' ELSE 'EUR' END, 100 + number * 7 % 1000, true FROM made;
    INSERT INTO stock (variant_id, on_hand) SELECT id, 3 FROM made;";

async fn fill(connection: &mut PgConnection, count: &str) {
    sqlx::raw_sql(AssertSqlSafe(MANY.replace("$count", count))).execute(connection).await.unwrap();
}

/// Every set of filters that a request can make.
fn filters(search: Option<&str>) -> Vec<Filter> {
    let mut filters = Vec::new();
    for status in [Status::Active, Status::Draft] {
        for category in [None, Some("c-3")] {
            for (currency, min_price, max_price) in [
                (None, None, None),
                (Some(Currency::EUR), None, None),
                (Some(Currency::EUR), Some(300), None),
                (Some(Currency::EUR), None, Some(800)),
                (Some(Currency::EUR), Some(300), Some(800)),
            ] {
                filters.push(Filter {
                    status,
                    category: category.map(|slug| Slug::parse(slug).unwrap()),
                    currency,
                    min_price,
                    max_price,
                    search: search.map(|text| SearchText::parse(text).unwrap()),
                });
            }
        }
    }
    filters
}

/// The orders that a request with this filter can ask for.
fn sorts(filter: &Filter) -> impl Iterator<Item = Sort> {
    let (priced, searched) = (filter.currency.is_some(), filter.search.is_some());
    SORTS.into_iter().filter(move |sort| match sort {
        Sort::Cheapest | Sort::Dearest => priced,
        Sort::Relevance => searched,
        Sort::Newest | Sort::Name => true,
    })
}

fn fits(filter: &Filter, product: &Product) -> bool {
    product.status == filter.status
        && filter.category.as_ref().is_none_or(|category| category.as_str() == product.category)
        && filter.currency.is_none_or(|currency| currency == product.price.currency)
        && filter.min_price.is_none_or(|least| product.price.amount >= least)
        && filter.max_price.is_none_or(|most| product.price.amount <= most)
        && (filter.search.is_none() || product.name.contains("lamp"))
}

#[tokio::test]
async fn every_set_of_filters_in_every_order_walks_what_fits_and_nothing_else() {
    let database = TestDatabase::new(ServiceName::Product, &MIGRATIONS).await;
    let mut connection = database.pool().acquire().await.unwrap();
    fill(&mut connection, "400").await;
    let ids: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM products").fetch_all(&mut *connection).await.unwrap();
    let all = catalogue::find(&mut connection, &ids).await.unwrap();
    let mut walked_in_all = 0;
    for filter in filters(None).into_iter().chain(filters(Some("LAMP"))) {
        for sort in sorts(&filter) {
            let mut expected: Vec<&Product> = all.iter().filter(|product| fits(&filter, product)).collect();
            expected.sort_by_key(|product| {
                let id = product.id.uuid();
                match sort {
                    Sort::Newest | Sort::Relevance => (String::new(), 0, u128::MAX - id.as_u128()),
                    Sort::Cheapest => (String::new(), product.price.amount, id.as_u128()),
                    Sort::Dearest => (String::new(), -product.price.amount, u128::MAX - id.as_u128()),
                    Sort::Name => (product.name.to_lowercase(), 0, id.as_u128()),
                }
            });
            let expected: Vec<Uuid> = expected.into_iter().map(|product| product.id.uuid()).collect();
            let mut walked = walk(&mut connection, &filter, sort).await;
            walked_in_all += walked.len();
            if sort == Sort::Relevance {
                // In what order is the rank's.
                walked.sort_by_key(|id| u128::MAX - id.as_u128());
            }
            assert_eq!(walked, expected, "{filter:?} {sort:?}");
        }
    }
    assert!(walked_in_all > 5_000, "{walked_in_all}");
}

async fn walk(connection: &mut PgConnection, filter: &Filter, sort: Sort) -> Vec<Uuid> {
    let (mut after, mut walked) = (sort.start(), Vec::new());
    loop {
        let found = list(connection, filter, &after, 7).await.unwrap();
        assert!(!found.more_hits);
        walked.extend(found.products.iter().map(|listed| listed.product.id.uuid()));
        let Some(last) = found.products.last() else { return walked };
        after = sort.place(last);
    }
}

/// Plans that were made while there was nothing and kept, and those made when PostgreSQL had counted: both are met in
/// production. What is planned for each call is as good as what PostgreSQL knows, a minute after the first products.
#[tokio::test]
async fn no_list_reads_whole_tables_whenever_its_plan_was_made() {
    let database = TestDatabase::new(ServiceName::Product, &MIGRATIONS).await;
    let mut connection: PoolConnection<Postgres> = database.pool().acquire().await.unwrap();
    let setting = "SET plan_cache_mode = force_generic_plan";
    sqlx::raw_sql(setting).execute(&mut *connection).await.unwrap();
    let mut prepared = Vec::new();
    for filter in filters(None).into_iter().chain(filters(Some("lamp"))).chain(filters(Some("thi"))) {
        for sort in sorts(&filter) {
            prepared.push(Prepared::new(&mut connection, prepared.len(), &filter, &sort.start()).await);
        }
    }
    let mut other = database.pool().acquire().await.unwrap();
    fill(&mut other, "20000").await;
    for prepared in prepared.iter().filter(|prepared| prepared.plan == Plan::Kept) {
        prepared.assert_modest(&mut connection, "planned for empty tables").await;
    }
    sqlx::raw_sql("ANALYZE").execute(&mut *other).await.unwrap();
    for prepared in &prepared {
        prepared.assert_modest(&mut connection, "planned with statistics").await;
    }
}

struct Prepared {
    what: String,
    plan: Plan,
    execute: String,
    /// Blocks it may touch.
    bound: u64,
}

impl Prepared {
    /// Plans it now where the service keeps the plan.
    async fn new(connection: &mut PgConnection, number: usize, filter: &Filter, after: &Place) -> Self {
        let (statement, plan) = statement(filter, after, 21).unwrap();
        let (text, values) = statement.taken_apart();
        let what = format!("{filter:?} {after:?}");
        // Of a search every hit is looked at, its price too: at most 2,000 of them. By price it is what one filter leaves:
        // a category of a thousand, or the prices up to the twenty-first of the few drafts.
        let bound = match (&filter.search, filter.currency) {
            (Some(_), _) => 25_000,
            (None, Some(_)) => 12_000,
            (None, None) => 1_500,
        };
        if plan == Plan::Fresh {
            let mut execute = text.to_owned();
            for (place, value) in values.iter().enumerate().rev() {
                execute = execute.replace(&format!("${}", place + 1), value);
            }
            return Self { what, plan, execute, bound };
        }
        run(connection, &format!("PREPARE statement_{number} AS {text}")).await;
        let execute = format!("EXECUTE statement_{number} ({})", values.join(", "));
        run(connection, &execute).await;
        Self { what, plan, execute, bound }
    }

    async fn assert_modest(&self, connection: &mut PgConnection, when: &str) {
        let explain = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {}", self.execute);
        let rows = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_one(connection).await.unwrap();
        let explained: Value = sqlx::Row::get(&rows, 0);
        let plan = &explained[0]["Plan"];
        let blocks = ["Shared Hit Blocks", "Shared Read Blocks"].map(|kind| plan[kind].as_u64().unwrap());
        let read: u64 = blocks.iter().sum();
        let told = || format!("{when}: {}\n{read} blocks\n{explained:#}", self.what);
        // A search by price may join its hits to all prices at once, where these are few.
        let joined = self.bound == 25_000;
        assert!(joined || !explained.to_string().contains("Seq Scan"), "{}", told());
        assert!(read <= self.bound, "{}", told());
    }
}

async fn run(connection: &mut PgConnection, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(connection).await.unwrap();
}
