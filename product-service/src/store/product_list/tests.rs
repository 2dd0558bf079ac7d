//! Every set of filters in every order gives what it should, and none reads whole tables.

use super::{
    Filter, Place, Sort, list,
    search::{self, Way},
    walk as plain,
};
use crate::{
    MIGRATIONS,
    domain::{Product, SearchText, Slug, Status, Wanted},
    store::{catalogue, statement::Plan},
};
use contracts::{Currency, ServiceName};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, pool::PoolConnection, postgres::Postgres};
use test_kit::TestDatabase;
use uuid::Uuid;

const SORTS: [Sort; 5] = [Sort::Newest, Sort::Cheapest, Sort::Dearest, Sort::Name, Sort::Relevance];

/// `count` products of two words each in their names, of which one in twenty is a lamp, in 20 categories. As the service
/// makes them, apart from stems, and from numbers that leave room: `era` products of them are one.
const MANY: &str = "
    INSERT INTO categories (slug, name) SELECT 'c-' || number, 'C' FROM generate_series(0, 19) AS number
    ON CONFLICT DO NOTHING;
    CREATE TEMP TABLE made AS
    SELECT number, (lpad(to_hex(1700000000000 + number), 12, '0') || '70008' || substr(md5(number::text), 1, 15))::uuid AS id,
        initcap(substr(md5((number % 977)::text), 1, 5)) || CASE number % 20 WHEN 7 THEN ' lamp ' ELSE ' thing ' END
            || number % 89 AS name
    FROM generate_series(1, $count) AS number;
    INSERT INTO products
        (id, name, name_key, description, category, status, version, created_at, updated_at, words, number)
    SELECT id, name, lower(name), '', 'c-' || number % 19, CASE number % 50 WHEN 3 THEN 'draft' ELSE 'active' END, 1,
        now(), now(), to_tsvector('simple', name || ' c ' || number % 19), number * 4096 / $era
    FROM made;
    SELECT setval('products_numbers', $count * 4096 / $era);
    INSERT INTO variants (id, product_id, sku, is_default, announced_available)
    SELECT id, id, 'SKU-' || number, true, 3 FROM made;
    INSERT INTO prices (variant_id, currency, amount, is_default)
    SELECT id, CASE number % 10 WHEN 1 THEN 'USD' ELSE 'EUR' END, 100 + number * 7 % 1000, true FROM made;
    INSERT INTO stock (variant_id, on_hand) SELECT id, 3 FROM made;";

async fn fill(connection: &mut PgConnection, count: u64, era: u64) {
    let many = MANY.replace("$count", &count.to_string()).replace("$era", &era.to_string());
    sqlx::raw_sql(AssertSqlSafe(many)).execute(connection).await.unwrap();
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
        && filter.search.as_ref().is_none_or(|text| product.name.contains(&text.as_str().to_lowercase()))
}

