//! Pages at a steady rate, beside the services: what shoppers look at, from `web` in a process of its own.

use crate::{
    hammer::{Crowd, Hammered, hammer},
    load::Desk,
    platform::Platform,
    readings::processes::{self, Table},
    result::Page,
};
use anyhow::{Context, bail, ensure};
use chaos::accounts::PASSWORD;
use contracts::{OrderId, ServiceName};
use dev_rabbitmq::free_port;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use operate::terminal::say;
use sqlx::PgPool;
use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    net::TcpStream,
    process::{Child, Command},
};
use url::form_urlencoded::Serializer;
use uuid::Uuid;

/// In all of them together.
const PER_SECOND: u32 = 300;
const CLIENTS: usize = 30;
const TIME: Duration = Duration::from_secs(10);
const WARM_UP: Duration = Duration::from_secs(2);
const TO_START: Duration = Duration::from_secs(10);
/// Of whoever logs in and has ordered.
const SHOPPER: &str = "buyer-0@example.com";

/// `web`, until it is dropped.
struct Web {
    _child: Child,
    pid: u32,
    address: SocketAddr,
}

impl Web {
    async fn start(platform: &Platform) -> anyhow::Result<Self> {
        // By the name it has: what stands beside `/proc/self/exe` is no program.
        let program = platform.stack.services.program();
        let program = fs::canonicalize(program).with_context(|| format!("looking for {}", program.display()))?;
        let program = program.with_file_name("web");
        let port = free_port()?;
        let mut command = Command::new(&program);
        command.env_clear().env("PORT", port.to_string()).env("PUBLIC_URL", format!("http://localhost:{port}"));
        command.env("FLOW", "off").env("RUST_LOG", "warn");
        for service in ServiceName::ALL {
            command.env(format!("{}_SERVICE_URL", service.short().to_uppercase()), platform.stack.url(service));
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let child = command.spawn().with_context(|| {
            format!("starting {}: `cargo build --release --workspace --bins` makes it", program.display())
        })?;
        let pid = child.id().context("a server of pages without a process")?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let begun = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            if begun.elapsed() > TO_START {
                bail!("{} does not listen", program.display());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { _child: child, pid, address })
    }

    fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.address.port())
    }

    /// Processor time so far, in milliseconds: its own, and of all behind it.
    fn used(&self, platform: &Platform) -> anyhow::Result<(f64, f64)> {
        let own = Table::read()?.usage(|one| one == self.pid).ms;
        Ok((own, processes::of(platform)?.0.values().map(|part| part.ms).sum()))
    }
}

/// # Errors
/// `web` does not start, or a page is not what it should be.
pub(crate) async fn measure(platform: &Platform, desk: &Desk) -> anyhow::Result<Vec<Page>> {
    say(format!("{PER_SECOND} pages a second …"));
    let web = Web::start(platform).await?;
    let cookies = shopper(&web, &desk.market().skus[0]).await?;
    let order = newest_order(platform.watch(ServiceName::User), platform.watch(ServiceName::Order)).await?;
    let get = |path: &str, cookies: &str| {
        let cookies = if cookies.is_empty() { String::new() } else { format!("{COOKIE}: {cookies}\r\n") };
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\n{cookies}\r\n").into_bytes()
    };
    let products = desk.market().skus.iter().map(|sku| get(&format!("/products/{sku}"), ""));
    let kinds = [
        ("the first page", vec![get("/", "")], 3),
        ("the catalogue", vec![get("/products", ""), get("/products?sort=price", "")], 5),
        ("a search", vec![get("/products?q=bench", "")], 2),
        ("a product", products.collect(), 7),
        ("a cart", vec![get("/cart", &cookies)], 1),
        ("one's orders", vec![get("/orders", &cookies)], 1),
        ("an order", vec![get(&format!("/orders/{order}"), &cookies)], 1),
    ];
    let mut pages = Vec::new();
    for (what, requests, _) in &kinds {
        pages.push(looked_at(platform, &web, what, requests.clone()).await?);
    }
    // Of twenty so many each, one after the other.
    let shares = kinds.iter().flat_map(|(_, requests, share)| requests.iter().cycle().take(*share).cloned());
    pages.push(looked_at(platform, &web, "a bit of everything", shares.collect()).await?);
    Ok(pages)
}

async fn looked_at(platform: &Platform, web: &Web, what: &str, requests: Vec<Vec<u8>>) -> anyhow::Result<Page> {
    let every = Duration::from_secs(1) * u32::try_from(CLIENTS)? / PER_SECOND;
    let crowd = Crowd { address: web.address, requests: Arc::new(requests), clients: CLIENTS, every: Some(every) };
    hammer(&crowd, WARM_UP).await.with_context(|| what.to_owned())?;
    let before = web.used(platform)?;
    let done = hammer(&crowd, TIME).await.with_context(|| what.to_owned())?;
    let after = web.used(platform)?;
    let each = |before: f64, after: f64| (after - before) / Hammered::count(&done);
    let page = Page {
        what: what.to_owned(),
        per_second: done.per_second(),
        latency: done.latencies.percentiles(),
        web_ms: each(before.0, after.0),
        behind_ms: each(before.1, after.1),
        bytes: done.bytes,
    };
    say(format!("  {what}: p95 {:.1} ms", page.latency.p95));
    Ok(page)
}

/// The cookies of somebody who is logged in and has something in their cart.
async fn shopper(web: &Web, sku: &str) -> anyhow::Result<String> {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let mut jar: Vec<(String, String)> = Vec::new();
    let forms = [
        ("/login", vec![("email", SHOPPER), ("password", PASSWORD), ("next", "")]),
        ("/cart", vec![("act", "add"), ("sku", sku), ("key", "bench-pages"), ("quantity", "2")]),
    ];
    for (path, form) in forms {
        let shown: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let form = Serializer::new(String::new()).extend_pairs(form).finish();
        let asked = client.post(web.url(path)).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        let answer = asked.header(COOKIE, shown.join("; ")).send().await?;
        ensure!(answer.headers().contains_key(LOCATION), "{path} was answered {}", answer.status());
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').context("a cookie without a value")?;
            jar.retain(|(known, _)| known != name);
            jar.push((name.to_owned(), value.to_owned()));
        }
    }
    Ok(jar.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; "))
}

async fn newest_order(people: &PgPool, orders: &PgPool) -> anyhow::Result<OrderId> {
    let query = "SELECT id FROM accounts WHERE email_key = $1";
    let id: Uuid = sqlx::query_scalar(query).bind(SHOPPER).fetch_one(people).await?;
    let query = "SELECT id FROM orders WHERE customer_id = $1 ORDER BY id DESC LIMIT 1";
    let order: Uuid = sqlx::query_scalar(query).bind(id).fetch_one(orders).await.context("nothing was ordered")?;
    Ok(order.into())
}
