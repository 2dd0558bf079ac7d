//! `ecom bench growth`: what the ten-millionth order costs. The same platform is measured empty and with as many past
//! orders as retention leaves: orders, reservations, payments and the books of all of them, messages of the newest, no
//! events and no inbox. A result of record, not for every day.

mod past;
mod sizes;

use crate::{
    load::{Desk, Pace},
    machine,
    options::GrowthOptions,
    platform::Platform,
    reads::{self, Question},
    result::{About, Read, Turn},
    seed, settled, show, turn,
};
use anyhow::Context;
use chaos::accounts::Shop;
use contracts::ServiceName;
use http::Method;
use operate::{doctor, terminal::say};
use serde::{Deserialize, Serialize};
use service_kit::Clock;
use sizes::Size;
use std::{collections::BTreeMap, fs, process::ExitCode, sync::Arc, time::Duration};
use uuid::Uuid;

const WARM_UP: Duration = Duration::from_secs(3);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Growth {
    about: About,
    past_orders: i64,
    /// Of so many, the newest, there are messages.
    told: i64,
    seeding_seconds: f64,
    empty: Vec<Turn>,
    grown: Vec<Turn>,
    /// Milliseconds of processor time an order, grown by empty: of the medians.
    ratio: f64,
    lists: Vec<Read>,
    /// By table, per past order.
    sizes: Vec<Size>,
}

