//! Every step of an order's way, and a process that dies, fails or dawdles right there; besides, the points of a walk
//! through the whole shop, where it dies. The same request with the same key gives the same order, and every invariant
//! holds: right after it but for what may be on its way, in the end for all.

use super::{
    outcome::Outcome,
    points,
    scene::{Scene, key},
    service_log::{PATIENCE, happened},
    stage::Stage,
    walk::Walk,
};
use crate::{dice::Dice, quiet, stack_options::Deadlines};
use anyhow::{Context, ensure};
use contracts::ServiceName::{self, Notify, Order, Payment, Product};
use http::Method;
use operate::{
    doctor::{self, Options, Report, Violation},
    reach::Reach,
};
use service_kit::Clock;
use std::{
    collections::BTreeSet,
    fs,
    time::{Duration, Instant},
};

/// A step, the service that passes it, and the payment method that leads there.
type Step = (&'static str, ServiceName, &'static str);

const STEPS: &[Step] = &[
    ("reserve", Order, "sim_ok"),
    ("order-commit", Order, "sim_ok"),
    ("answer", Order, "sim_ok"),
    ("publish", Order, "sim_ok"),
    ("confirm", Order, "sim_ok"),
    ("mark", Order, "sim_ok"),
    ("consume", Payment, "sim_ok"),
    ("provider-call", Payment, "sim_ok"),
    ("provider-answer", Payment, "sim_ok"),
    ("ledger-commit", Payment, "sim_ok"),
    ("acknowledge", Payment, "sim_ok"),
    ("compensate", Order, "sim_declined"),
    ("compensate", Product, "sim_declined"),
    // Paid, then cancelled: the refund.
    ("compensate", Payment, "sim_ok"),
    ("mail-sent", Notify, "sim_ok"),
    ("mail-marked", Notify, "sim_ok"),
];

/// Besides the crash, which every step is tried with.
const MILDER: &[&str] = &["error", "delay"];
/// One of so many of those is tried, unless all are.
const SHARE: usize = 4;
/// So many order at once that there are three batches at least: no more than eight of one customer are in one.
const TOGETHER: usize = 17;

/// What may still be on its way after a case: the customer's mails go out one after the other, and each of the last six
/// cases may leave the first of them to a lease of 30 s.
const ON_ITS_WAY: Duration = Duration::from_secs(240);

/// What a case came to.
struct Tried {
    case: String,
    /// The same key gave the same order.
    same: bool,
    /// None where a walk is about more than one.
    order: Option<String>,
    /// What the checker found right after it, and not before.
    found: Vec<String>,
}

pub(super) async fn run(all: bool, seed: u64, third: Option<usize>) -> anyhow::Result<Outcome> {
    for step in points::steps() {
        ensure!(STEPS.iter().any(|(name, ..)| *name == step), "the step {step} is not tried: add it to STEPS");
    }
    let others = points::others()?;
    let stage = Stage::open(Deadlines { payment: 40, give_up: 30, reservation: 45, provider: 400 }).await?;
    let scene = Scene::new(&stage)?;
    let reach = stage.reach().await?;
    let (mut tried, mut known) = (Vec::new(), Vec::new());
    for (fault, (step, service, method)) in share(faults(all, seed), third) {
        let case = format!("{fault} at {step} in {service}");
        let (same, order) = try_step(&stage, &scene, step, service, fault, method).await.context(case.clone())?;
        let found = news(&reach, &scene, &mut known).await?;
        tried.push(Tried { case, same, order: Some(order), found });
    }
    let case = "crash inside a batch, after its claims and before its commit".to_owned();
    let same = try_together(&stage, &scene).await.context(case.clone())?;
    let found = news(&reach, &scene, &mut known).await?;
    tried.push(Tried { case, same, order: None, found });
    let walk = Walk::through(&stage, &scene, &reach, &others).await?;
    for passed in share(walk.chosen(all, seed), third) {
        let case = format!("crash at {} in {}", passed.point, passed.service);
        passed.crash(&stage, &scene).await.context(case.clone())?;
        let found = news(&reach, &scene, &mut known).await?;
        tried.push(Tried { case, same: true, order: None, found });
    }
    stage.stack.services.restart_all(&super::stage::Faults::new())?;
    quiet::wait(&reach, Duration::from_secs(150)).await?;
    let options = Options {
        client_log: Some(scene.log()),
        grace: Duration::ZERO,
        mails: Some(stage.stack.mails()),
        ..Options::default()
    };
    let report = doctor::examine(&reach, &options, Clock::system().now()).await?;
    drop(reach);
    let outcome = judge(&tried, &report);
    walk.tell(all, third.is_some());
    stage.stack.end().await?;
    Ok(outcome)
}

/// Which steps are tried with which fault.
fn faults(all: bool, seed: u64) -> Vec<(&'static str, Step)> {
    let mut tried: Vec<_> = STEPS.iter().map(|step| ("crash", *step)).collect();
    for fault in MILDER {
        let mut steps = STEPS.to_vec();
        if !all {
            Dice::of(seed, fault, 0).shuffle(&mut steps);
            steps.truncate(STEPS.len().div_ceil(SHARE));
        }
        tried.extend(steps.into_iter().map(|step| (*fault, step)));
    }
    tried
}

