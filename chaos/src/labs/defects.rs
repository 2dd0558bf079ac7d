//! The checker, checked: each cure is switched off in turn, a scene is played in which it matters, and the checker must
//! find what went wrong. Before that the same scenes are played with every cure in force, and it must find nothing.
//! Where somebody is killed, the scene is also judged with its cure in force after the same short time: else what was
//! found might be no more than that somebody is away.

use super::{
    outcome::Outcome,
    scene::{Act, Scene},
    stage::{Faults, Stage},
};
use crate::{quiet, stack_options::Deadlines};
use contracts::ServiceName::{self, Notify, Order, Payment, Product};
use operate::{
    doctor::{self, Invariant, Options, Report},
    terminal::say,
};
use service_kit::Clock;
use std::time::Duration;

struct Defect {
    cure: &'static str,
    /// Where it is switched off.
    at: ServiceName,
    /// What happens besides, with the cure and without it: service and `ECOM_FAULTS`.
    bad_luck: Option<(ServiceName, &'static str)>,
    act: Act,
    /// One of these must not hold.
    found_by: &'static [Invariant],
}

const fn defect(cure: &'static str, at: ServiceName, act: Act, found_by: &'static [Invariant]) -> Defect {
    Defect { cure, at, bad_luck: None, act, found_by }
}

impl Defect {
    const fn with(mut self, faults: &'static str) -> Self {
        self.bad_luck = Some((self.at, faults));
        self
    }

    const fn with_at(mut self, service: ServiceName, faults: &'static str) -> Self {
        self.bad_luck = Some((service, faults));
        self
    }

    /// Whether somebody dies in it, and may be away when it is judged.
    fn kills(&self) -> bool {
        let by_luck = self.bad_luck.is_some_and(|(_, luck)| luck.starts_with("crash:"));
        by_luck || matches!(self.act, Act::BuyWithout(_) | Act::BuyAndMissTheMail | Act::QueueGone)
    }

