//! One hot SKU: more people than there are pieces want the same thing at once, at product-service's door as order-service
//! asks it, and by whole checkouts. Afterwards exactly the pieces are sold, or the run fails.

use crate::{
    load::Desk, percentiles::Latencies, platform::Platform, readings::processes, result::Hot, settled, show,
    signing::Signing, wire,
};
use anyhow::{Context, bail, ensure};
use chaos::{accounts::Shop, client};
use contracts::{
    CheckoutId, OrderId, Quantity, ServiceName,
    api::product::{Reserve, ReserveAnswer, ReserveLine, ReserveRequest},
};
use http::Method;
use operate::terminal::say;
use serde_json::json;
use service_kit::Clock;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// At the door; whole checkouts have a quarter of it.
const PIECES: usize = 20_000;
/// So many more want one, in a hundred.
const BEYOND: usize = 10;
/// Before a request that was turned away is made again.
const PAUSE: Duration = Duration::from_millis(20);

/// How it is asked for.
#[derive(Clone, Copy)]
enum Way {
    /// Of product-service, so many checkouts a call.
    Door { per_call: usize },
    /// Of order-service.
    Checkouts,
}

/// Requests, each for so many pieces, to be taken one by one.
struct Queue {
    requests: Vec<(Vec<u8>, usize)>,
    next: AtomicUsize,
}

/// What came of them.
#[derive(Default)]
struct Sold {
    pieces: usize,
    refused: usize,
    took: Vec<Duration>,
    last: Option<Instant>,
}

/// # Errors
/// A request is refused for another reason than that nothing is left, or other than all pieces were sold.
pub(crate) async fn measure(platform: &Platform, desk: &Desk) -> anyhow::Result<Vec<Hot>> {
    let mut all = Vec::new();
    for (number, (what, way, clients)) in [
        ("one checkout a call", Way::Door { per_call: 1 }, 64),
        // As order-service calls it under load: two batches are in work at a time.
        ("32 checkouts a call", Way::Door { per_call: 32 }, 2),
        ("whole checkouts", Way::Checkouts, 32),
        ("whole checkouts", Way::Checkouts, 128),
    ]
    .into_iter()
    .enumerate()
    {
        let sku = format!("HOT-{number}");
        let hot = rush(platform, desk, &sku, what, way, clients).await.with_context(|| format!("{what}: {sku}"))?;
        say(show::hot(&hot));
        all.push(hot);
    }
    Ok(all)
}

async fn rush(
    platform: &Platform,
    desk: &Desk,
    sku: &str,
    what: &str,
    way: Way,
    clients: usize,
) -> anyhow::Result<Hot> {
    let (service, pieces) = match way {
        Way::Door { .. } => (ServiceName::Product, PIECES),
        Way::Checkouts => (ServiceName::Order, PIECES / 4),
    };
    let wishes = pieces + pieces * BEYOND / 100;
    put_on_sale(platform, desk, sku, pieces).await?;
    let requests = match way {
        Way::Door { per_call } => calls(platform, sku, wishes, per_call).await?,
        Way::Checkouts => checkouts(desk, sku, wishes),
    };
    platform.sink.forget();
    let mails = platform.sink.mails();
    let used = || -> anyhow::Result<f64> { Ok(processes::of(platform)?.0.values().map(|part| part.ms).sum()) };
    let (before, begun) = (used()?, Instant::now());
    let sold = crowd(platform, service, requests, clients).await?;
    let seconds = sold.last.context("nothing was sold")?.duration_since(begun).as_secs_f64();
    if let Way::Checkouts = way {
        settled::drained(platform, mails, sold.pieces as u64).await?;
    }
    let ms = used()? - before;
    ensure!(sold.pieces == pieces, "{} of {pieces} pieces were sold", sold.pieces);
    ensure!(sold.refused == wishes - pieces, "{} of {} were refused", sold.refused, wishes - pieces);
    look(platform, sku, way, pieces).await?;
    let counted = f64::from(u32::try_from(pieces)?);
    Ok(Hot {
        what: what.to_owned(),
        clients,
        pieces: pieces as u64,
        wishes: wishes as u64,
        per_second: counted / seconds,
        latency: Latencies::of(sold.took)?.percentiles(),
        ms: ms / counted,
    })
}

async fn put_on_sale(platform: &Platform, desk: &Desk, sku: &str, pieces: usize) -> anyhow::Result<()> {
    let shop = Shop::of(&platform.stack)?;
    let body = json!({
        "sku": sku, "name": format!("The {sku}"), "description": "Everybody wants it.", "category": "fault-run",
        "price": {"amount": 1999, "currency": "EUR"}, "status": "active", "stock": pieces,
    });
    let staff = &desk.market().staff;
    let answer = shop.ask(ServiceName::Product, Method::POST, "/products", staff, None, Some(&body)).await?;
    ensure!(answer.status.is_success(), "a product was answered {answer:?}");
    Ok(())
}

