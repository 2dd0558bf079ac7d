//! What traces cost: the same orders with traces and without, in turns, each time on a platform of its own; and the
//! processor time of its five services. With the program of an earlier commit, also what traces cost when they are off.

use super::{calm, rush::Rush};
use crate::{
    chaos::{
        accounts, quiet,
        stack::{Stack, StackOptions},
    },
    terminal::say,
};
use anyhow::{Context, bail};
use axum::{Router, body::Bytes, extract::State, routing::post};
use contracts::ServiceName;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::net::TcpListener;

const SIDE_BY_SIDE: usize = 8;
/// Before it is measured: connections are made and code is read.
const WARM_UP: u64 = 200;
/// Longer than finished spans wait to be sent, so that all of them are.
const LAST_BATCH: Duration = Duration::from_secs(6);
/// Of Linux's `/proc/PID/stat`, everywhere.
const TICKS_PER_SECOND: f64 = 100.0;

/// One way to run the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    On,
    Off,
    /// The program of an earlier commit, which is not told of traces either.
    Before,
}

pub(super) async fn run(orders: u64, pairs: u64, against: Option<PathBuf>) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let mut ways = vec![Way::Off, Way::On];
    ways.extend(against.is_some().then_some(Way::Before));
    say(format!("{orders} orders a run; processor time of the five services, in milliseconds per order:"));
    say(format!("  {:<6}{}", "pair", ways.iter().map(|way| format!("{:>10}", format!("{way:?}"))).collect::<String>()));
    let mut rows = Vec::new();
    for pair in 0..pairs {
        // In turns, so that what changes slowly on the machine falls on each of them alike.
        ways.rotate_left(1);
        let mut row = BTreeMap::new();
        for way in &ways {
            let mut options = StackOptions { deadlines: calm(), ..StackOptions::default() };
            // The flow page would record spans by itself.
            options.extra.insert("FLOW".to_owned(), "off".to_owned());
            match way {
                Way::On => {
                    options.extra.insert("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), sink.url.clone());
                }
                Way::Off => {}
                Way::Before => options.program.clone_from(&against),
            }
            row.insert(format!("{way:?}"), measure(options, orders).await?);
        }
        let mut shown: Vec<_> = row.iter().collect();
        shown.sort_by_key(|(way, _)| ["Off", "On", "Before"].iter().position(|name| name == way));
        say(format!("  {:<6}{}", pair + 1, shown.iter().map(|(_, cost)| format!("{cost:>10.3}")).collect::<String>()));
        rows.push(row);
    }
    say(compared(&rows, "On", "Off", "traces of every order, against none"));
    if against.is_some() {
        say(compared(&rows, "Off", "Before", "no traces, against the program of before"));
    }
    let (requests, bytes) = (sink.requests.load(Ordering::Relaxed), sink.bytes.load(Ordering::Relaxed));
    let traced = usize::try_from(pairs * (orders + WARM_UP))?;
    say(format!("{requests} exports, {} bytes an order.", bytes / traced.max(1)));
    if requests == 0 {
        bail!("no spans came: nothing was compared");
    }
    Ok(())
}

/// Pair by pair, then the middle: one disturbed run says nothing about the others.
fn compared(rows: &[BTreeMap<String, f64>], one: &str, other: &str, what: &str) -> String {
    let mut ratios: Vec<_> = rows.iter().map(|row| (row[one] / row[other] - 1.0) * 100.0).collect();
    ratios.sort_by(f64::total_cmp);
    let middle = ratios[ratios.len() / 2];
    format!("{what}: {middle:+.1} % ({:+.1} to {:+.1})", ratios[0], ratios[ratios.len() - 1])
}

async fn measure(options: StackOptions, orders: u64) -> anyhow::Result<f64> {
    let stack = Stack::start(options).await?;
    let spent = async {
        stack.wait_connected().await?;
        let reach = stack.reach().await?;
        let rush = Rush::new(&stack).await?;
        accounts::sell(&rush.shop, &rush.admin, "PLENTY", 1999, i64::try_from(orders + WARM_UP)?).await?;
        place(&rush, "warm-up", WARM_UP).await?;
        quiet::wait(&reach, Duration::from_secs(600)).await?;
        tokio::time::sleep(LAST_BATCH).await;
        let before = seconds(&stack)?;
        place(&rush, "order", orders).await?;
        quiet::wait(&reach, Duration::from_secs(600)).await?;
        tokio::time::sleep(LAST_BATCH).await;
        Ok((seconds(&stack)? - before) * 1000.0 / f64::from(u32::try_from(orders)?))
    };
    let spent = spent.await;
    stack.end().await?;
    spent
}

async fn place(rush: &Rush, name: &str, orders: u64) -> anyhow::Result<()> {
    let placed = stream::iter(0..orders).map(|number| async move {
        let key = format!("{name}-{number}");
        rush.buy(number, &key, "PLENTY").await
    });
    placed.buffer_unordered(SIDE_BY_SIDE).try_for_each(|_| async { Ok(()) }).await
}

/// What the five services have used of the processors so far.
fn seconds(stack: &Stack) -> anyhow::Result<f64> {
    let mut sum = 0.0;
    for service in ServiceName::ALL {
        let pid = stack.services.pid(service).with_context(|| format!("{service} is not running"))?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("this needs Linux")?;
        // The second field is a name in brackets and may hold blanks; user and system time are the 14th and 15th.
        let (_, fields) = stat.rsplit_once(')').context("an odd /proc/PID/stat")?;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
        sum += f64::from(ticks.sum::<Result<u32, _>>()?) / TICKS_PER_SECOND;
    }
    Ok(sum)
}

/// A collector that takes everything and looks at nothing.
#[derive(Clone)]
struct Sink {
    url: String,
    requests: Arc<AtomicUsize>,
    bytes: Arc<AtomicUsize>,
}

impl Sink {
    async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let sink = Self { url, requests: Arc::default(), bytes: Arc::default() };
        let take = |State(sink): State<Self>, body: Bytes| async move {
            sink.requests.fetch_add(1, Ordering::Relaxed);
            sink.bytes.fetch_add(body.len(), Ordering::Relaxed);
        };
        let router = Router::new().route("/v1/traces", post(take)).with_state(sink.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(sink)
    }
}
