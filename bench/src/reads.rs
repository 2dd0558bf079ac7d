//! What shoppers and staff ask for, over catalogues and order books of some size; memory, start and sizes.

use crate::{
    copies::{self, Template},
    hammer::{Crowd, Hammered, hammer},
    limits::handler::Bare,
    load::Desk,
    options::Options,
    platform::Platform,
    readings::processes::{self, proportional_memory},
    result::{Memory, Read},
    wire,
};
use anyhow::{Context, ensure};
use chaos::accounts::Shop;
use contracts::ServiceName;
use http::Method;
use operate::terminal::say;
use serde_json::json;
use service_kit::Clock;
use sqlx::PgPool;
use std::{
    collections::BTreeMap,
    fs,
    sync::Arc,
    time::{Duration, Instant},
};
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

/// What is measured beside a bare handler is so in turns, a second each.
const TURN: Duration = Duration::from_secs(1);
const TURNS: usize = 5;
const CLIENTS: &[usize] = &[1, 32];
/// People the copied orders are of.
const CUSTOMERS: i64 = 100_000;
/// Rows of one statement.
const STEP: i64 = 50_000;
/// Words of the template, which no other product has: one in 50,000 products has the rare one, one in 200 the middling,
/// one in ten the common.
const RARE: &str = "qqrare";
const MIDDLING: &str = "qqmiddling";
const COMMON: &str = "qqcommon";
const SKU: &str = "QQSKU";

/// One kind of question.
pub(crate) struct Question<'q> {
    pub(crate) service: ServiceName,
    pub(crate) what: &'q str,
    /// Rows it looks among.
    pub(crate) among: i64,
    pub(crate) paths: Vec<String>,
    pub(crate) token: &'q str,
    /// Asked in turns with a handler that answers as many bytes.
    pub(crate) beside_bare: bool,
}

/// # Errors
/// Seeding fails, or an answer is none of success.
pub(crate) async fn measure(platform: &Platform, desk: &Arc<Desk>, options: &Options) -> anyhow::Result<Vec<Read>> {
    let mut reads = Vec::new();
    let template = product_template(platform, desk).await?;
    let (customer, staff) = (&desk.market().tokens[0], &desk.market().staff);
    let mut there = 0;
    for size in options.catalogues.iter().copied() {
        say(format!("{size} products …"));
        products(platform, &template, there, size).await?;
        there = size;
        for question in catalogue(platform, size, staff).await? {
            reads.extend(asked(platform, &question).await?);
        }
    }
    let past = options.past_orders;
    if past == 0 {
        return Ok(reads);
    }
    say(format!("{past} orders …"));
    orders(platform, past).await?;
    let now = Clock::system().now();
    let begin = (now - time::Duration::minutes(10)).format(&Rfc3339)?;
    let ten_minutes = format!("/orders?status=paid,fulfilled&from={begin}");
    for (what, path, token) in [
        ("a customer's orders", "/orders", customer),
        ("everybody's orders", "/orders", staff),
        ("everybody's paid orders", "/orders?status=paid", staff),
        ("everybody's unpaid orders", "/orders?status=pending", staff),
        ("an order by its number", "/orders?number=-500", staff),
        ("orders of a product", "/orders?sku=BENCH-000", staff),
        ("orders of a product nobody has", "/orders?sku=QQSKU", staff),
        ("paid and sent orders of ten minutes", &ten_minutes, staff),
    ] {
        let (service, paths) = (ServiceName::Order, vec![path.to_owned()]);
        let question = Question { service, what, among: past, paths, token, beside_bare: false };
        reads.extend(asked(platform, &question).await?);
    }
    Ok(reads)
}

