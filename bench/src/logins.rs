//! Browsing beside logins: whoever looks at products must not wait for the passwords of those who log in.

use crate::{
    hammer::{Crowd, hammer},
    load::Desk,
    platform::Platform,
    result::Logins,
    wire,
};
use anyhow::{bail, ensure};
use chaos::accounts::PASSWORD;
use contracts::ServiceName;
use operate::terminal::say;
use serde_json::json;
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;
use uuid::Uuid;

const LOGINS: usize = 200;
/// The password of all, at the cost of production: the platform of a bench has a lower one for what it makes itself, and a
/// login costs what the stored hash does.
const HASH: &str = "$2b$12$benchbenchbenchbenchbeNX66p8HolesJDtpLAiyu7LVToQpCUDK";
/// As load shedding tells those whom it turns away.
const COME_AGAIN: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(300);
/// People who browse, and how often each looks at something.
const BROWSING: usize = 32;
const EVERY: Duration = Duration::from_millis(20);
const ALONE: Duration = Duration::from_secs(10);
/// Browsing goes on in such pieces until all have logged in.
const PIECE: Duration = Duration::from_secs(1);

/// # Errors
/// A login is refused, or browsing.
pub(crate) async fn measure(platform: &Platform, desk: &Desk) -> anyhow::Result<Logins> {
    say(format!("{LOGINS} logins beside browsing …"));
    let people = "UPDATE accounts SET password_hash = $1 WHERE email LIKE 'buyer-%'";
    sqlx::query(people).bind(HASH).execute(platform.watch(ServiceName::User)).await?;
    let query = "SELECT id FROM products ORDER BY id LIMIT 100";
    let ids: Vec<Uuid> = sqlx::query_scalar(query).fetch_all(platform.watch(ServiceName::Product)).await?;
    let paths = ids.iter().flat_map(|id| ["/products?limit=20".to_owned(), format!("/products/{id}")]);
    let requests = Arc::new(paths.map(|path| wire::request("GET", &path, "", "", "")).collect());
    let address = platform.address(ServiceName::Product)?;
    let crowd = Crowd { address, requests, clients: BROWSING, every: Some(EVERY) };
    hammer(&crowd, PIECE).await?;
    let alone = hammer(&crowd, ALONE).await?;
    ensure!(desk.market().tokens.len() >= LOGINS, "there are too few people");
    let entering = tokio::spawn(all_log_in(platform.address(ServiceName::User)?));
    let mut beside = hammer(&crowd, PIECE).await?;
    while !entering.is_finished() {
        beside = hammer(&crowd, PIECE).await?.and(&beside)?;
    }
    let seconds = entering.await??;
    Ok(Logins {
        logins: LOGINS,
        seconds,
        browsing: alone.per_second(),
        alone: alone.latencies.percentiles(),
        beside: beside.latencies.percentiles(),
    })
}

/// How many seconds it took.
async fn all_log_in(address: SocketAddr) -> anyhow::Result<f64> {
    let (mut entering, begun) = (JoinSet::new(), Instant::now());
    for number in 0..LOGINS {
        entering.spawn(log_in(address, number, begun));
    }
    while let Some(entered) = entering.join_next().await {
        entered??;
    }
    Ok(begun.elapsed().as_secs_f64())
}

/// Each from an address of their own, since one address has few places where passwords are checked.
async fn log_in(address: SocketAddr, number: usize, begun: Instant) -> anyhow::Result<()> {
    let own = Ipv4Addr::new(127, 0, 1, u8::try_from(number + 1)?);
    let body = json!({"email": format!("buyer-{number}@example.com"), "password": PASSWORD}).to_string();
    let request = wire::request("POST", "/auth/login", "", "", &body);
    let mut connection = wire::Connection::from(own, address);
    while begun.elapsed() < PATIENCE {
        let answer = connection.ask(&request).await?;
        match answer.status {
            200 => return Ok(()),
            503 => tokio::time::sleep(COME_AGAIN).await,
            status => bail!("a login was answered {status}: {}", String::from_utf8_lossy(answer.body)),
        }
    }
    bail!("a login was turned away for {PATIENCE:?}")
}
