//! Problems on the wire: RFC 9457, whole.

use crate::support::{Sample, Way};
use axum::response::IntoResponse;
use contracts::ServiceName;
use serde_json::{Map, Value, json};
use service_kit::{Fault, Kind, KitError, Problem, problem::FieldProblem};
use test_kit::Answer;

/// A service's error with all an error can have.
#[derive(Debug, thiserror::Error)]
#[error("the shelf of {sku} is empty, says the database at 10.0.0.7")]
struct OutOfStock {
    sku: &'static str,
}

impl Fault for OutOfStock {
    fn code(&self) -> &'static str {
        "out_of_stock"
    }

    fn kind(&self) -> Kind {
        Kind::Conflict
    }

    fn public(&self) -> String {
        format!("{} is out of stock: order fewer.", self.sku)
    }

    fn members(&self) -> Map<String, Value> {
        Map::from_iter([("short".to_owned(), json!([{"sku": self.sku, "available": 0}]))])
    }
}

#[test]
fn a_fault_becomes_a_problem_with_its_members_and_without_its_cause() {
    insta::assert_json_snapshot!(Problem::of(&OutOfStock { sku: "MUG" }), @r#"
    {
      "type": "urn:ecom-micro:problem:out_of_stock",
      "title": "Conflict",
      "status": 409,
      "detail": "MUG is out of stock: order fewer.",
      "code": "out_of_stock",
      "short": [
        {
          "available": 0,
          "sku": "MUG"
        }
      ]
    }
    "#);
}

#[test]
fn wrong_fields_are_told_all_at_once() {
    let fields = vec![
        FieldProblem { pointer: "/email".to_owned(), detail: "is missing an @".to_owned() },
        FieldProblem { pointer: "/lines/0/quantity".to_owned(), detail: "is not above 0".to_owned() },
    ];
    insta::assert_json_snapshot!(Problem::fields(fields), @r#"
    {
      "type": "urn:ecom-micro:problem:invalid_fields",
      "title": "Unprocessable Entity",
      "status": 422,
      "detail": "Some fields are not acceptable; see errors.",
      "code": "invalid_fields",
      "errors": [
        {
          "pointer": "/email",
          "detail": "is missing an @"
        },
        {
          "pointer": "/lines/0/quantity",
          "detail": "is not above 0"
        }
      ]
    }
    "#);
}

#[test]
fn who_may_come_again_is_told_when_and_who_must_log_in_is_told_how() {
    let header = |kind, name| {
        let response = Problem::new(kind, "any", "Any.").into_response();
        assert_eq!(response.status(), kind.status());
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    };
    for kind in [Kind::Unavailable, Kind::TooMany] {
        assert_eq!(header(kind, "retry-after").as_deref(), Some("2"));
    }
    assert_eq!(header(Kind::Unauthenticated, "www-authenticate").as_deref(), Some("Bearer"));
    for kind in [Kind::Invalid, Kind::Forbidden, Kind::NotFound, Kind::Conflict, Kind::Internal] {
        assert_eq!((header(kind, "retry-after"), header(kind, "www-authenticate")), (None, None));
    }
}

#[test]
fn a_database_that_is_away_is_503_and_our_own_mistake_500_without_its_text() {
    let away = Problem::of(&KitError::from(sqlx::Error::PoolTimedOut));
    assert_eq!((away.status, away.code.as_str()), (503, "database_unavailable"));
    let mistake = Problem::of(&KitError::from(sqlx::Error::ColumnNotFound("secret".to_owned())));
    assert_eq!((mistake.status, mistake.code.as_str()), (500, "internal"));
    assert!(!mistake.detail.contains("secret"));
}

fn shape(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.body["code"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_handler_answers_is_a_problem_too() {
    let sample = Sample::start(Way::Local).await;
    let client = sample.running.client();
    assert_eq!(shape(&client.get("/nowhere").await), (404, "not_found"));
    assert_eq!(shape(&client.post("/me", json!({})).await), (405, "method_not_allowed"));
    let panicked = client.get("/panic").await;
    assert_eq!(shape(&panicked), (500, "internal"));
    assert!(!panicked.text.contains("fell over"), "{}", panicked.text);
    assert_eq!(panicked.headers["x-content-type-options"], "nosniff");
    assert_eq!(sample.kit().service, ServiceName::Order);
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_methods_make_no_new_time_series() {
    let sample = Sample::start(Way::Local).await;
    let client = sample.running.client();
    for number in 0..3 {
        let method = reqwest::Method::from_bytes(format!("STRANGE{number}").as_bytes()).unwrap();
        client.send(method, "/me", None).await.assert_problem(405, "method_not_allowed");
    }
    let metrics = client.get("/metrics").await.text;
    assert!(metrics.contains("http_requests_total{"), "{metrics}");
    assert!(!metrics.contains("STRANGE"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_that_comes_in_goes_on_and_a_broken_one_is_replaced() {
    let sample = Sample::start(Way::Local).await;
    let trace = async |parent: &str| {
        let answer = sample.running.client().with_header("traceparent", parent).get("/livez").await;
        answer.headers["traceparent"].to_str().unwrap().to_owned()
    };
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let ours = trace(parent).await;
    assert_eq!(ours.get(..36), parent.get(..36));
    assert_ne!(ours.get(36..52), parent.get(36..52));
    let broken = trace(&"x".repeat(60)).await;
    assert_eq!((broken.len(), broken.get(..3), broken.get(52..)), (55, Some("00-"), Some("-01")), "{broken}");
}
