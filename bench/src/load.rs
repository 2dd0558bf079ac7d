//! Who orders. In closed loop each client places its next order when the last is answered; in open loop orders begin at a
//! fixed rate, whoever is still waiting, and their time counts from when they were to begin.

use crate::{platform::Platform, seed::Market, wire};
use anyhow::{bail, ensure};
use chaos::client;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// Before a request that was turned away is made again.
const PAUSE: Duration = Duration::from_millis(20);
/// So often in a row.
const TRIES: u32 = 500;

/// Where orders go, and what each of them is.
pub(crate) struct Desk {
    addresses: Vec<SocketAddr>,
    market: Market,
    /// The bodies to take in turns.
    bodies: Vec<String>,
    /// Of all orders ever: keys are never used twice.
    number: AtomicU64,
    refused: AtomicU64,
    /// Of the last answer.
    bytes: AtomicUsize,
}

/// An order that was answered with 201.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed {
    pub(crate) number: i64,
    /// When it began, or should have.
    pub(crate) intended: Instant,
    pub(crate) answered: Instant,
}

/// When orders begin.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// So many clients, each one order after the other.
    Closed { clients: usize },
    /// So many a second, over so many connections.
    Open { rate: f64, connections: usize },
}

impl Desk {
    pub(crate) fn new(address: SocketAddr, market: Market, lines: u8) -> Self {
        Self::over(vec![address], market, lines)
    }

    /// Over several processes: client by client each is the next one's.
    pub(crate) fn over(addresses: Vec<SocketAddr>, market: Market, lines: u8) -> Self {
        let skus = &market.skus;
        let lines = usize::from(lines);
        let body = |first: usize| {
            let lines: Vec<_> = (0..lines).map(|line| (&*skus[(first + line) % skus.len()], 1)).collect();
            client::order(&lines, "sim_ok").to_string()
        };
        let bodies = (0..skus.len()).map(body).collect();
        Self {
            addresses,
            market,
            bodies,
            number: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            bytes: AtomicUsize::new(0),
        }
    }

    /// The same with everybody logged in anew; its orders are numbered on.
    ///
    /// # Errors
    /// Somebody cannot log in.
    pub(crate) async fn again(&self, platform: &Platform) -> anyhow::Result<Self> {
        Ok(Self {
            addresses: self.addresses.clone(),
            market: self.market.again(platform).await?,
            bodies: self.bodies.clone(),
            number: self.number.load(Ordering::Relaxed).into(),
            refused: self.refused().into(),
            bytes: self.bytes().into(),
        })
    }

    pub(crate) fn market(&self) -> &Market {
        &self.market
    }

    /// Turned away so far.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// How long the body of an answered order is.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// What is sent for orders, for who takes it for something else.
    pub(crate) fn samples(&self) -> Vec<Vec<u8>> {
        let numbered = self.bodies.iter().zip(&self.market.tokens).enumerate();
        numbered
            .map(|(turn, (body, token))| wire::request("POST", "/orders", token, &format!("bench-{turn}"), body))
            .collect()
    }

    /// Orders until the time is over; what is in work then is waited for.
    ///
    /// # Errors
    /// An order is refused for a reason that does not pass.
    pub(crate) async fn order(self: &Arc<Self>, pace: Pace, time: Duration) -> anyhow::Result<Vec<Placed>> {
        let begun = Instant::now();
        let ticket = Arc::new(AtomicU64::new(0));
        let hands = match pace {
            Pace::Closed { clients } => clients,
            Pace::Open { connections, .. } => connections,
        };
        let mut working = JoinSet::new();
        for hand in 0..hands {
            let (desk, ticket) = (self.clone(), ticket.clone());
            working.spawn(async move {
                let address = desk.addresses[hand % desk.addresses.len()];
                let (mut connection, mut placed) = (wire::Connection::to(address), Vec::new());
                loop {
                    let intended = match pace {
                        Pace::Closed { .. } => Instant::now(),
                        Pace::Open { rate, .. } => {
                            let turn = ticket.fetch_add(1, Ordering::Relaxed);
                            begun + Duration::from_secs_f64(f64::from(u32::try_from(turn)?) / rate)
                        }
                    };
                    if intended - begun >= time {
                        return anyhow::Ok(placed);
                    }
                    tokio::time::sleep_until(intended.into()).await;
                    placed.push(desk.place(&mut connection, intended).await?);
                }
            });
        }
        let mut all = Vec::new();
        while let Some(placed) = working.join_next().await {
            all.extend(placed??);
        }
        Ok(all)
    }

    /// Exactly so many, one after the other.
    ///
    /// # Errors
    /// As [`Self::order`].
    pub(crate) async fn one(&self, connection: &mut wire::Connection) -> anyhow::Result<Placed> {
        self.place(connection, Instant::now()).await
    }

    pub(crate) fn connection(&self) -> wire::Connection {
        wire::Connection::to(self.addresses[0])
    }

    /// Once more what was sent for the order of that number, counted from 0, which was answered.
    ///
    /// # Errors
    /// It is not answered as it was.
    pub(crate) async fn repeat(&self, connection: &mut wire::Connection, number: u64) -> anyhow::Result<()> {
        let request = self.request(number)?;
        let answer = connection.ask(&request).await?;
        ensure!(answer.status == 201, "a repeat was answered {}", answer.status);
        Ok(())
    }

    fn request(&self, number: u64) -> anyhow::Result<Vec<u8>> {
        let turn = usize::try_from(number)?;
        let token = &self.market.tokens[turn % self.market.tokens.len()];
        let body = &self.bodies[turn % self.bodies.len()];
        Ok(wire::request("POST", "/orders", token, &format!("bench-{number}"), body))
    }

    async fn place(&self, connection: &mut wire::Connection, intended: Instant) -> anyhow::Result<Placed> {
        let request = self.request(self.number.fetch_add(1, Ordering::Relaxed))?;
        let mut said = String::new();
        for _ in 0..TRIES {
            match connection.ask(&request).await {
                Ok(answer) if answer.status == 201 => {
                    let answered = Instant::now();
                    self.bytes.store(answer.body.len(), Ordering::Relaxed);
                    if let Some(number) = wire::number(answer.body, "number") {
                        return Ok(Placed { number, intended, answered });
                    }
                    bail!("an order without a number: {}", String::from_utf8_lossy(answer.body));
                }
                Ok(answer) if answer.status == 503 => said = String::from_utf8_lossy(answer.body).into_owned(),
                Ok(answer) => {
                    bail!("an order was answered {}: {}", answer.status, String::from_utf8_lossy(answer.body))
                }
                Err(cause) => said = format!("{cause:#}"),
            }
            self.refused.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(PAUSE).await;
        }
        bail!("an order was turned away {TRIES} times, at last with: {said}")
    }
}
