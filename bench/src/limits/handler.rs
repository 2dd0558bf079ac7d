//! A server that does nothing but answer: axum behind the services' own listener, in a process of its own.

use crate::{
    hammer::{Crowd, hammer},
    load::Desk,
    readings::processes::Table,
    result::Handler,
};
use anyhow::{Context, bail};
use axum::{Router, body::Bytes, http::header::CONTENT_TYPE};
use chaos::services::this_program;
use dev_rabbitmq::free_port;
use http::StatusCode;
use service_kit::{
    Env,
    http_server::{Connections, Limits},
    standalone,
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    process::{ExitCode, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

const CLIENTS: usize = 32;
const TO_START: Duration = Duration::from_secs(10);

/// One that runs, until it is dropped.
pub(crate) struct Bare {
    _child: Child,
    pid: u32,
    pub(crate) address: SocketAddr,
}

impl Bare {
    /// It answers so many bytes to whatever it is asked.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) async fn start(bytes: usize) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(this_program()?);
        command.args(["bench", "bare-handler", "--port", &port.to_string(), "--bytes", &bytes.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let child = command.spawn().context("starting a bare handler")?;
        let pid = child.id().context("a bare handler without a process")?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let begun = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            if begun.elapsed() > TO_START {
                bail!("the bare handler does not listen");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { _child: child, pid, address })
    }

    /// Its processor time so far, in milliseconds.
    ///
    /// # Errors
    /// There is no `/proc`.
    pub(crate) fn ms(&self) -> anyhow::Result<f64> {
        Ok(Table::read()?.usage(|one| one == self.pid).ms)
    }
}

/// It is sent the requests of checkouts and answers as many bytes.
pub(super) async fn measure(desk: &Arc<Desk>, time: Duration) -> anyhow::Result<Handler> {
    let bytes = desk.bytes();
    let bare = Bare::start(bytes).await?;
    let crowd = Crowd { address: bare.address, requests: Arc::new(desk.samples()), clients: CLIENTS, every: None };
    hammer(&crowd, Duration::from_millis(200)).await?;
    let before = bare.ms()?;
    let done = hammer(&crowd, time).await?;
    let ms = (bare.ms()? - before) / done.count();
    Ok(Handler { requests_per_second: done.per_second(), ms, bytes })
}

/// `ecom bench bare-handler`.
///
/// # Errors
/// The port is taken.
pub(crate) async fn serve(port: u16, bytes: usize) -> anyhow::Result<ExitCode> {
    let body = Bytes::from(vec![b' '; bytes]);
    let answer = move |_: Bytes| async move { (StatusCode::CREATED, [(CONTENT_TYPE, "application/json")], body) };
    let listener = standalone::listen(port, "a bare handler")?;
    let connections = Connections::new(Limits::read(&Env::process())?);
    let stop = standalone::stop_on_signal()?;
    service_kit::http_server::serve(listener, "bare-handler", Router::new().fallback(answer), connections, stop).await;
    Ok(ExitCode::SUCCESS)
}