/// By one client and by many.
///
/// # Errors
/// An answer is none of success.
pub(crate) async fn asked(platform: &Platform, question: &Question<'_>) -> anyhow::Result<Vec<Read>> {
    let Question { service, what, among, ref paths, token, beside_bare } = *question;
    let requests = Arc::new(paths.iter().map(|path| wire::request("GET", path, token, "", "")).collect::<Vec<_>>());
    let address = platform.address(service)?;
    let crowd = |clients| Crowd { address, requests: requests.clone(), clients, every: None };
    let warm = hammer(&crowd(4), TURN / 2).await.with_context(|| what.to_owned())?;
    let bare = if beside_bare { Some(Bare::start(warm.bytes).await?) } else { None };
    let mut reads = Vec::new();
    for clients in CLIENTS.iter().copied() {
        let crowd = crowd(clients);
        let used = || -> anyhow::Result<f64> { Ok(processes::of(platform)?.0.values().map(|part| part.ms).sum()) };
        let (mut ours, mut theirs, mut ms) = (None, None, 0.0);
        for _ in 0..TURNS {
            let before = used()?;
            let done = hammer(&crowd, TURN).await.with_context(|| what.to_owned())?;
            ms += used()? - before;
            ours = Some(with(ours, done)?);
            if let Some(bare) = &bare {
                let crowd = Crowd { address: bare.address, ..crowd.clone() };
                theirs = Some(with(theirs, hammer(&crowd, TURN).await?)?);
            }
        }
        let done = ours.context("no turns")?;
        let read = Read {
            what: what.to_owned(),
            among: among.unsigned_abs(),
            clients,
            per_second: done.per_second(),
            latency: done.latencies.percentiles(),
            ms: ms / done.count(),
            bytes: done.bytes,
            bare_per_second: theirs.map(|theirs| theirs.per_second()),
        };
        say(format!(
            "  {what}, {clients} clients: {:.0} a second, {:.3} ms each{}",
            read.per_second,
            read.ms,
            read.of_bare()
        ));
        reads.push(read);
    }
    Ok(reads)
}

fn with(before: Option<Hammered>, done: Hammered) -> anyhow::Result<Hammered> {
    match before {
        Some(before) => done.and(&before),
        None => Ok(done),
    }
}

/// Whose copies fill the catalogue: its own id, its variant's, its words.
async fn product_template(platform: &Platform, desk: &Desk) -> anyhow::Result<(Uuid, Uuid)> {
    let shop = Shop::of(&platform.stack)?;
    let body = json!({
        "sku": SKU, "name": format!("{RARE} {MIDDLING} mug"), "category": "fault-run",
        "description": format!("A mug of {COMMON} clay, fired twice and glazed by hand."),
        "price": {"amount": 1999, "currency": "EUR"}, "status": "active", "stock": 1000,
    });
    let staff = &desk.market().staff;
    let answer = shop.ask(ServiceName::Product, Method::POST, "/products", staff, None, Some(&body)).await?;
    ensure!(answer.status.is_success(), "a product was answered {answer:?}");
    let query = "SELECT product_id, id FROM variants WHERE sku = $1";
    Ok(sqlx::query_as(query).bind(SKU).fetch_one(platform.watch(ServiceName::Product)).await?)
}

async fn products(platform: &Platform, template: &(Uuid, Uuid), from: i64, to: i64) -> anyhow::Result<()> {
    let pool = platform.watch(ServiceName::Product);
    let (product, variant) = template;
    let words = [
        (product.to_string(), copies::id(1, "nth")),
        (variant.to_string(), copies::id(2, "nth")),
        (RARE.to_owned(), "('rare' || nth % 50000)".to_owned()),
        (MIDDLING.to_owned(), "('middling' || nth % 200)".to_owned()),
        (COMMON.to_owned(), "('common' || nth % 10)".to_owned()),
        (SKU.to_owned(), "('SEED-' || nth)".to_owned()),
        (SKU.to_lowercase(), "('seed-' || nth)".to_owned()),
    ];
    for begin in (from..to).step_by(usize::try_from(STEP)?) {
        let end = (begin + STEP).min(to) - 1;
        for (table, rows, set) in [
            // The search goes by these numbers: each has its own.
            (
                "products",
                format!("original.id = '{product}'"),
                "jsonb_build_object('number', nextval('products_numbers'))",
            ),
            ("variants", format!("original.id = '{variant}'"), "'{}'::jsonb"),
            ("prices", format!("original.variant_id = '{variant}'"), "'{}'::jsonb"),
            ("stock", format!("original.variant_id = '{variant}'"), "'{}'::jsonb"),
        ] {
            copies::make(pool, &Template { table, rows, words: &words, set }, begin, end).await?;
        }
    }
    analyse(pool).await
}

