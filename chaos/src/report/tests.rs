//! What a run is called, and what is recorded of it.

use super::{
    BTreeMap, Cause, Deadlines, Death, Duration, Injected, Options, Outcome, Process, Shoppers, Summary, append,
    broken_off, doctor,
};
use anyhow::anyhow;
use clap::Parser;
use contracts::ServiceName;
use serde_json::Value;
use std::{fs, os::unix::process::ExitStatusExt, process::ExitStatus};
use time::OffsetDateTime;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: Options,
}

fn options() -> Options {
    Line::parse_from(["chaos", "--orders", "10"]).options
}

/// Everything was tried, and nothing was found.
fn clean() -> Summary {
    Summary {
        seed: 7,
        options: options(),
        deadlines: Deadlines::default(),
        at: OffsetDateTime::UNIX_EPOCH,
        outcomes: BTreeMap::from([(Outcome::Ok, 8), (Outcome::Failed, 2)]),
        cancelled: 1,
        fulfilled: 3,
        shoppers: Shoppers { methods: BTreeMap::from([("sim_ok", 9), ("sim_lost", 1)]), double_clicks: 2, carts: 3 },
        planned: 3,
        injected: Injected {
            faults: BTreeMap::from([("crash at a step", 2), ("service killed", 1)]),
            ..Injected::default()
        },
        services: Vec::new(),
        deaths: vec![death(signalled(6), Cause::Armed), death(exit(1), Cause::Start)],
        never_ready: Vec::new(),
        driving: Duration::from_secs(5),
        settled: Some(Duration::from_secs(1)),
        whole: Duration::from_secs(9),
        events: 40,
        changed_by_replay: Vec::new(),
        found: doctor::Report { findings: Vec::new(), since: None, could_not_look: Vec::new() },
    }
}

fn death(status: ExitStatus, cause: Cause) -> Death {
    Death { process: ServiceName::Order.into(), status, cause }
}

/// As `wait` tells of it.
fn exit(code: i32) -> ExitStatus {
    ExitStatus::from_raw(code << 8)
}

fn signalled(signal: i32) -> ExitStatus {
    ExitStatus::from_raw(signal)
}

#[test]
fn a_run_is_clean_whose_crashes_were_met_and_whose_starts_were_given_up_amid_a_fault() {
    let summary = clean();
    assert_eq!(summary.troubles(), Vec::<String>::new());
    assert!(summary.line().starts_with("chaos seed 7: clean; 10 orders, 3 faults, 40 events"), "{}", summary.line());
    let record = summary.json();
    assert_eq!((&record["clean"], &record["complete"]), (&Value::Bool(true), &Value::Bool(true)));
    assert_eq!((&record["faults"]["crash at a step"], &record["crashes_met"]), (&2.into(), &1.into()));
    assert_eq!(record["shoppers"]["payment_methods"]["sim_lost"], 1);
    assert_eq!(record["shoppers"]["double_clicks"], 2);
    assert_eq!(record["shoppers"]["carts"], 3);
    assert_eq!(record["processes"]["gave_up_their_start"], 1);
}

#[test]
fn a_run_that_ended_early_is_not_clean_and_has_no_violation_for_it() {
    let fewer_orders = Summary { outcomes: BTreeMap::from([(Outcome::Ok, 9)]), ..clean() };
    let fewer_faults = Summary { planned: 4, ..clean() };
    for (summary, verdict) in [
        (fewer_orders, "NOT COMPLETE (9 of 10 orders, 3 of 3 faults)"),
        (fewer_faults, "NOT COMPLETE (10 of 10 orders, 3 of 4 faults)"),
    ] {
        assert_eq!((summary.troubles(), summary.violations()), (vec![verdict.to_owned()], 0));
        assert!(summary.line().starts_with(&format!("chaos seed 7: {verdict};")), "{}", summary.line());
        let record = summary.json();
        assert_eq!((&record["clean"], &record["complete"]), (&Value::Bool(false), &Value::Bool(false)));
    }
}

#[test]
fn who_ends_by_itself_or_is_never_ready_keeps_a_run_from_being_clean() {
    let summary = Summary {
        deaths: vec![death(exit(101), Cause::Itself)],
        never_ready: vec![Process::Provider, Process::Provider],
        ..clean()
    };
    assert_eq!(summary.troubles(), ["1 ENDED BY THEMSELVES", "2 NEVER READY"]);
    assert_eq!(summary.who_died(Cause::Itself), "order-service (exit status: 101)");
    let record = summary.json();
    assert_eq!(record["processes"]["ended_by_themselves"], 1);
    assert_eq!(record["processes"]["never_ready"], 2);
    assert_eq!(record["clean"], Value::Bool(false));
}

#[test]
fn a_hang_that_no_other_replica_relays_in_keeps_a_run_from_being_clean_and_a_slow_one_is_told() {
    let hung = |hangs: &[Option<u64>]| {
        let hangs = hangs.iter().map(|followed| followed.map(Duration::from_secs)).collect();
        let refusals = vec![Duration::from_secs(1), Duration::from_secs(2)];
        let injected = Injected { hangs, refusals, cuts: 51, ..clean().injected };
        Summary { injected, ..clean() }
    };
    let followed = hung(&[Some(12), Some(16)]);
    assert_eq!(followed.troubles(), Vec::<String>::new());
    assert!(followed.line().contains("relay 16.0 s; settled"), "{}", followed.line());
    let record = followed.json();
    assert_eq!((&record["seconds"]["hang_most"], &record["seconds"]["refusal_most"]), (&16.0.into(), &2.0.into()));
    assert_eq!((&record["hangs_not_followed"], &record["cuts_in_refusals"]), (&0.into(), &51.into()));
    assert_eq!(record["options"]["replicas"], 1);

    let never = hung(&[Some(12), None]);
    assert_eq!(never.troubles(), ["1 HANGS THAT NO OTHER REPLICA RELAYED IN"]);
    let record = never.json();
    assert_eq!((&record["hangs_not_followed"], &record["clean"]), (&1.into(), &Value::Bool(false)));
}

#[test]
fn a_run_that_broke_off_leaves_a_line_behind_those_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chaos/results.jsonl");
    append(&path, &clean().json()).unwrap();
    let cause = anyhow!("no answer").context("placing an order");
    append(&path, &broken_off(8, &options(), OffsetDateTime::UNIX_EPOCH, &cause)).unwrap();
    let lines = fs::read_to_string(path).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["seed"]), (2, &7.into()));
    assert_eq!((&lines[1]["seed"], &lines[1]["at"]), (&8.into(), &"1970-01-01T00:00:00Z".into()));
    assert_eq!(lines[1]["options"], lines[0]["options"]);
    assert_eq!((&lines[1]["clean"], &lines[1]["broke_off"]), (&false.into(), &"placing an order: no answer".into()));
}