    fn faults(&self, cured: bool) -> Faults {
        let mut faults = Faults::new();
        if !cured {
            faults.insert(self.at, format!("off:{}", self.cure));
        }
        if let Some((service, luck)) = self.bad_luck {
            let before = faults.remove(&service).map(|off| format!("{off},")).unwrap_or_default();
            faults.insert(service, format!("{before}{luck}"));
        }
        faults
    }
}

use Invariant as I;

const DEFECTS: &[Defect] = &[
    // Events: announced, relayed, received
    defect("event-with-change", Order, Act::TryOnce, &[I::Money, I::Reconciliation]).with("error:order-commit"),
    defect("pending-set", Order, Act::SlowThenQuick, &[I::Loss, I::Hygiene]).with("delay:order-commit=1500"),
    defect("confirm-before-removing", Order, Act::Buy("sim_ok"), &[I::Loss]).with("crash:publish"),
    defect("await-confirms", Order, Act::BlackHole, &[I::Loss]),
    defect("mandatory", Payment, Act::QueueGone, &[I::Loss]),
    defect("acknowledge-after-commit", Payment, Act::Buy("sim_ok"), &[I::Loss]).with("crash:consume"),
    // While the first is in work others come, and wait; the one that works them next dies.
    defect("acknowledge-no-further", Notify, Act::Buy("sim_ok"), &[I::Loss]).with("crash:consume@2,delay:consume=1500"),
    defect("each-alone", Payment, Act::Buy("sim_ok"), &[I::Poison, I::Ends]).with("error:consume"),
    defect("claim-once", Order, Act::DeliverAgain, &[I::Once]),
    defect("claim-with-effect", Payment, Act::Buy("sim_ok"), &[I::Loss]).with("error:consume"),
    defect("failure-recorded", Payment, Act::Buy("sim_ok"), &[I::Loss]).with("error:consume"),
    defect("dead-letter-kept", Payment, Act::Garbage, &[I::Poison]),
    // Orders
    defect("idempotency-key", Order, Act::DoubleClick, &[I::Requests]),
    defect("answered-after-commit", Order, Act::TryOnce, &[I::Requests]).with("crash:commit:place_order"),
    defect("total-of-lines", Order, Act::BuyTwoProducts, &[I::Requests]),
    defect("lines-as-reserved", Order, Act::BuyTwoProducts, &[I::Requests, I::Stock]),
    defect("no-personal-data", Order, Act::Buy("sim_ok"), &[I::Privacy]),
    defect("cancel-announced", Order, Act::Buy("sim_declined"), &[I::Loss]),
    defect("paid-announced", Order, Act::Buy("sim_ok"), &[I::Loss]),
    defect("paid-only-while-pending", Order, Act::BuyAndCancelWhenCharged("sim_ok"), &[I::States, I::Money])
        .with("delay:consume=1500"),
    defect("change-with-history", Order, Act::Buy("sim_ok"), &[I::Sequence, I::States]),
    defect("deadline-swept", Order, Act::BuyWithout(Payment), &[I::Ends]),
    // Money
    defect("charge-key-kept", Payment, Act::Buy("sim_lost"), &[I::Money, I::Reconciliation]),
    defect("charge-the-total", Payment, Act::Buy("sim_ok"), &[I::Money, I::Reconciliation]),
    defect("unknown-is-asked", Payment, Act::Buy("sim_lost"), &[I::Money, I::Reconciliation]),
    defect("late-capture-refunded", Payment, Act::BuyAndCancelAtOnce("sim_slow"), &[I::Money]),
    defect("refund-on-cancel", Payment, Act::BuyAndCancelWhenPaid("sim_ok"), &[I::Money]),
    defect("refund-key-kept", Payment, Act::BuyAndCancelWhenPaid("sim_lost"), &[I::Money, I::Reconciliation]),
    defect("capture-booked", Payment, Act::Buy("sim_ok"), &[I::Ledger]),
    defect("both-sides-booked", Payment, Act::Buy("sim_ok"), &[I::Money, I::Reconciliation]),
    defect("odd-one-alone", Payment, Act::Buy("sim_ok"), &[I::Money, I::Reconciliation]).with("error:commit:settle"),
    defect("tombstone", Payment, Act::BuyAndCancelAtOnce("sim_ok"), &[I::Money]).with("error:consume"),
    // Stock
    defect("stock-locked", Product, Act::RaceForTheLast, &[I::Stock]),
    // Before it is paid, the expiry of its reservation would mend it.
    defect("cancel-gives-back", Product, Act::BuyAndCancelWhenPaid("sim_ok"), &[I::Stock]),
    defect("paid-commits-stock", Product, Act::Buy("sim_ok"), &[I::Ends, I::Stock]),
    defect("shipping-takes-stock", Product, Act::BuyAndShip, &[I::Stock]),
    defect("expiry-announced", Product, Act::TryOnce, &[I::Loss]).with_at(Order, "crash:reserve"),
    defect("level-with-movement", Product, Act::AdjustStock, &[I::Stock]),
    // Mails
    defect("confirmed-when-paid", Notify, Act::Buy("sim_declined"), &[I::Causes]),
    defect("handed-over-after-commit", Notify, Act::Buy("sim_ok"), &[I::Notices]).with("error:commit:order.created"),
    defect("left-behind-is-claimed", Notify, Act::BuyAndMissTheMail, &[I::Notices]),
    defect("sent-then-marked", Notify, Act::Buy("sim_ok"), &[I::Notices]).with("crash:mail-marked"),
    defect("setback-is-tried-again", Notify, Act::BuyAndMissTheMail, &[I::Notices]),
    defect("message-id-kept", Notify, Act::Buy("sim_ok"), &[I::Notices]),
];

/// A platform does not get quiet any more when something is lost; then the checker looks all the same.
const PATIENCE: Duration = Duration::from_secs(14);
/// With every cure in force it gets quiet: the longest lease is 45 s.
const CURED_PATIENCE: Duration = Duration::from_secs(120);
/// It does not while a service stays dead; by then the order's deadline of 7 s has long been seen to.
const ONE_DEAD_PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn run(only: Option<&str>, third: Option<usize>) -> anyhow::Result<Outcome> {
    let unlisted = cures().filter(|(cure, _)| !DEFECTS.iter().any(|one| one.cure == *cure));
    anyhow::ensure!(unlisted.count() == 0, "a cure has no scene: add one to DEFECTS");
    let is_meant = |place: usize, one: &Defect| {
        only.is_none_or(|name| name == one.cure) && third.is_none_or(|third| place % 3 == third % 3)
    };
    let meant = DEFECTS.iter().enumerate().filter(|(place, one)| is_meant(*place, one));
    let defects: Vec<&Defect> = meant.map(|(_, one)| one).collect();
    anyhow::ensure!(!defects.is_empty(), "there is no cure {:?}", only.unwrap_or_default());
    // Most of the time is waiting: several platforms wait side by side.
    let (one, two) = defects.split_at(defects.len() / 2);
    let (control, one, two) = tokio::try_join!(control(&defects), lane(one), lane(two))?;
    let mut outcome = control;
    outcome.add(one);
    outcome.add(two);
    Ok(outcome)
}

async fn open() -> anyhow::Result<Stage> {
    Stage::open(Deadlines { payment: 7, give_up: 5, reservation: 9, provider: 400 }).await
}

/// Defects one after the other, on a platform of their own.
async fn lane(defects: &[&Defect]) -> anyhow::Result<Outcome> {
    let stage = open().await?;
    stage.remember().await?;
    let mut outcome = Outcome::default();
    for defect in defects {
        outcome.add(caught(&stage, defect).await?);
    }
    stage.stack.end().await?;
    Ok(outcome)
}

/// The same scenes with every cure in force.
async fn control(defects: &[&Defect]) -> anyhow::Result<Outcome> {
    let stage = open().await?;
    let mut scene = Scene::new(&stage)?;
    for defect in defects {
        stage.stack.services.restart_all(&defect.faults(true))?;
        stage.stack.wait_ready().await?;
        stage.stack.wait_connected().await?;
        scene.play(defect.act).await?;
    }
    stage.stack.heal();
    stage.stack.services.restart_all(&Faults::new())?;
    let reach = stage.reach().await?;
    quiet::wait(&reach, CURED_PATIENCE).await?;
    let report = doctor::examine(&reach, &options(&stage, &scene), Clock::system().now()).await?;
    drop(reach);
    let line = format!("with every cure in force, all {} scenes", defects.len());
    let outcome = Outcome::of(&line, report.is_clean(), &describe(&report));
    stage.stack.end().await?;
    Ok(outcome)
}

async fn caught(stage: &Stage, defect: &Defect) -> anyhow::Result<Outcome> {
    let (found, what) = judged(stage, defect, false).await?;
    let mut outcome = Outcome::of(&format!("without {}", defect.cure), found, &what);
    if defect.kills() {
        let (found, what) = judged(stage, defect, true).await?;
        outcome.add(Outcome::of(&format!("with {}, as soon", defect.cure), !found, &what));
    }
    Ok(outcome)
}

/// Plays the scene on a platform put back to its beginning; whether the checker found what this mistake breaks, and all
/// it found.
async fn judged(stage: &Stage, defect: &Defect, cured: bool) -> anyhow::Result<(bool, String)> {
    stage.begin(&defect.faults(cured)).await?;
    let mut scene = Scene::new(stage)?;
    scene.play(defect.act).await?;
    let reach = stage.reach().await?;
    let patience = match (cured, defect.act) {
        (false, _) => PATIENCE,
        (true, Act::BuyWithout(_)) => ONE_DEAD_PATIENCE,
        (true, _) => CURED_PATIENCE,
    };
    let _quiet_or_stuck = quiet::wait(&reach, patience).await;
    let report = doctor::examine(&reach, &options(stage, &scene), Clock::system().now()).await?;
    let found = report.broken().iter().any(|broken| defect.found_by.contains(broken));
    Ok((found, describe(&report)))
}

fn options(stage: &Stage, scene: &Scene<'_>) -> Options {
    Options {
        client_log: Some(scene.log()),
        grace: Duration::ZERO,
        poison: scene.poison.iter().copied().collect(),
        canary: Some("12 St James's Square".to_owned()),
        canary_erased: false,
        mails: Some(stage.stack.mails()),
        logs: Vec::new(),
        oldest_outbox: Duration::from_secs(3),
        no_provider_log: false,
    }
}

/// What was found, shortly.
fn describe(report: &Report) -> String {
    let broken = report.findings.iter().filter(|finding| !finding.violations.is_empty());
    let broken = broken.map(|finding| {
        let first = &finding.violations[0];
        format!("{}: {}", finding.invariant.code(), first.sentence)
    });
    let text = broken.collect::<Vec<_>>().join("; ");
    if text.is_empty() { "nothing found".to_owned() } else { text }
}

/// The cures of all crates.
fn cures() -> impl Iterator<Item = (&'static str, &'static str)> {
    service_kit::labs::known().into_iter().flat_map(|listed| listed.cures).copied()
}

/// All cures and all crash points, for `ecom lab list`.
pub(super) fn list() {
    for (cure, meaning) in cures() {
        say(format!("{cure:<26}{meaning}"));
    }
    for listed in service_kit::labs::known() {
        say(format!("\ncrash points of {}", listed.of));
        listed.points().for_each(|point| say(format!("  {point}")));
    }
}