/// What is kept for a moment is asked as a shopper; staff are answered by the database each time, with the same.
async fn catalogue<'q>(platform: &Platform, size: i64, staff: &'q str) -> anyhow::Result<Vec<Question<'q>>> {
    let query = "SELECT id FROM products ORDER BY id LIMIT 1000";
    let ids: Vec<Uuid> = sqlx::query_scalar(query).fetch_all(platform.watch(ServiceName::Product)).await?;
    let search = |word: &str, of: i64| -> Vec<String> {
        (0..of.min(size)).take(200).map(|n| format!("/products?q={word}{n}")).collect()
    };
    let (rare, middling, common) = (search("rare", 50_000), search("middling", 200), search("common", 10));
    let thirds = (0..rare.len() * 3).map(|turn| {
        let of = [&rare, &middling, &common][turn % 3];
        of[turn / 3 % of.len()].clone()
    });
    let one = |path: &str| vec![path.to_owned()];
    let ids = ids.iter().map(|id| format!("/products/{id}")).collect();
    let thirds = thirds.collect();
    let question = |(what, paths, token, beside_bare)| Question {
        service: ServiceName::Product,
        what,
        among: size,
        paths,
        token,
        beside_bare,
    };
    Ok([
        ("product list", one("/products?limit=20"), "", true),
        ("product list, not kept", one("/products?limit=20"), staff, false),
        ("product list by price, not kept", one("/products?limit=20&sort=price"), staff, false),
        ("product by id", ids, "", true),
        ("categories", one("/categories"), "", false),
        ("search, rare word", rare, staff, false),
        ("search, middling word", middling, staff, false),
        ("search, word of a tenth", common, staff, false),
        ("search, a third of each", thirds, staff, false),
    ]
    .map(question)
    .into())
}

async fn orders(platform: &Platform, orders: i64) -> anyhow::Result<()> {
    let pool = platform.watch(ServiceName::Order);
    let query = "SELECT id, checkout_id, customer_id FROM orders WHERE status = 'paid' ORDER BY id DESC LIMIT 1";
    let (order, checkout, customer): (Uuid, Uuid, Uuid) = sqlx::query_as(query).fetch_one(pool).await?;
    let words = [
        (order.to_string(), copies::id(3, "nth")),
        (checkout.to_string(), copies::id(4, "nth")),
        (customer.to_string(), copies::id(5, &format!("(nth % {CUSTOMERS})"))),
    ];
    let begun = Instant::now();
    for begin in (0..orders).step_by(usize::try_from(STEP)?) {
        let end = (begin + STEP).min(orders) - 1;
        for (table, rows, set) in [
            // Numbers below those that the sequence gives.
            ("orders", format!("original.id = '{order}'"), "jsonb_build_object('number', -nth)"),
            ("order_lines", format!("original.order_id = '{order}'"), "'{}'::jsonb"),
            ("order_history", format!("original.order_id = '{order}'"), "'{}'::jsonb"),
        ] {
            copies::make(pool, &Template { table, rows, words: &words, set }, begin, end).await?;
        }
    }
    say(format!("  in {:.0} s", begun.elapsed().as_secs_f64()));
    analyse(pool).await
}

/// # Errors
/// The database refuses.
pub(crate) async fn analyse(pool: &PgPool) -> anyhow::Result<()> {
    sqlx::raw_sql("VACUUM ANALYZE").execute(pool).await?;
    Ok(())
}

/// PSS of the services.
///
/// # Errors
/// One is not running.
pub(crate) fn memory(platform: &Platform, when: &str) -> anyhow::Result<Memory> {
    let mut services = BTreeMap::new();
    for service in ServiceName::ALL {
        let pid = platform.stack.services.pid(service).with_context(|| format!("{service} is not running"))?;
        services.insert(service.short().to_owned(), proportional_memory(pid)?);
    }
    Ok(Memory { when: when.to_owned(), sum: services.values().sum(), services })
}

/// Milliseconds from a service's start to its readiness, on databases that are there.
///
/// # Errors
/// One does not start.
pub(crate) async fn starts(platform: &Platform) -> anyhow::Result<BTreeMap<String, f64>> {
    let mut starts = BTreeMap::new();
    for service in ServiceName::ALL {
        platform.stack.services.restart(service, None)?;
        let took = platform.stack.services.wait_ready(service).await?;
        starts.insert(service.short().to_owned(), took.as_secs_f64() * 1000.0);
    }
    Ok(starts)
}

/// Megabytes of `ecom`, and of the services' own programs where they lie beside it.
pub(crate) fn binaries(platform: &Platform) -> BTreeMap<String, f64> {
    let Ok(program) = fs::canonicalize(platform.stack.services.program()) else { return BTreeMap::new() };
    let services = ServiceName::ALL.into_iter().map(|service| program.with_file_name(service.as_str()));
    let files = services.chain([program.clone()]);
    let size = |file: std::path::PathBuf| {
        let bytes = u32::try_from(fs::metadata(&file).ok()?.len()).ok()?;
        Some((file.file_name()?.to_string_lossy().into_owned(), f64::from(bytes) / 1e6))
    };
    files.filter_map(size).collect()
}