/// What order-service would send.
async fn calls(
    platform: &Platform,
    sku: &str,
    wishes: usize,
    per_call: usize,
) -> anyhow::Result<Vec<(Vec<u8>, usize)>> {
    let clock = Clock::system();
    let token = Signing::of(platform, ServiceName::Order).await?.call(ServiceName::Product)?;
    let line = ReserveLine { sku: sku.to_owned(), quantity: Quantity::try_from(1)? };
    let wish = || ReserveRequest {
        checkout_id: clock.new_id::<CheckoutId>(),
        order_id: clock.new_id::<OrderId>(),
        lines: vec![line.clone()],
        prices: std::collections::BTreeMap::new(),
    };
    let request = |count: usize| {
        let body =
            if per_call == 1 { Reserve::One(wish()) } else { Reserve::Many((0..count).map(|_| wish()).collect()) };
        let body = serde_json::to_string(&body)?;
        Ok((wire::request("POST", "/internal/reservations", &token, "", &body), count))
    };
    (0..wishes).step_by(per_call).map(|begin| request(per_call.min(wishes - begin))).collect()
}

fn checkouts(desk: &Desk, sku: &str, wishes: usize) -> Vec<(Vec<u8>, usize)> {
    let (tokens, body) = (&desk.market().tokens, client::order(&[(sku, 1)], "sim_ok").to_string());
    let request = |turn: usize| {
        let token = &tokens[turn % tokens.len()];
        (wire::request("POST", "/orders", token, &format!("{sku}-{turn}"), &body), 1)
    };
    (0..wishes).map(request).collect()
}

async fn crowd(
    platform: &Platform,
    service: ServiceName,
    requests: Vec<(Vec<u8>, usize)>,
    clients: usize,
) -> anyhow::Result<Sold> {
    let (address, queue) = (platform.address(service)?, Arc::new(Queue { requests, next: AtomicUsize::new(0) }));
    let mut working = JoinSet::new();
    for _ in 0..clients {
        let queue = queue.clone();
        working.spawn(async move {
            let (mut connection, mut sold) = (wire::Connection::to(address), Sold::default());
            while let Some((request, pieces)) = queue.requests.get(queue.next.fetch_add(1, Ordering::Relaxed)) {
                sold.ask(&mut connection, request, *pieces).await?;
            }
            anyhow::Ok(sold)
        });
    }
    let mut all = Sold::default();
    while let Some(sold) = working.join_next().await {
        let sold = sold??;
        all.pieces += sold.pieces;
        all.refused += sold.refused;
        all.took.extend(sold.took);
        all.last = all.last.max(sold.last);
    }
    Ok(all)
}

impl Sold {
    /// Until it is decided; who is turned away comes again with the same.
    async fn ask(&mut self, connection: &mut wire::Connection, request: &[u8], pieces: usize) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            let answer = connection.ask(request).await?;
            let held = match answer.status {
                200 if pieces == 1 && !answer.body.starts_with(b"[") => 1,
                200 => held(answer.body)?,
                201 => 1,
                409 if wire::names(answer.body, "out_of_stock") => 0,
                503 => {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                status => bail!("answered {status}: {}", String::from_utf8_lossy(answer.body)),
            };
            self.took.push(begun.elapsed());
            self.pieces += held;
            self.refused += pieces - held;
            if held > 0 {
                self.last = Some(Instant::now());
            }
            return Ok(());
        }
    }
}

/// Of several checkouts.
fn held(body: &[u8]) -> anyhow::Result<usize> {
    let answers: Vec<ReserveAnswer> = serde_json::from_slice(body).context("reading what several came to")?;
    let mut held = 0;
    for answer in answers {
        match answer {
            ReserveAnswer::Held(_) => held += 1,
            ReserveAnswer::Refused(refusal) => ensure!(refusal.code == "out_of_stock", "refused: {refusal:?}"),
        }
    }
    Ok(held)
}

/// What the databases say. What was reserved at the door is nobody's order: it is put back by hand.
async fn look(platform: &Platform, sku: &str, way: Way, pieces: usize) -> anyhow::Result<()> {
    let (products, pieces) = (platform.watch(ServiceName::Product), i64::try_from(pieces)?);
    let query = "SELECT on_hand, reserved FROM stock JOIN variants ON variants.id = variant_id WHERE sku = $1";
    let level: (i64, i64) = sqlx::query_as(query).bind(sku).fetch_one(products).await?;
    ensure!(level == (pieces, pieces), "{pieces} pieces: on hand and reserved are {level:?}");
    let (status, other) = match way {
        Way::Door { .. } => ("held", 0),
        Way::Checkouts => ("committed", pieces),
    };
    let query = "SELECT coalesce(sum(quantity), 0)::bigint FROM reservation_lines JOIN reservations USING (checkout_id)
                 WHERE sku = $1 AND status = $2";
    let lines: i64 = sqlx::query_scalar(query).bind(sku).bind(status).fetch_one(products).await?;
    let query = "SELECT coalesce(sum(quantity), 0)::bigint FROM order_lines JOIN orders ON orders.id = order_id
                 WHERE sku = $1 AND status = 'paid'";
    let ordered: i64 = sqlx::query_scalar(query).bind(sku).fetch_one(platform.watch(ServiceName::Order)).await?;
    ensure!((lines, ordered) == (pieces, other), "{pieces} pieces: {lines} are {status}, {ordered} ordered");
    if let Way::Door { .. } = way {
        for statement in [
            "UPDATE stock SET reserved = 0 FROM variants WHERE variants.id = variant_id AND sku = $1",
            "DELETE FROM reservation_lines WHERE sku = $1",
            "DELETE FROM reservations WHERE skus = ARRAY[$1]",
        ] {
            sqlx::query(statement).bind(sku).execute(products).await?;
        }
    }
    Ok(())
}
