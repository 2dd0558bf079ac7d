//! The sample as a process of its own, which can be stopped, wake up again, and die: this test program, run once more.

use crate::{
    sample,
    support::{amqp_url, namespace},
};
use contracts::ServiceName;
use service_kit::{Bus, Clock, Env, Settings, bus::RabbitBus, telemetry};
use std::{fs::File, path::Path, process::Stdio, sync::Arc, time::Duration};
use test_kit::{Running, TestDatabase};
use tokio::process::{Child, Command};

pub struct Process(Child);

impl Process {
    /// Runs on a test's database, and on its queues behind `amqp_url`.
    pub fn start(database: &TestDatabase, amqp_url: &str) -> Self {
        Self::start_with(database, database.work_url(), amqp_url, Stdio::null())
    }

    /// The same, which reaches its database by another URL.
    pub fn start_by(url: &str, database: &TestDatabase) -> Self {
        Self::start_with(database, url, &amqp_url(), Stdio::null())
    }

    /// The same, with its log in a file.
    pub fn start_logged(database: &TestDatabase, amqp_url: &str, log: &Path) -> Self {
        Self::start_with(database, database.work_url(), amqp_url, File::create(log).unwrap().into())
    }

    fn start_with(database: &TestDatabase, url: &str, amqp_url: &str, log: Stdio) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "process::the_sample_as_a_process", "--ignored", "--nocapture"]);
        command.env("SAMPLE_DATABASE_URL", url).env("SAMPLE_AMQP_URL", amqp_url);
        command.env("SAMPLE_NAMESPACE", namespace(database)).env_remove("RUST_LOG").env("LOG_FORMAT", "ecs");
        let child = command.stdin(Stdio::null()).stdout(log).stderr(Stdio::null()).kill_on_drop(true);
        Self(child.spawn().unwrap())
    }

    /// On the tests' broker, without anything in between.
    pub fn start_on(database: &TestDatabase) -> Self {
        Self::start(database, &amqp_url())
    }

    /// `STOP`, `CONT`, `KILL` …
    pub fn signal(&self, name: &str) {
        let pid = self.0.id().expect("it was not waited for yet").to_string();
        assert!(std::process::Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Waits until it has ended by itself.
    pub async fn has_died(mut self) {
        let died = tokio::time::timeout(Duration::from_secs(30), self.0.wait()).await;
        died.expect("the process dies within 30 s").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not a test: the program that others start"]
async fn the_sample_as_a_process() {
    let env = Env::process();
    let given = |name: &str| env.text(name).unwrap();
    let (Some(database), Some(broker)) = (given("SAMPLE_DATABASE_URL"), given("SAMPLE_AMQP_URL")) else { return };
    telemetry::start_server("sample", &env).unwrap();
    let settings = Settings::read(&Env::of([("DATABASE_URL", database)]), ServiceName::Order).unwrap();
    let bus = Bus::Rabbit(RabbitBus::new(broker.into(), &given("SAMPLE_NAMESPACE").unwrap()));
    let service = sample::build(settings, bus, Clock::system(), Arc::default()).await;
    let _running = Running::start(service).await;
    std::future::pending::<()>().await;
}
