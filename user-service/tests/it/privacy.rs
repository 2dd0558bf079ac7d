//! Secrets and personal data stay where they belong: no answer, log line or event has them.

use crate::support::Users;
use serde_json::json;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};
use tracing_subscriber::{
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Everything this test program logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_is_in_no_answer_log_line_or_event() {
    let log = Log::default();
    let filter: Targets = "info,user_service=trace,service_kit=trace,sqlx=debug".parse().unwrap();
    let lines = fmt::layer().with_ansi(false).with_writer(log.clone());
    tracing_subscriber::registry().with(filter).with(lines).init();

    let users = Users::open().await;
    let password = "canarypassword flies";
    let email = "canarymail@example.com";
    let body = json!({
        "first_name": "Canaryfirst", "last_name": "Canarylast", "email": email, "password": password,
        "phone": "canaryphone", "address": "canaryaddress",
    });
    let mut answers = Vec::new();
    answers.push(users.visitor.post("/auth/register", body.clone()).await);
    let asked = users.recorder.wait_for(|_: &contracts::events::user::VerificationRequested| true).await;
    let id = asked.data.account_id;
    let link_token = users.link_token(id, asked.id).await;
    answers.push(users.visitor.post("/auth/register", body).await);
    answers.push(users.login(email, "canarywrong flies").await);
    answers.push(users.login("canarynobody@example.com", password).await);
    // A line break in what is logged would be a line of the attacker's.
    answers.push(users.login("x\nforged=line@example.com", password).await);
    answers.push(users.login(email, password).await);
    answers.push(users.verify("canarytoken").await);
    answers.push(users.verify_with(&link_token, "canarywrong flies").await);
    answers.push(users.verify_with(&link_token, password).await);
    for _ in 0..12 {
        answers.push(users.login(email, "canarywrong flies").await);
    }
    users.recorder.wait_for(|_: &contracts::events::user::LoginsSlowedDown| true).await;
    users.running.settled().await;
    let hash = users.password_hash(id).await;
    assert_eq!(answers[5].body["code"], "email_not_verified");

    for answer in &answers {
        let text = answer.text.to_lowercase();
        assert!(!text.contains("canary") && !text.contains("$2b$"), "{text}");
    }
    let events: Vec<String> =
        sqlx::query_scalar("SELECT envelope::text FROM event_log").fetch_all(users.database.pool()).await.unwrap();
    assert_eq!(events.len(), 5);
    for event in events {
        assert!(!event.to_lowercase().contains("canary") && !event.contains(&link_token), "{event}");
    }

    let log = log.text();
    for line in log.lines() {
        let clean = !line.to_lowercase().contains("canary") && !line.contains("forged=line");
        assert!(clean && !line.contains(&hash) && !line.contains(&link_token), "{line}");
    }
    // Failures are logged all the same, with the account where there is one.
    for said in [
        "a login failed: wrong password account.id=",
        "a login failed: unknown address",
        "a login was refused: too many failed",
        "a login was refused: the address is not confirmed registration.id=",
        "a verification failed: unknown token",
        "a verification failed: wrong password registration.id=",
    ] {
        assert!(log.contains(said), "nothing says {said:?} in\n{log}");
    }
    assert!(log.contains(&format!("wrong password account.id={id}")), "the account is not named");
}