#[tokio::test]
async fn every_set_of_filters_in_every_order_walks_what_fits_and_nothing_else() {
    let database = TestDatabase::new(ServiceName::Product, &MIGRATIONS).await;
    let mut connection = database.pool().acquire().await.unwrap();
    fill(&mut connection, 400, 30).await;
    let ids: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM products").fetch_all(&mut *connection).await.unwrap();
    let all = catalogue::find(&mut connection, &ids).await.unwrap();
    let mut walked_in_all = 0;
    for filter in filters(None).into_iter().chain(filters(Some("LAMP"))).chain(filters(Some("Thing"))) {
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

/// 3,600 products, of which some are from before there were numbers and two in a hundred have no words yet. Which era
/// is newer and which id is higher are two things, as where two instances make products at once.
const OF_ALL_KINDS: &str = "
    CREATE FUNCTION pick(number bigint, salt text, words text[]) RETURNS text LANGUAGE sql AS
        $$ SELECT words[1 + abs(hashtext(number || salt)) % array_length(words, 1)] $$;
    WITH named AS (
        SELECT products.id, made.number,
            pick(made.number, 'a', '{iron,irons,Émail,steel}') || ' ' || pick(made.number, 'b', '{pan,pans,lamp,lamps,la}')
                || ' ' || pick(made.number, 'c', '{with,and,for}') || ' ' || pick(made.number, 'd', '{lid,lids,desk,pan}') AS name,
            pick(made.number, 'e', '{active,active,active,active,active,active,active,active,draft,archived}') AS status
        FROM products JOIN made USING (id)
    )
    UPDATE products SET name = named.name, status = named.status, search = DEFAULT,
        number = (named.number + hashtext(named.number::text) % 40) * 4096 / $era - 4096 * 5,
        words = CASE WHEN named.number % 50 = 7 THEN NULL ELSE to_tsvector('simple', translate(lower(named.name), 'é', 'e'))
            || to_tsvector('english', translate(lower(named.name), 'é', 'e')) END
    FROM named WHERE named.id = products.id;
    SELECT setval('products_numbers_before', -4096 * 60);
    SELECT setval('products_numbers', 4000 * 4096 / $era);";

/// What a search finds, by reading everything.
const FOUND: &str = "
    SELECT id, count(*) OVER () > 2000 AS more FROM products, (SELECT $1::tsquery || websearch_to_tsquery('english', $2) AS query,
        websearch_to_tsquery('english', $2) AS stems) AS wanted
    WHERE status = $3 AND CASE WHEN words IS NULL THEN search @@ stems ELSE words @@ query END
    ORDER BY number >> 12 DESC, id DESC LIMIT 2000";

#[tokio::test]
async fn a_search_through_eras_finds_what_reading_everything_finds() {
    let database = TestDatabase::new(ServiceName::Product, &MIGRATIONS).await;
    let mut connection = database.pool().acquire().await.unwrap();
    fill(&mut connection, 3_600, 1).await;
    let (mut found_in_all, mut limited) = (0, 0);
    for era in [1_u64, 97, 1300, 10_000] {
        let script =
            OF_ALL_KINDS.replace("$era", &era.to_string()).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION");
        sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut *connection).await.unwrap();
        for (nth, text) in texts().enumerate() {
            let status = if nth % 4 == 3 { Status::Archived } else { Status::Active };
            let wanted = Wanted::parse(&text).unwrap();
            let query = sqlx::query_as(FOUND).bind(wanted.plain).bind(wanted.folded).bind(status.as_str());
            let mut expected: Vec<(Uuid, bool)> = query.fetch_all(&mut *connection).await.unwrap();
            expected.sort_by_key(|(id, _)| u128::MAX - id.as_u128());
            let search = Some(SearchText::parse(&text).unwrap());
            let filter = Filter { status, category: None, currency: None, min_price: None, max_price: None, search };
            let walked = pages(&mut connection, &filter).await;
            assert_eq!(walked, expected, "{text} in eras of {era}");
            found_in_all += walked.len();
            limited += usize::from(walked.first().is_some_and(|(_, more)| *more));
        }
    }
    assert!(found_in_all > 20_000 && limited > 3, "{found_in_all}, {limited} of them limited");
}

/// Words, beginnings, phrases, either and without, put together in many ways.
fn texts() -> impl Iterator<Item = String> {
    let parts = [
        "iron",
        "pa",
        "la",
        "\"iron pan\"",
        "\"pans with lid\"",
        "-desk",
        "-\"lamp and desk\"",
        "lids",
        "email",
        "or",
        "with",
    ];
    let alone = parts.into_iter().filter(|part| *part != "or").map(str::to_owned);
    let pairs = (0..16).map(move |nth| {
        let [one, other, third] = [nth * 7, nth * 3 + 1, nth * 5 + 2].map(|place| parts[place % parts.len()]);
        if nth % 2 == 0 { format!("{one} {other}") } else { format!("{one} {other} {third}") }
    });
    alone.chain(pairs).filter(|text| Wanted::parse(text).is_some())
}

/// All that a search lists, each with whether there is more.
async fn pages(connection: &mut PgConnection, filter: &Filter) -> Vec<(Uuid, bool)> {
    let (mut after, mut all) = (Sort::Newest.start(), Vec::new());
    loop {
        let found = list(connection, filter, &after, 100).await.unwrap();
        all.extend(found.products.iter().map(|listed| (listed.product.id.uuid(), found.more_hits)));
        let Some(last) = found.products.last() else { return all };
        after = Sort::Newest.place(last);
    }
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
    fill(&mut other, 20_000, ERA).await;
    for prepared in prepared.iter().filter(|prepared| prepared.plan == Plan::Kept) {
        prepared.assert_modest(&mut connection, "planned for empty tables").await;
    }
    sqlx::raw_sql("ANALYZE").execute(&mut *other).await.unwrap();
    for prepared in &prepared {
        prepared.assert_modest(&mut connection, "planned with statistics").await;
    }
}

/// So many products are an era where plans are looked at.
const ERA: u64 = 500;

#[tokio::test]
async fn hits_are_looked_for_by_price_where_fewer_have_the_price_than_the_words() {
    let database = TestDatabase::new(ServiceName::Product, &MIGRATIONS).await;
    let mut connection = database.pool().acquire().await.unwrap();
    fill(&mut connection, 20_000, 4096).await;
    sqlx::raw_sql("ANALYZE").execute(&mut *connection).await.unwrap();
    for (text, prices, expected) in [
        ("thing", Some((300, 310)), Way::Prices),
        ("thing", Some((300, 800)), Way::Eras),
        ("lamp", Some((300, 800)), Way::Eras),
        ("lamp", Some((300, 310)), Way::Prices),
        ("nonesuch", Some((300, 310)), Way::Eras),
        ("thing", None, Way::Eras),
    ] {
        let wanted = Wanted::parse(text).unwrap();
        let filter = Filter {
            status: Status::Active,
            category: None,
            currency: prices.map(|_| Currency::EUR),
            min_price: prices.map(|(least, _)| least),
            max_price: prices.map(|(_, most)| most),
            search: Some(SearchText::parse(text).unwrap()),
        };
        let way = Way::choose(&mut connection, &filter, &wanted).await.unwrap();
        assert_eq!(way, expected, "{text} {prices:?}");
    }
}

struct Prepared {
    what: String,
    plan: Plan,
    is_search: bool,
    execute: String,
    /// Blocks it may touch.
    blocks: u64,
    /// Products it may find by their words, of which there are 20,000.
    hits: u64,
}

impl Prepared {
    /// Plans it now where the service keeps the plan.
    async fn new(connection: &mut PgConnection, number: usize, filter: &Filter, after: &Place) -> Self {
        let (statement, plan) = match &filter.search {
            None => plain(filter, after, 21),
            Some(text) => {
                let wanted = Wanted::parse(text.as_str()).unwrap();
                (search::statement(filter, wanted, Way::Eras, after, 21), Plan::Fresh)
            }
        };
        let (text, values) = statement.taken_apart();
        let what = format!("{filter:?} {after:?}");
        let is_search = filter.search.is_some();
        // By price it is what one filter leaves: a category of a thousand, or the prices up to the twenty-first of the few
        // drafts. Of a search the prices of its hits are looked at: 2,001 of them fit, and every second does not.
        let blocks = match (&filter.search, filter.currency) {
            (Some(_), Some(_)) => 30_000,
            (Some(_), None) => 2_500,
            (None, Some(_)) => 12_000,
            (None, None) => 1_500,
        };
        let hits = if filter.currency.is_some() { 5_000 + ERA } else { 2_001 + ERA };
        if plan == Plan::Fresh {
            let mut execute = text.to_owned();
            for (place, value) in values.iter().enumerate().rev() {
                execute = execute.replace(&format!("${}", place + 1), value);
            }
            return Self { what, plan, is_search, execute, blocks, hits };
        }
        run(connection, &format!("PREPARE statement_{number} AS {text}")).await;
        let execute = format!("EXECUTE statement_{number} ({})", values.join(", "));
        run(connection, &execute).await;
        Self { what, plan, is_search, execute, blocks, hits }
    }

    async fn assert_modest(&self, connection: &mut PgConnection, when: &str) {
        let explain = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {}", self.execute);
        let rows = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_one(connection).await.unwrap();
        let explained: Value = sqlx::Row::get(&rows, 0);
        let plan = &explained[0]["Plan"];
        let blocks = ["Shared Hit Blocks", "Shared Read Blocks"].map(|kind| plan[kind].as_u64().unwrap());
        let read: u64 = blocks.iter().sum();
        let hits = found_by_words(plan);
        let told = || format!("{when}: {}\n{read} blocks, {hits} hits\n{explained:#}", self.what);
        assert!(!explained.to_string().contains("Seq Scan"), "{}", told());
        assert!(read <= self.blocks, "{}", told());
        assert!(hits <= self.hits, "{}", told());
        assert!(!self.is_search || explained.to_string().contains("products_words"), "{}", told());
    }
}

/// How many products the index of words gave.
fn found_by_words(plan: &Value) -> u64 {
    let below: u64 = plan["Plans"].as_array().into_iter().flatten().map(found_by_words).sum();
    if plan["Index Name"] != "products_words" {
        return below;
    }
    let [rows, times] = ["Actual Rows", "Actual Loops"].map(|figure| plan[figure].as_u64().unwrap());
    // Told rounded.
    below + rows * times
}

async fn run(connection: &mut PgConnection, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(connection).await.unwrap();
}
