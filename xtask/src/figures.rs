//! `cargo xtask figures`: the numbers xtask/README.md shows, measured on this machine: build, start, memory, an order's
//! way, sizes. Nothing is asserted.

mod programs;

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use dev_rabbitmq::free_port;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::process::Interrupt;
use crate::servers::Servers;
use programs::{Platform, Programs, SERVICES, Single};

/// So many orders are looked at; the middle one is shown.
const ORDERS: usize = 9;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The profile to build and to measure: `dist` is what the images hold
    #[arg(long, default_value = "release", value_parser = ["release", "dist"])]
    profile: String,
}

pub(crate) async fn run(arguments: &Arguments, interrupt: &mut Interrupt) -> Result<ExitCode> {
    let began = Instant::now();
    let (programs, built, all) = Programs::build(&arguments.profile)?;
    let what = format!("build, profile {}: {built} of {all} targets", arguments.profile);
    show(&what, began.elapsed());
    let folder = tempfile::Builder::new().prefix("ecom-figures-").tempdir().context("making a temporary folder")?;
    one_process(&programs, folder.path())?;
    five_processes(&programs, folder.path(), interrupt).await?;
    for (name, bytes) in programs.sizes()? {
        println!("{:<44} {:>8.1} MB", format!("{name}, stripped"), f64::from(bytes) / 1e6);
    }
    Ok(ExitCode::SUCCESS)
}

/// The all-in-one: how fast it is there, how fast an order is paid, what it holds.
fn one_process(programs: &Programs, folder: &Path) -> Result<()> {
    let ports = free_ports()?;
    for (name, source) in [("PostgreSQL of this machine", "installed"), ("bundled PostgreSQL", "bundled")] {
        let data = folder.join(source);
        let command = || {
            let mut command = programs.platform(&data, ports);
            command.env("ECOM_POSTGRES", source);
            command
        };
        show(&format!("first start, {name}"), start(command(), &data)?);
        show(&format!("warm start, {name}"), start(command(), &data)?);
    }

    let data = folder.join("installed");
    let lender = Platform::launch(programs.platform(&data, ports), &data)?;
    // Idle means some time after the start's last work, and before the first order.
    thread::sleep(Duration::from_secs(5));
    let idle = lender.resident()?;
    let second = folder.join("second");
    let mut on_running = programs.platform(&second, free_ports()?);
    // The very same databases are fine to look at.
    on_running.env("DATABASE_URL", lender.server()?);
    show("warm start, PostgreSQL runs already", start(on_running, &second)?);
    let mut paid = Vec::new();
    for _ in 0..ORDERS {
        paid.push(order_to_paid(programs.demo(&data))?);
    }
    paid.sort_unstable();
    println!("{:<44} {:>8} ms ({} to {})", "order to paid", paid[ORDERS / 2], paid[0], paid[ORDERS - 1]);
    println!("{:<44} {idle:>8.1} MiB", "all-in-one idle, one process");
    Ok(())
}

/// Each service as a process of its own, as in production: its own database, and a broker between them.
async fn five_processes(programs: &Programs, folder: &Path, interrupt: &mut Interrupt) -> Result<()> {
    let servers = Servers::start(true, interrupt).await?;
    let server = servers.database_url()?;
    let mut connection = PgConnection::connect(server.as_str()).await.context("connecting to PostgreSQL")?;
    let mut environment = vec![("AMQP_URL".to_owned(), servers.amqp_url().context("there is no RabbitMQ")?)];
    let mut ports = Vec::new();
    for name in SERVICES {
        sqlx::raw_sql(AssertSqlSafe(format!("create database figures_{name}"))).execute(&mut connection).await?;
        let port = free_port()?;
        environment.push((format!("{}_SERVICE_URL", name.to_uppercase()), format!("http://127.0.0.1:{port}")));
        ports.push(port);
    }
    connection.close().await?;
    let mut running = Vec::new();
    for (name, port) in SERVICES.into_iter().zip(ports) {
        let mut database = server.clone();
        database.set_path(&format!("figures_{name}"));
        let variables = [("DATABASE_URL", database.to_string()), ("PORT", port.to_string())];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).into_iter().chain(environment.clone());
        running.push(Single::launch(programs, name, &folder.join("five"), variables.collect())?);
    }
    for service in &mut running {
        service.wait_until_ready(programs)?;
    }
    thread::sleep(Duration::from_secs(5));
    let mut sum = 0.0;
    for service in &running {
        let one = service.resident()?;
        sum += one;
        println!("{:<44} {one:>8.1} MiB", format!("{}-service idle, on RabbitMQ", service.name));
    }
    println!("{:<44} {sum:>8.1} MiB", "five services idle together");
    Ok(())
}

/// From sending the order to its being paid, in milliseconds, as the demo says it.
fn order_to_paid(mut demo: Command) -> Result<u32> {
    let output = demo.output().context("running the demo")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let millis = said.split_once(" is paid, ").and_then(|(_, rest)| rest.split_once(" ms")).map(|(millis, _)| millis);
    let Some(Ok(millis)) = millis.map(str::parse) else {
        bail!("the demo said no time: {said}{}", String::from_utf8_lossy(&output.stderr));
    };
    Ok(millis)
}

fn start(command: Command, data: &Path) -> Result<Duration> {
    Ok(Platform::launch(command, data)?.ready_after)
}

/// The first of eleven in a row that nobody listens on.
fn free_ports() -> Result<u16> {
    loop {
        let base = free_port()?;
        if (base..=base + 10).all(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()) {
            return Ok(base);
        }
    }
}

fn show(what: &str, time: Duration) {
    println!("{what:<44} {:>8.2} s", time.as_secs_f64());
}
