//! One fault run from its beginning to its verdict.

use super::{
    accounts::{self, Person, Product, Shop},
    client::{CANARY, Market, Shoppers},
    client_log::ClientLog,
    dice::Dice,
    inject::{Injected, Injector},
    options::Options,
    process::Process,
    quiet, replay,
    report::{self, Summary},
    schedule,
    stack::Stack,
    stack_options::{Deadlines, StackOptions},
    staff::{Done, Office, Staff},
    visitors::{self, GONE, Lobby},
};
use anyhow::{Context, anyhow, bail};
use futures_util::future::try_join_all;
use operate::{doctor, reach::Reach, terminal::say};
use service_kit::{Bus, Clock, Env, ambient, bus::RabbitBus, standalone, telemetry};
use std::{
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};
use time::OffsetDateTime;
use tokio::{
    sync::{RwLock, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// Each gets their mails one after the other: with few of them that alone would take its time.
const CUSTOMERS: usize = 40;
const PRODUCTS: usize = 12;
/// So few that they are sold out now and then.
const STOCK: i64 = 100;
/// What is promised, and for how long we look on to learn what is left.
const TO_SETTLE: Duration = Duration::from_secs(60);
const TO_LOOK_ON: Duration = Duration::from_secs(120);
const TO_BE_BURIED: Duration = Duration::from_secs(240);

/// `ecom chaos`. Its exit code is 0 only for a clean run: everything was tried, and nothing was found.
///
/// # Errors
/// Something that a run needs is missing, it broke off, or it was interrupted.
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    telemetry::start_command("ecom", &Env::process(), "warn,lapin=off")?;
    let stop = standalone::stop_on_signal()?;
    let seed = options.seed.map_or_else(make_seed, Ok)?;
    let deadlines = Deadlines::default();
    introduce(seed, &options, deadlines);
    let begun = Instant::now();
    let mut stack_options = StackOptions { deadlines, replicas: options.replicas, ..StackOptions::default() };
    stack_options.extra.insert("RUST_LOG".to_owned(), "info".to_owned());
    stack_options.extra.insert("ERASE_AFTER_HOURS".to_owned(), "0".to_owned());
    // All guests come from one address.
    for bound in ["GUESTS_PER_CLIENT", "OPEN_ORDERS_PER_GUEST"] {
        stack_options.extra.insert(bound.to_owned(), options.orders.max(100).to_string());
    }
    stack_options.extra.extend(options.variables.iter().map(|set| (set.name.clone(), set.value.clone())));
    let starting = Stack::start(stack_options);
    let stack = tokio::select! {
        stack = starting => Arc::new(stack?),
        () = stop.cancelled() => bail!("interrupted while the platform started"),
    };
    say(format!(
        "The platform is ready after {:.1} s, in {}.",
        begun.elapsed().as_secs_f64(),
        stack.folder().display()
    ));
    let at = Clock::system().now();
    let outcome = tokio::select! {
        summary = drive(&stack, seed, &options, at) => summary,
        () = stop.cancelled() => Err(anyhow!("interrupted: everything is ended and nothing is judged")),
    };
    let clean = outcome.as_ref().is_ok_and(Summary::is_clean);
    let interrupted = stop.is_cancelled();
    let kept = (options.keep || !(clean || interrupted)).then(|| stack.keep_folder());
    let ended = end(stack).await;
    if let Some(kept) = kept {
        say(format!("\nWhat it left, for a closer look: {}", kept.display()));
    }
    match outcome.and_then(|summary| ended.map(|()| summary)) {
        Ok(mut summary) => {
            summary.whole = begun.elapsed();
            summary.print();
            report::append(&options.results, &summary.json())?;
            Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Err(cause) => {
            if !interrupted {
                let record = report::broken_off(seed, &options, at, &cause);
                report::append(&options.results, &record).unwrap_or_else(|unwritten| say(format!("{unwritten:#}")));
            }
            Err(cause)
        }
    }
}

fn introduce(seed: u64, options: &Options, deadlines: Deadlines) {
    say(format!(
        "Fault run with seed {seed}: {} orders, {} workers, {} of each service; deadlines: payment {} s, given up {} s, reservation {} s, \
         provider {} ms; crash points: {}.",
        options.orders,
        options.workers,
        options.replicas,
        deadlines.payment,
        deadlines.give_up,
        deadlines.reservation,
        deadlines.provider,
        if cfg!(feature = "labs") { "yes" } else { "no (a build without the feature labs)" },
    ));
}

fn make_seed() -> anyhow::Result<u64> {
    let bytes: [u8; 4] = ambient::random_bytes().map_err(|_| anyhow!("no randomness"))?;
    Ok(u64::from(u32::from_le_bytes(bytes)))
}

/// Tasks that were cut short hold it a moment longer.
async fn end(mut stack: Arc<Stack>) -> anyhow::Result<()> {
    loop {
        match Arc::try_unwrap(stack) {
            Ok(stack) => return stack.end().await,
            Err(held) => stack = held,
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn drive(stack: &Arc<Stack>, seed: u64, options: &Options, at: OffsetDateTime) -> anyhow::Result<Summary> {
    let reach = Arc::new(stack.reach().await?);
    let shop = Shop::of(stack)?;
    stack.wait_connected().await?;
    let cast = Cast::gather(stack, &shop, seed).await?;
    let begun = Instant::now();
    let driven = disturb(stack, &reach, &shop, cast, seed, options).await?;
    let driving = driven.over.duration_since(begun);
    let mut summary = Summary {
        seed,
        options: options.clone(),
        deadlines: Deadlines::default(),
        at,
        outcomes: driven.log.finish()?,
        cancelled: driven.done.cancelled.load(Ordering::Relaxed),
        fulfilled: driven.done.fulfilled.load(Ordering::Relaxed),
        shoppers: driven.shoppers,
        planned: driven.planned,
        injected: driven.injected,
        services: Vec::new(),
        deaths: Vec::new(),
        never_ready: Vec::new(),
        driving,
        settled: None,
        whole: Duration::ZERO,
        events: 0,
        changed_by_replay: Vec::new(),
        found: doctor::Report { findings: Vec::new(), since: None, could_not_look: Vec::new() },
    };
    summary.settled = settle(stack, &reach, &summary.injected, driven.over).await?;
    visitors::erased(&reach, options.visitors).await?;
    if let Err(cause) = quiet::wait(&reach, TO_LOOK_ON).await {
        say(format!("{cause:#}"));
    }
    let recoveries = stack.services.recoveries().into_iter();
    let services = recoveries.filter(|one| one.in_calm && one.process != Process::Provider);
    summary.services = services.map(|one| one.took).collect();
    judge(stack, &reach, &mut summary).await?;
    summary.deaths = stack.services.deaths();
    summary.never_ready = stack.services.never_ready();
    Ok(summary)
}

/// The checker; then every event once more, which must change nothing and mend nothing; and the checker again.
async fn judge(stack: &Stack, reach: &Reach, summary: &mut Summary) -> anyhow::Result<()> {
    let checking = doctor::Options {
        client_log: Some(stack.folder().join("client.jsonl")),
        grace: Duration::ZERO,
        poison: summary.injected.poison.iter().map(|poison| poison.id).collect(),
        canary: Some(CANARY.to_owned()),
        mails: Some(stack.mails()),
        logs: stack.services.logs(),
        ..doctor::Options::default()
    };
    summary.found = doctor::examine(reach, &checking, Clock::system().now()).await?;
    let before = doctor::fingerprint(reach).await?;
    let bus = Bus::Rabbit(RabbitBus::new(stack.amqp_url().into(), "ecom"));
    say("Examined. Publishing every event once more …");
    summary.events = replay::all(stack, reach, &bus, &mut Dice::of(summary.seed, "replay", 0)).await?;
    if let Err(cause) = quiet::wait(reach, TO_LOOK_ON).await {
        say(format!("after that: {cause:#}"));
        summary.changed_by_replay.push("what is pending".to_owned());
    }
    let after = doctor::fingerprint(reach).await?;
    let changed = before.into_iter().filter(|(table, digest)| after.get(table) != Some(digest));
    summary.changed_by_replay.extend(changed.map(|(table, _)| table));
    if summary.found.is_clean() {
        summary.found = doctor::examine(reach, &checking, Clock::system().now()).await?;
    }
    if summary.found.is_clean() && summary.options.visitors > 0 {
        // Who came only to go again is nowhere, not where people are known either.
        let gone = doctor::Options { canary: Some(GONE.to_owned()), canary_erased: true, ..checking };
        summary.found = doctor::examine(reach, &gone, Clock::system().now()).await?;
    }
    Ok(())
}

/// Who takes part, and what is sold.
struct Cast {
    customers: Arc<Vec<Arc<Person>>>,
    admin: Person,
    products: Vec<Product>,
}

impl Cast {
    async fn gather(stack: &Stack, shop: &Shop, seed: u64) -> anyhow::Result<Self> {
        let admin = accounts::make_admin(stack, shop).await?;
        let names: Vec<_> = (0..CUSTOMERS).map(|number| format!("shopper-{number}")).collect();
        let customers = names.iter().map(|name| accounts::register(stack, shop, name));
        let customers = try_join_all(customers).await?.into_iter().map(Arc::new).collect();
        let mut products = Vec::new();
        let mut dice = Dice::of(seed, "prices", 0);
        for number in 0..PRODUCTS {
            let price = i64::try_from(dice.between(99, 9999))?;
            products.push(accounts::sell(shop, &admin, &format!("HOT-{number:02}"), price, STOCK).await?);
        }
        Ok(Self { customers: Arc::new(customers), admin, products })
    }

    fn office(self, shop: &Shop) -> Office {
        Office { shop: shop.clone(), admin: self.admin, products: self.products, done: Done::default() }
    }
}

/// What was driven and broken.
struct Driven {
    log: ClientLog,
    shoppers: Shoppers,
    done: Done,
    planned: u64,
    injected: Injected,
    /// When nothing was disturbed any more.
    over: Instant,
}

/// Orders and faults together, until all orders have begun and all faults are over, and all that was disturbed is put
/// right again.
async fn disturb(
    stack: &Arc<Stack>,
    reach: &Arc<Reach>,
    shop: &Shop,
    cast: Cast,
    seed: u64,
    options: &Options,
) -> anyhow::Result<Driven> {
    let planned = schedule::plan(seed, options);
    let number = planned.len() as u64;
    say(format!("{number} faults are planned. Orders begin."));
    let closing = CancellationToken::new();
    let (allow, allowed) = watch::channel(0);
    let (done, progress) = watch::channel(0);
    let (staff, errands) = Staff::new();
    let market = Arc::new(Market {
        seed,
        orders: options.orders,
        shop: shop.clone(),
        customers: Arc::clone(&cast.customers),
        products: cast.products.clone(),
        log: ClientLog::create(&stack.folder().join("client.jsonl"))?,
        shoppers: Mutex::default(),
        staff,
        next: 0.into(),
        allowed,
        done,
        closing: closing.clone(),
    });
    let lobby = Lobby {
        stack: Arc::clone(stack),
        shop: shop.clone(),
        products: cast.products.clone(),
        progress: progress.clone(),
        closing: closing.clone(),
    };
    let (lobby, office) = (Arc::new(lobby), Arc::new(cast.office(shop)));
    let injector = Arc::new(injector(stack, reach));

    // Dropped with everything in it when this is: an interrupted run leaves no task behind.
    let mut tasks: JoinSet<anyhow::Result<()>> = JoinSet::new();
    tasks.spawn(Arc::clone(&injector).run(planned, options.orders, progress.clone(), allow, closing.clone()));
    let mut staff_work = JoinSet::new();
    staff_work.spawn(Arc::clone(&office).work(errands));
    for _ in 0..options.workers {
        let market = Arc::clone(&market);
        tasks.spawn(async move { market.work().await });
    }
    for visitor in 0..options.visitors {
        let (lobby, after) = (Arc::clone(&lobby), options.orders * visitor / options.visitors);
        tasks.spawn(async move { lobby.visit(visitor, after).await });
    }
    all_done(tasks, &progress, &closing, options.minutes).await?;
    let over = Instant::now();
    repair(stack).await?;
    let market = Arc::into_inner(market).context("a shopper is left")?;
    let (log, shoppers) = (market.log, unlocked(market.shoppers));
    drop(market.staff);
    staff_work.join_all().await;
    let office = Arc::into_inner(office).context("somebody of the staff is left")?;
    let injected = unlocked(Arc::into_inner(injector).context("a fault is left")?.report);
    Ok(Driven { log, shoppers, done: office.done, planned: number, injected, over })
}

fn unlocked<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn injector(stack: &Arc<Stack>, reach: &Arc<Reach>) -> Injector {
    Injector {
        stack: Arc::clone(stack),
        reach: Arc::clone(reach),
        bus: Bus::Rabbit(RabbitBus::new(stack.amqp_url().into(), "ecom")),
        clock: Clock::system(),
        report: Mutex::default(),
        measuring: RwLock::new(()),
    }
}

/// Waits for shoppers and faults, and tells how far they are. When the time is over, nothing new is begun.
async fn all_done(
    mut tasks: JoinSet<anyhow::Result<()>>,
    orders: &watch::Receiver<u64>,
    closing: &CancellationToken,
    minutes: u64,
) -> anyhow::Result<()> {
    let limit = tokio::time::sleep(Duration::from_secs(minutes * 60));
    tokio::pin!(limit);
    let mut tick = tokio::time::interval(Duration::from_secs(10));
    tick.tick().await;
    loop {
        tokio::select! {
            ended = tasks.join_next() => match ended {
                Some(ended) => ended??,
                None => return Ok(()),
            },
            () = &mut limit, if !closing.is_cancelled() => {
                say(format!("{minutes} minutes are over: no new orders, no new faults."));
                closing.cancel();
            }
            _ = tick.tick() => say(format!("  {} orders", *orders.borrow())),
        }
    }
}

/// Nothing is disturbed, nobody is dead, nobody has a crash ahead.
async fn repair(stack: &Stack) -> anyhow::Result<()> {
    stack.heal();
    for process in stack.services.armed() {
        stack.services.restart(process, None)?;
    }
    stack.wait_ready().await?;
    stack.wait_connected().await
}

/// How long it took until nothing was pending; none when that took too long.
async fn settle(stack: &Stack, reach: &Reach, injected: &Injected, over: Instant) -> anyhow::Result<Option<Duration>> {
    let mut poison = quiet::Poison::new();
    for one in &injected.poison {
        for subscriber in one.subscribers {
            poison.entry(*subscriber).or_default().push(one.id);
        }
    }
    say("No more faults. Waiting until nothing is pending …");
    let settled = quiet::wait_apart_from(&poison, reach, TO_SETTLE + TO_LOOK_ON).await;
    let took = over.elapsed();
    if let Err(cause) = &settled {
        say(format!("{cause:#}; see {}", stack.folder().display()));
    } else {
        say(format!("Settled {:.1} s after the last fault.", took.as_secs_f64()));
        // Tried with growing delays until it is given up; a consumer that was killed over it begins a long one anew.
        if let Err(cause) = quiet::wait_until_buried(reach, &poison, TO_BE_BURIED).await {
            say(format!("{cause:#}"));
        }
    }
    Ok((settled.is_ok() && took <= TO_SETTLE).then_some(took))
}
