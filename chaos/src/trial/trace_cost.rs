//! What traces cost: platforms with traces and without stand side by side and take their orders in turns; the processor
//! time of the five services of each. With another program, also what traces cost when they are off.

use super::rush::Rush;
use crate::{
    accounts, quiet,
    stack::Stack,
    stack_options::{Deadlines, StackOptions},
};
use anyhow::{Context, bail};
use axum::{Router, body::Bytes, extract::State, routing::post};
use contracts::ServiceName;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use operate::{reach::Reach, terminal::say};
use service_kit::{
    spans::{self, Spans, conventions},
    trace,
};
use std::{
    collections::BTreeMap,
    fs,
    hint::black_box,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::net::TcpListener;

/// Of one order, from the request to its mail.
const SPANS: u32 = 30;
const SIDE_BY_SIDE: usize = 8;
/// Before it is measured: connections are made and code is read.
const WARM_UP: u64 = 200;
/// How long finished spans wait to be sent, in milliseconds.
const SPANS_WAIT: &str = "500";
/// Longer than that, so that all of a turn's are sent in it.
const LAST_BATCH: Duration = Duration::from_secs(1);
/// Of Linux's `/proc/PID/stat`, everywhere.
const TICKS_PER_SECOND: f64 = 100.0;

/// One way to run the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Off,
    On,
    /// Another program, which is not told of traces either.
    Before,
}

/// A platform, and what its services have used for each turn's orders, in milliseconds per order.
struct Side {
    way: Way,
    stack: Stack,
    rush: Rush,
    reach: Reach,
    costs: Vec<f64>,
}

pub(super) async fn run(orders: u64, turns: u64, against: Option<PathBuf>) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let mut sides = Vec::new();
    for way in [Way::Off, Way::On].into_iter().chain(against.is_some().then_some(Way::Before)) {
        sides.push(Side::start(way, &sink, against.as_ref(), orders * turns + WARM_UP).await?);
    }
    say(format!("{orders} orders a turn; processor time of the five services, in milliseconds per order:"));
    say(format!(
        "  {:<6}{}",
        "turn",
        sides.iter().map(|side| format!("{:>10}", format!("{:?}", side.way))).collect::<String>()
    ));
    for turn in 0..turns {
        // In turns, so that what changes on the machine falls on each of them alike; and not always in the same order.
        sides.rotate_left(1);
        for side in &mut sides {
            side.take(turn, orders).await?;
        }
        let mut shown: Vec<_> =
            sides.iter().map(|side| (side.way, side.costs.last().copied().unwrap_or_default())).collect();
        shown.sort_by_key(|(way, _)| *way);
        say(format!("  {:<6}{}", turn + 1, shown.iter().map(|(_, cost)| format!("{cost:>10.3}")).collect::<String>()));
    }
    let costs: BTreeMap<_, _> = sides.iter().map(|side| (side.way, side.costs.clone())).collect();
    for side in sides {
        side.stack.end().await?;
    }
    say(compared(&costs[&Way::On], &costs[&Way::Off], "traces of every order, against none"));
    if let Some(before) = costs.get(&Way::Before) {
        say(compared(&costs[&Way::Off], before, "no traces, against the other program"));
    }
    let order = costs[&Way::Off].iter().sum::<f64>() * 1000.0 / f64::from(u32::try_from(turns)?);
    let off = spans_that_are_off();
    say(format!(
        "where traces are off, an order's {SPANS} spans take {off:.2} of its {order:.0} µs: {:+.3} %",
        off * 100.0 / order
    ));
    let (requests, bytes) = (sink.requests.load(Ordering::Relaxed), sink.bytes.load(Ordering::Relaxed));
    let traced = usize::try_from(turns * orders + WARM_UP)?;
    say(format!("{requests} exports, {} bytes an order.", bytes / traced.max(1)));
    if requests == 0 {
        bail!("no spans came: nothing was compared");
    }
    Ok(())
}

/// All turns together, and turn by turn: half of the turns lie between the two figures in brackets.
fn compared(one: &[f64], other: &[f64], what: &str) -> String {
    let percent = |ratio: f64| (ratio - 1.0) * 100.0;
    let in_all = percent(one.iter().sum::<f64>() / other.iter().sum::<f64>());
    let mut ratios: Vec<_> = one.iter().zip(other).map(|(one, other)| percent(one / other)).collect();
    ratios.sort_by(f64::total_cmp);
    let at = |quarter: usize| ratios[(ratios.len() - 1) * quarter / 4];
    format!("{what}: {in_all:+.1} %; turn by turn {:+.1} % ({:+.1} to {:+.1})", at(2), at(1), at(3))
}

/// How long it takes in microseconds to come by an order's spans where nothing records them: less than two runs of the same
/// platform differ by.
fn spans_that_are_off() -> f64 {
    const ORDERS: u32 = 100_000;
    let (spans, clock) = (Spans::off(), Instant::now());
    let describe = || conventions::http_server(&http::Method::POST, "/orders");
    for _ in 0..ORDERS {
        let (mut whole, context) = spans.begin(None, describe);
        let parts = trace::within(context, async {
            for _ in 1..SPANS {
                let mut part = spans::child(describe);
                part.set("part", 1_i64);
                drop(black_box(part));
            }
        });
        // Nothing in it waits.
        parts.now_or_never();
        whole.answered(http::StatusCode::CREATED);
        drop(black_box(whole));
    }
    clock.elapsed().as_secs_f64() * 1e6 / f64::from(ORDERS)
}

impl Side {
    async fn start(way: Way, sink: &Sink, against: Option<&PathBuf>, pieces: u64) -> anyhow::Result<Self> {
        let mut options = StackOptions { deadlines: Deadlines::CALM, ..StackOptions::default() };
        let mut set = |name: &str, value: &str| options.extra.insert(name.to_owned(), value.to_owned());
        // The flow page would record spans by itself.
        set("FLOW", "off");
        match way {
            Way::On => {
                set("OTEL_EXPORTER_OTLP_ENDPOINT", &sink.url);
                set("OTEL_BSP_SCHEDULE_DELAY", SPANS_WAIT);
            }
            Way::Off => {}
            Way::Before => options.program = against.cloned(),
        }
        let stack = Stack::start(options).await?;
        stack.wait_connected().await?;
        let reach = stack.reach().await?;
        let rush = Rush::new(&stack).await?;
        accounts::sell(&rush.shop, &rush.admin, "PLENTY", 1999, i64::try_from(pieces)?).await?;
        place(&rush, "warm-up", WARM_UP).await?;
        quiet::wait(&reach, Duration::from_secs(600)).await?;
        Ok(Self { way, stack, rush, reach, costs: Vec::new() })
    }

    async fn take(&mut self, turn: u64, orders: u64) -> anyhow::Result<()> {
        let before = seconds(&self.stack)?;
        place(&self.rush, &format!("turn-{turn}"), orders).await?;
        quiet::wait(&self.reach, Duration::from_secs(600)).await?;
        tokio::time::sleep(LAST_BATCH).await;
        self.costs.push((seconds(&self.stack)? - before) * 1000.0 / f64::from(u32::try_from(orders)?));
        Ok(())
    }
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