/// All of them, or the third that was asked for.
fn share<T>(all: Vec<T>, third: Option<usize>) -> impl Iterator<Item = T> {
    all.into_iter()
        .enumerate()
        .filter(move |(place, _)| third.is_none_or(|third| place % 3 == third % 3))
        .map(|(_, one)| one)
}

/// What the checker finds now, and did not before.
async fn news(reach: &Reach, scene: &Scene<'_>, known: &mut Vec<Violation>) -> anyhow::Result<Vec<String>> {
    // Without the mails' folder: what is sent between the look at the database and that at the folder belongs to nobody.
    let options = Options { client_log: Some(scene.log()), grace: ON_ITS_WAY, ..Options::default() };
    let report = doctor::examine(reach, &options, Clock::system().now()).await?;
    let violations = report.findings.into_iter().flat_map(|finding| finding.violations);
    let new: Vec<_> = violations.filter(|violation| !known.contains(violation)).collect();
    let sentences = new.iter().map(|violation| violation.sentence.clone()).collect();
    known.extend(new);
    Ok(sentences)
}

fn judge(tried: &[Tried], report: &Report) -> Outcome {
    let mut outcome = Outcome::default();
    for Tried { case, same, order, found } in tried {
        let about = report.findings.iter().flat_map(|finding| &finding.violations);
        let about = about
            .filter(|violation| order.as_ref().is_some_and(|order| violation.ids.contains(order)))
            .map(|one| &*one.sentence);
        let wrong: BTreeSet<&str> = found.iter().map(String::as_str).chain(about).collect();
        let details = match (*same, wrong.is_empty()) {
            (true, true) if order.is_none() => "nothing found".to_owned(),
            (true, true) => "the same order, nothing found".to_owned(),
            (false, _) => "ANOTHER ORDER under the same key".to_owned(),
            (true, false) => Vec::from_iter(wrong.iter().copied()).join("; "),
        };
        outcome.add(Outcome::of(case, *same && wrong.is_empty(), &details));
    }
    // Whatever cannot be put down to one order.
    outcome.add(Outcome::of("all invariants", report.is_clean(), &format!("{} violations", report.violations())));
    outcome
}

/// Whether the same key gave the same order, and the order's id.
async fn try_step(
    stage: &Stage,
    scene: &Scene<'_>,
    step: &str,
    service: ServiceName,
    fault: &str,
    method: &str,
) -> anyhow::Result<(bool, String)> {
    let services = &stage.stack.services;
    let log = services.log(service);
    let before = fs::metadata(&log).map_or(0, |log| log.len());
    let time = if fault == "delay" { "=700" } else { "" };
    let point = points::of_step(step, service)?;
    services.restart(service, Some(&format!("{fault}:{point}{time}")))?;
    services.wait_ready(service).await?;

    let (key, lines) = (key(), [(&stage.mug, 1)]);
    let first = scene.insist(&key, &lines, method).await?;
    let id = first.body["id"].as_str().context("an order without an id")?.to_owned();
    if step == "compensate" && service == Payment {
        cancel_when_paid(stage, &id).await?;
    }
    happened(&log, before, point).await?;
    // A process that died is started again without its fault.
    services.wait_ready(service).await?;
    let again = scene.insist(&key, &lines, method).await?;
    let same = again.body == first.body;
    scene.note(&key, &lines, &[first, again])?;
    Ok((same, id))
}

/// Many order at once, and the third commit is not reached: all of its batch repeat their requests. Whether each key gave
/// one order.
async fn try_together(stage: &Stage, scene: &Scene<'_>) -> anyhow::Result<bool> {
    let services = &stage.stack.services;
    let log = services.log(Order);
    let before = fs::metadata(&log).map_or(0, |log| log.len());
    services.restart(Order, Some("crash:commit:place_order@3"))?;
    services.wait_ready(Order).await?;
    let lines = [(&stage.mug, 1)];
    let orders = (0..TOGETHER).map(|_| async {
        let key = key();
        let first = scene.insist(&key, &lines, "sim_ok").await?;
        let again = scene.insist(&key, &lines, "sim_ok").await?;
        let same = again.body == first.body;
        scene.note(&key, &lines, &[first, again])?;
        anyhow::Ok(same)
    });
    let same = futures_util::future::try_join_all(orders).await?;
    happened(&log, before, "commit:place_order").await?;
    services.wait_ready(Order).await?;
    Ok(same.into_iter().all(|same| same))
}

async fn cancel_when_paid(stage: &Stage, id: &str) -> anyhow::Result<()> {
    let (shop, token, key) = (&stage.shop, stage.customer.token(), key());
    let begun = Instant::now();
    loop {
        let order = shop.ask(ServiceName::Order, Method::GET, &format!("/orders/{id}"), &token, None, None).await?;
        if order.body["status"] == "paid" {
            break;
        }
        ensure!(begun.elapsed() < PATIENCE, "the order was not paid within 75 s: {}", order.body);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let path = format!("/orders/{id}/cancel");
    let answer = shop.ask(ServiceName::Order, Method::POST, &path, &token, Some(&key), None).await?;
    ensure!(answer.status.is_success(), "{path} answered {}", answer.body);
    Ok(())
}