/// # Errors
/// Something that it needs is missing, or an order was not settled.
pub(crate) async fn run(options: &GrowthOptions) -> anyhow::Result<ExitCode> {
    if let Some(folder) = options.json.as_deref().and_then(std::path::Path::parent) {
        fs::create_dir_all(folder).with_context(|| format!("making the folder {}", folder.display()))?;
    }
    let platform = Platform::start(&options.setup).await?;
    let measured = measure(&platform, options).await;
    let clean = match &measured {
        Ok(_) => examine(&platform).await,
        Err(_) => Ok(true),
    };
    platform.end().await?;
    let growth = measured?;
    show_all(&growth);
    if let Some(path) = &options.json {
        fs::write(path, serde_json::to_string_pretty(&growth)? + "\n")?;
        say(format!("wrote {}", path.display()));
    }
    Ok(if clean? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn measure(platform: &Platform, options: &GrowthOptions) -> anyhow::Result<Growth> {
    let market = seed::market(platform).await?;
    let desk = Arc::new(Desk::new(platform.address(ServiceName::Order)?, market, options.setup.lines));
    turn::take(platform, &desk, Pace::Closed { clients: options.clients }, WARM_UP).await?;
    let empty = turns(platform, &desk, options).await?;
    let template = fulfilled(platform, &desk).await?;
    let before = sizes::read(platform).await?;
    let seeding_seconds = past::seed(platform, &template, options.orders, options.told).await?;
    let after = sizes::read(platform).await?;
    let desk = Arc::new(desk.again(platform).await?);
    turn::take(platform, &desk, Pace::Closed { clients: options.clients }, WARM_UP).await?;
    let grown = turns(platform, &desk, options).await?;
    let lists = lists(platform, &desk, &template, options.orders).await?;
    Ok(Growth {
        about: machine::about(platform, &options.setup, &options.note).await?,
        past_orders: options.orders,
        told: options.told.min(options.orders),
        seeding_seconds,
        ratio: median(&grown) / median(&empty),
        empty,
        grown,
        lists,
        sizes: sizes::between(&before, &after, options.orders, options.told.min(options.orders)),
    })
}

async fn turns(platform: &Platform, desk: &Arc<Desk>, options: &GrowthOptions) -> anyhow::Result<Vec<Turn>> {
    let mut turns = Vec::new();
    for _ in 0..options.turns {
        let pace = Pace::Closed { clients: options.clients };
        let taken = turn::take(platform, desk, pace, Duration::from_secs(options.seconds)).await?;
        show::turn(&taken);
        turns.push(taken);
    }
    Ok(turns)
}

/// The turn whose orders cost the median.
fn middle(turns: &[Turn]) -> Option<&Turn> {
    let mut all: Vec<&Turn> = turns.iter().collect();
    all.sort_by(|one, other| one.cost.everything.total_cmp(&other.cost.everything));
    all.get(all.len() / 2).copied()
}

fn median(turns: &[Turn]) -> f64 {
    middle(turns).map_or(f64::NAN, |turn| turn.cost.everything)
}

/// An order that was paid and has left the warehouse, as nearly all past ones.
async fn fulfilled(platform: &Platform, desk: &Desk) -> anyhow::Result<Uuid> {
    let query = "SELECT id FROM orders WHERE status = 'paid' ORDER BY id DESC LIMIT 1";
    let order: Uuid = sqlx::query_scalar(query).fetch_one(platform.watch(ServiceName::Order)).await?;
    let (shop, staff) = (Shop::of(&platform.stack)?, &desk.market().staff);
    let path = format!("/orders/{order}/fulfil");
    let answer = shop.ask(ServiceName::Order, Method::POST, &path, staff, None, None).await?;
    anyhow::ensure!(answer.status.is_success(), "{path} was answered {answer:?}");
    let shipped = "SELECT count(*) FROM stock_movements WHERE order_id = $1";
    let mailed = "SELECT count(*) FROM messages JOIN deliveries ON message_id = messages.id
                  WHERE order_id = $1 AND template = 'order_shipped' AND status = 'sent'";
    for (service, query) in [(ServiceName::Product, shipped), (ServiceName::Notify, mailed)] {
        let asked = || sqlx::query_scalar::<_, i64>(query).bind(order).fetch_one(platform.watch(service));
        while asked().await? == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    settled::drained(platform, 0, 0).await?;
    Ok(order)
}

/// Every list over what has grown.
async fn lists(platform: &Platform, desk: &Desk, template: &Uuid, past: i64) -> anyhow::Result<Vec<Read>> {
    let (tokens, staff) = (&desk.market().tokens, &desk.market().staff);
    let (some, many) = (&tokens[0], &tokens[1]);
    let product: Uuid = sqlx::query_scalar(
        "SELECT product_id FROM reservation_lines JOIN reservations USING (checkout_id) WHERE order_id = $1",
    )
    .bind(template)
    .fetch_one(platform.watch(ServiceName::Product))
    .await?;
    let middle = past::order(platform, past / 2).await?;
    let mut reads = Vec::new();
    for (service, what, path, token) in [
        (ServiceName::Order, "a customer's orders", "/orders".to_owned(), some),
        (ServiceName::Order, "a customer's orders, of thousands", "/orders".to_owned(), many),
        (ServiceName::Order, "… fulfilled", "/orders?status=fulfilled".to_owned(), many),
        (ServiceName::Order, "… cancelled, of which there are none", "/orders?status=cancelled".to_owned(), many),
        (ServiceName::Order, "everybody's orders", "/orders".to_owned(), staff),
        (ServiceName::Order, "everybody's fulfilled orders", "/orders?status=fulfilled".to_owned(), staff),
        (ServiceName::Order, "everybody's unpaid orders", "/orders?status=pending".to_owned(), staff),
        (ServiceName::Order, "an old order", format!("/orders/{middle}"), staff),
        (ServiceName::Order, "an old order's timeline", format!("/orders/{middle}/timeline"), staff),
        (ServiceName::Payment, "a customer's payments", "/payments".to_owned(), many),
        (ServiceName::Payment, "everybody's payments", "/payments".to_owned(), staff),
        (ServiceName::Payment, "an old order's payment", format!("/payments?order_id={middle}"), staff),
        (ServiceName::Product, "a product's movements", format!("/products/{product}/stock"), staff),
        (ServiceName::Notify, "a customer's messages", "/notifications".to_owned(), many),
        (ServiceName::Notify, "… unread", "/notifications?unread=true".to_owned(), many),
        (ServiceName::Notify, "… counted", "/notifications/unread-count".to_owned(), many),
        (ServiceName::Notify, "everybody's mails", "/notifications/deliveries".to_owned(), staff),
        (
            ServiceName::Notify,
            "everybody's mails given up",
            "/notifications/deliveries?status=failed".to_owned(),
            staff,
        ),
        (ServiceName::Notify, "everybody's mails sent", "/notifications/deliveries?status=sent".to_owned(), staff),
    ] {
        let question = Question { service, what, among: past, paths: vec![path], token, beside_bare: false };
        reads.extend(reads::asked(platform, &question).await?);
    }
    Ok(reads)
}

/// What is younger than the past: it was pruned, as far as the marks say.
async fn examine(platform: &Platform) -> anyhow::Result<bool> {
    settled::drained(platform, 0, 0).await?;
    let options = doctor::Options { grace: Duration::ZERO, ..doctor::Options::default() };
    let report = doctor::examine(&platform.reach, &options, Clock::system().now()).await.context("the doctor")?;
    doctor::report::lines(&report, false).into_iter().for_each(say);
    Ok(report.is_clean())
}

fn show_all(growth: &Growth) {
    say(format!(
        "\n{} past orders, {} of them told, in {:.0} s",
        growth.past_orders, growth.told, growth.seeding_seconds
    ));
    let (empty, grown) = (median(&growth.empty), median(&growth.grown));
    say(format!("an order: {empty:.2} ms when empty, {grown:.2} ms now, {:.2} times", growth.ratio));
    say("\nms an order, of the median turn's parts         empty    grown");
    let parts = |turns: &[Turn]| -> BTreeMap<String, f64> {
        middle(turns).map_or_else(BTreeMap::new, |turn| {
            turn.cost.parts.iter().map(|(name, part)| (name.clone(), part.ms)).collect()
        })
    };
    let (before, after) = (parts(&growth.empty), parts(&growth.grown));
    for (name, ms) in &after {
        say(format!("  {name:<44} {:>7.3} {ms:>8.3}", before.get(name).copied().unwrap_or_default()));
    }
    let log = |turns: &[Turn]| middle(turns).map_or(f64::NAN, |turn| turn.cost.wal_bytes / 1000.0);
    say(format!("  kB of PostgreSQL's log {:>29.1} {:>8.1}", log(&growth.empty), log(&growth.grown)));
    say("\nlist                                      clients   a second    p50    p95    p99 ms");
    for read in &growth.lists {
        let Read { what, clients, per_second, latency, .. } = read;
        say(format!(
            "{what:<40} {clients:>8} {per_second:>10.0} {:>6.1} {:>6.1} {:>6.1}",
            latency.p50, latency.p95, latency.p99
        ));
    }
    say("\ntable                                   bytes an order   of it indexes");
    for size in &growth.sizes {
        say(format!("{:<40} {:>13.0} {:>15.0}", format!("{}.{}", size.database, size.table), size.bytes, size.indexes));
    }
    let sum: f64 = growth.sizes.iter().map(|size| size.bytes).sum();
    say(format!("all of them {sum:>42.0}"));
}
