//! A TCP proxy that can misbehave: what lies between a service and what it needs.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};
use tokio_util::sync::CancellationToken;

/// What becomes of what comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Pass,
    /// Every piece is held for so long.
    Delay(Duration),
    /// Nothing gets through and nothing is told; what was sent meanwhile arrives when it is over.
    BlackHole,
}

/// Listens on a port of its own until it is dropped.
pub(crate) struct Proxy {
    port: u16,
    mode: watch::Sender<Mode>,
    /// Ends the connections that are there; replaced when it did.
    connections: Arc<Mutex<CancellationToken>>,
    stop: CancellationToken,
}

impl Proxy {
    /// # Errors
    /// No port is free.
    pub(crate) async fn start(target: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let proxy = Self {
            port: listener.local_addr()?.port(),
            mode: watch::Sender::new(Mode::Pass),
            connections: Arc::default(),
            stop: CancellationToken::new(),
        };
        let (mode, connections, stop) = (proxy.mode.subscribe(), Arc::clone(&proxy.connections), proxy.stop.clone());
        tokio::spawn(stop.run_until_cancelled_owned(accept(listener, target, mode, connections)));
        Ok(proxy)
    }

    /// Where it listens, on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Drops every connection. New ones are taken as the mode says.
    pub(crate) fn cut(&self) {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *connections).cancel();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.cancel();
        self.cut();
    }
}

async fn accept(
    listener: TcpListener,
    target: u16,
    mode: watch::Receiver<Mode>,
    connections: Arc<Mutex<CancellationToken>>,
) {
    loop {
        let Ok((near, _)) = listener.accept().await else {
            // Out of file descriptors, for example: it passes.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let cut = connections.lock().unwrap_or_else(PoisonError::into_inner).clone();
        tokio::spawn(cut.run_until_cancelled_owned(carry(near, target, mode.clone())));
    }
}

/// Both ways, until one of the two ends or fails: then both are closed.
async fn carry(near: TcpStream, target: u16, mode: watch::Receiver<Mode>) {
    let Ok(far) = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, target))).await else { return };
    // Without this small messages wait for each other's acknowledgement.
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    tokio::select! {
        () = pump(near_read, far_write, mode.clone()) => {}
        () = pump(far_read, near_write, mode) => {}
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut mode: watch::Receiver<Mode>) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let Ok(length @ 1..) = from.read(&mut buffer).await else { return };
        let now = *mode.borrow_and_update();
        match now {
            Mode::Pass => {}
            Mode::Delay(time) => tokio::time::sleep(time).await,
            // Over with the proxy, too.
            Mode::BlackHole => {
                if mode.wait_for(|mode| *mode != Mode::BlackHole).await.is_err() {
                    return;
                }
            }
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Mode, Proxy};
    use std::time::Duration;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
        time::{Instant, timeout},
    };

    /// Answers every byte with the same byte.
    async fn echo() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    tokio::io::copy(&mut read, &mut write).await
                });
            }
        });
        port
    }

    async fn ask(stream: &mut TcpStream) -> std::io::Result<u8> {
        stream.write_all(b"x").await?;
        stream.read_u8().await
    }

    #[tokio::test]
    async fn it_passes_delays_holds_and_cuts() {
        let proxy = Proxy::start(echo().await).await.unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
        assert_eq!(ask(&mut stream).await.unwrap(), b'x');

        proxy.set(Mode::Delay(Duration::from_millis(60)));
        let begun = Instant::now();
        assert_eq!(ask(&mut stream).await.unwrap(), b'x');
        assert!(begun.elapsed() >= Duration::from_millis(120), "there and back");

        proxy.set(Mode::BlackHole);
        assert!(timeout(Duration::from_millis(100), ask(&mut stream)).await.is_err(), "nothing gets through");
        proxy.set(Mode::Pass);
        assert_eq!(stream.read_u8().await.unwrap(), b'x', "what was held arrives");

        proxy.cut();
        assert!(ask(&mut stream).await.is_err(), "the connection is gone");
        let mut again = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
        assert_eq!(ask(&mut again).await.unwrap(), b'x', "a new one is taken");
    }
}
