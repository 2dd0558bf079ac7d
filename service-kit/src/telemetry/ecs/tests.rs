//! Whole lines, byte for byte.

use super::Ecs;
use crate::{Clock, Environment, trace};
use std::{
    io,
    sync::{Arc, Mutex},
};
use time::macros::datetime;
use tracing_subscriber::{Registry, layer::SubscriberExt};

/// Collects what is written, a piece for each write.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<String>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(String::from_utf8(bytes.to_vec()).unwrap());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What `work` logs.
fn logged(work: impl FnOnce()) -> Vec<String> {
    let written = Written::default();
    let writer = written.clone();
    let clock = Clock::manual(datetime!(2026-11-24 13:45:11.038 UTC));
    let layer = Ecs::new("ecom", Environment::Development, clock, move || writer.clone());
    tracing::subscriber::with_default(Registry::default().with(layer), work);
    written.0.lock().unwrap().clone()
}

const START: &str = r#"{"@timestamp":"2026-11-24T13:45:11.038000Z","log.level":"#;

#[test]
fn a_line_says_when_who_and_what_in_the_order_of_the_schema() {
    let lines = logged(|| tracing::info!(order.id = %"01a2", order.number = 1002, "order placed"));
    let expected = [
        START,
        r#""info","message":"order placed","ecs.version":"8.17.0","service.name":"ecom","service.version":""#,
        env!("CARGO_PKG_VERSION"),
        r#"","service.environment":"development","event.dataset":"ecom","log.logger":"#,
        r#""service_kit::telemetry::ecs::tests","order.id":"01a2","order.number":1002}"#,
        "\n",
    ];
    assert_eq!(lines, [expected.concat()]);
}

#[test]
fn fields_alone_get_the_name_of_who_logs_as_their_message() {
    let lines = logged(|| tracing::debug!(rows = 3));
    assert!(lines[0].contains(r#""message":"service_kit::telemetry::ecs::tests","#), "{}", lines[0]);
    assert_eq!(own_part(&lines[0]), r#""ecom.rows":3}"#);
}

/// Without what every line has.
fn own_part(line: &str) -> &str {
    line.trim_end().rsplit_once(r#""log.logger":"service_kit::telemetry::ecs::tests","#).unwrap().1
}

#[test]
fn a_span_says_it_for_its_events_and_the_innermost_wins() {
    let lines = logged(|| {
        let outer = tracing::error_span!("work", service.name = "order-service", order.id = "a", attempts = 1);
        let _outer = outer.enter();
        let inner = tracing::error_span!("step", order.id = "b", late = tracing::field::Empty).entered();
        inner.record("late", true);
        tracing::warn!(attempts = 2, "tried again");
        tracing::warn!(order.id = "c", "tried again");
    });
    assert!(lines[0].contains(r#""service.name":"order-service""#), "{}", lines[0]);
    assert!(lines[0].contains(r#""event.dataset":"order-service""#), "{}", lines[0]);
    let parts: Vec<_> = lines.iter().map(|line| own_part(line)).collect();
    let expected = [
        r#""order.id":"b","ecom.attempts":2,"ecom.late":true}"#,
        r#""order.id":"c","ecom.attempts":1,"ecom.late":true}"#,
    ];
    assert_eq!(parts, expected);
}

#[test]
fn whatever_is_said_the_line_stays_one_valid_object() {
    let awkward = "a \"quote\"\r\nforged\u{2028}line\u{0} \u{1b}[31m \\ 🦀";
    let lines = logged(|| tracing::error!(reason = awkward, ratio = f64::NAN, "{awkward}"));
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(line.matches('\n').count(), 1, "{line}");
    let object: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!((&object["message"], &object["ecom.reason"]), (&awkward.into(), &awkward.into()));
    assert!(object["ecom.ratio"].is_null());
}

#[test]
fn what_the_layer_writes_is_nobody_elses() {
    let lines = logged(|| {
        tracing::info!(
            log.level = "none",
            event.dataset = "mine",
            ecs.version = 1,
            source = "here",
            service = "web",
            "careful"
        );
    });
    assert!(lines[0].starts_with(&format!(r#"{START}"info","message":"careful","ecs.version":"8.17.0""#)), "{lines:?}");
    assert!(lines[0].contains(r#""service.name":"web""#), "{lines:?}");
    let expected = r#""ecom.log.level":"none","ecom.event.dataset":"mine","ecom.ecs.version":1,"ecom.source":"here"}"#;
    assert_eq!(own_part(&lines[0]), expected);
}

#[test]
fn an_error_is_told_with_its_causes() {
    let deepest = io::Error::other("the disk is full");
    let error = crate::KitError::Database(sqlx::Error::Io(deepest));
    let lines = logged(|| tracing::error!(error = &error as &dyn std::error::Error, "a request failed"));
    let expected = r#""error.message":"error communicating with database: the disk is full"}"#;
    assert_eq!(own_part(&lines[0]), expected);
}

#[test]
fn a_text_without_end_is_cut_so_that_docker_does_not_cut_the_line() {
    let long = "ä".repeat(10_000);
    let lines = logged(|| tracing::info!(long, "{long}"));
    let object: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
    let expected = format!("{}…", "ä".repeat(2048));
    assert_eq!((&object["message"], &object["ecom.long"]), (&expected.as_str().into(), &expected.as_str().into()));
    assert!(lines[0].len() < 16 * 1024, "{}", lines[0].len());
}

#[test]
fn the_running_tasks_trace_is_in_its_lines() {
    let context = trace::Context::continuing(Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    let span_id = context.span_id().to_owned();
    let lines = logged(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(trace::within(context, async { tracing::info!("order paid") }));
        tracing::info!("idle");
    });
    let expected = format!(r#""trace.id":"4bf92f3577b34da6a3ce929d0e0e4736","span.id":"{span_id}"}}"#);
    assert_eq!(own_part(&lines[0]), expected);
    assert!(!lines[1].contains("trace.id"), "{}", lines[1]);
}
