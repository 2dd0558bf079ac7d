//! Whether the time of an answer tells which addresses have an account: logins with a wrong password, registrations,
//! and asking for a new password, each for an address with an account and for one without, in turns.
//!
//! By a user-service of its own: the platform's keeps its cheap hashes for what the bench makes itself, and a login
//! without an account is checked against a hash of the service's own cost.

use crate::{platform::Platform, rank_sum::RankSum, result::Timing, wire};
use anyhow::{Context, ensure};
use contracts::ServiceName;
use dev_rabbitmq::free_port;
use operate::terminal::say;
use serde_json::{Value, json};
use std::{
    net::{Ipv4Addr, SocketAddr},
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::process::{Child, Command};

/// bcrypt's cost, and how many of each kind: few of those that take half a second.
const COSTS: [(u32, u32); 2] = [(4, 300), (12, 40)];
/// What the answer before has left to be done behind it is to be over.
const PAUSE: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_secs(60);
/// Of another password, at whichever cost: what is checked against it is wrong.
const HASH: &str = "benchbenchbenchbenchbeNX66p8HolesJDtpLAiyu7LVToQpCUDK";

/// What is asked for: its name, its path, its answer, and its body for an address.
type Question = (&'static str, &'static str, u16, fn(&str) -> Value);

const QUESTIONS: [Question; 3] = [
    ("login", "/auth/login", 401, |email| json!({"email": email, "password": "eight green bottles"})),
    ("forgot password", "/auth/forgot-password", 202, |email| json!({ "email": email })),
    // Last: who has registered is somebody else.
    (
        "register",
        "/auth/register",
        201,
        |email| json!({"first_name": "Ada", "last_name": "Lovelace", "email": email, "password": "six green bottles"}),
    ),
];

/// # Errors
/// An answer is another than it should be.
pub(crate) async fn measure(platform: &Platform) -> anyhow::Result<Vec<Timing>> {
    let mut all = Vec::new();
    for (cost, each) in COSTS {
        let (_running, address) = user_service(platform, cost).await?;
        for question in QUESTIONS {
            say(format!("{} of {each} addresses with an account and {each} without, at cost {cost} …", question.0));
            all.push(ask(platform, address, (cost, each), question).await?);
        }
    }
    Ok(all)
}

/// As long as the first lives, it answers at the second.
async fn user_service(platform: &Platform, cost: u32) -> anyhow::Result<(Child, SocketAddr)> {
    let (stack, port) = (&platform.stack, free_port()?);
    let mut command = Command::new(stack.services.program());
    command.args(["service", ServiceName::User.short()]).env_clear();
    for (name, value) in [
        ("DATABASE_URL", stack.database_url(ServiceName::User.database())),
        ("AMQP_URL", stack.amqp_url()),
        ("ECOM_DATA", stack.folder().display().to_string()),
        ("PORT", port.to_string()),
        ("BCRYPT_COST", cost.to_string()),
        ("FLOW", "off".to_owned()),
        ("RUST_LOG", "warn".to_owned()),
    ] {
        command.env(name, value);
    }
    for peer in ServiceName::ALL {
        command.env(format!("{}_SERVICE_URL", peer.short().to_uppercase()), stack.url(peer));
    }
    let running = command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).spawn();
    let running = running.context("starting a user-service")?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let (mut connection, begun) = (wire::Connection::to(address), Instant::now());
    let ready = wire::request("GET", "/readyz", "", "", "");
    while !connection.ask(&ready).await.is_ok_and(|answer| answer.status == 200) {
        ensure!(begun.elapsed() < PATIENCE, "user-service at cost {cost} is not ready");
        tokio::time::sleep(PAUSE).await;
    }
    Ok((running, address))
}

async fn ask(
    platform: &Platform,
    address: SocketAddr,
    (cost, each): (u32, u32),
    (what, path, expected, body): Question,
) -> anyhow::Result<Timing> {
    // Addresses as long as those of the others.
    let named = |who: &str, number: u32| format!("{who}-{}-{cost}-{number}@example.com", path.len());
    let known: Vec<_> = (0..each).map(|number| named("known", number)).collect();
    let made = sqlx::query(
        "INSERT INTO accounts
             (id, first_name, last_name, email, email_key, password_hash, role, verified_at, created_at)
         SELECT overlay(gen_random_uuid()::text PLACING '7' FROM 15 FOR 1)::uuid, 'Ada', 'Lovelace', mailbox, mailbox,
             $2, 'customer', now(), now()
         FROM unnest($1::text[]) AS mailbox",
    );
    let made =
        made.bind(&known).bind(format!("$2b${cost:02}${HASH}")).execute(platform.watch(ServiceName::User)).await?;
    ensure!(made.rows_affected() == u64::from(each), "{} accounts were made", made.rows_affected());
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for number in 0..each {
        // With, without, without, with: so that neither comes after the other more often.
        for has_account in if number % 2 == 0 { [true, false] } else { [false, true] } {
            let who = named(if has_account { "known" } else { "other" }, number);
            let request = wire::request("POST", path, "", "", &body(&who).to_string());
            let client = Ipv4Addr::from_bits(0x7f02_0000 + 2 * number + u32::from(has_account));
            let took =
                answered(client, address, &request, expected).await.with_context(|| format!("{what} of {who}"))?;
            if has_account { &mut with } else { &mut without }.push(took.as_secs_f64() * 1000.0);
        }
    }
    let RankSum { u, p } = RankSum::of(&with, &without);
    let (with, without) = (median(with), median(without));
    Ok(Timing { what: what.to_owned(), cost, each, with, without, u, p })
}

/// From an address of its own, so that no bound is against it; over a connection that is there already.
async fn answered(own: Ipv4Addr, address: SocketAddr, request: &[u8], expected: u16) -> anyhow::Result<Duration> {
    let mut connection = wire::Connection::from(own, address);
    connection.ask(&wire::request("GET", "/livez", "", "", "")).await?;
    tokio::time::sleep(PAUSE).await;
    let begun = Instant::now();
    let answer = connection.ask(request).await?;
    let took = begun.elapsed();
    ensure!(answer.status == expected, "answered {}: {}", answer.status, String::from_utf8_lossy(answer.body));
    Ok(took)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

impl Timing {
    /// For people.
    pub(crate) fn line(&self) -> String {
        let Self { what, cost, each, with, without, u, p } = self;
        let (more, share) = (with - without, 100.0 * (with - without) / without);
        format!(
            "  {what:<16} {cost:>4} {each:>6} {with:>9.3} {without:>9.3} {more:>+10.3} {share:>+7.2}% {u:>9.1} {p:>8.4}"
        )
    }
}
