//! A TCP proxy that can misbehave: what lies between a service and what it needs. Before several replicas it is the load
//! balancer as well, a plain one: each connection goes to the next of them that takes it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
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
    /// How many there are that reach somebody.
    carried: Arc<AtomicUsize>,
    stop: CancellationToken,
}

impl Proxy {
    /// Before one target or more.
    ///
    /// # Errors
    /// No port is free.
    pub(crate) async fn start(targets: Vec<u16>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let proxy = Self {
            port: listener.local_addr()?.port(),
            mode: watch::Sender::new(Mode::Pass),
            connections: Arc::default(),
            carried: Arc::default(),
            stop: CancellationToken::new(),
        };
        let (mode, carried) = (proxy.mode.subscribe(), Arc::clone(&proxy.carried));
        let ways = Ways { targets: targets.into(), first: 0, mode, carried };
        let (connections, stop) = (Arc::clone(&proxy.connections), proxy.stop.clone());
        tokio::spawn(stop.run_until_cancelled_owned(accept(listener, ways, connections)));
        Ok(proxy)
    }

    /// Where it listens, on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Drops every connection; tells how many there were. New ones are taken as the mode says.
    pub(crate) fn cut(&self) -> usize {
        let carried = self.carried.load(Ordering::Relaxed);
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *connections).cancel();
        carried
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.cancel();
        self.cut();
    }
}

/// Where connections go, and how.
#[derive(Clone)]
struct Ways {
    targets: Arc<[u16]>,
    /// The place of the one that is tried first.
    first: usize,
    mode: watch::Receiver<Mode>,
    carried: Arc<AtomicUsize>,
}

impl Ways {
    /// One that is gone refuses at once, and the next is tried. One that hangs takes connections as one that is well: its
    /// system does.
    async fn connect(&self) -> Option<TcpStream> {
        for turn in 0..self.targets.len() {
            let target = self.targets[(self.first + turn) % self.targets.len()];
            if let Ok(far) = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, target))).await {
                return Some(far);
            }
        }
        None
    }
}

/// One connection more, until it is dropped.
struct Carried(Arc<AtomicUsize>);

impl Carried {
    fn count(carried: &Arc<AtomicUsize>) -> Self {
        carried.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(carried))
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn accept(listener: TcpListener, mut ways: Ways, connections: Arc<Mutex<CancellationToken>>) {
    loop {
        let Ok((near, _)) = listener.accept().await else {
            // Out of file descriptors, for example: it passes.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let cut = connections.lock().unwrap_or_else(PoisonError::into_inner).clone();
        tokio::spawn(cut.run_until_cancelled_owned(carry(near, ways.clone())));
        ways.first = (ways.first + 1) % ways.targets.len();
    }
}

/// Both ways, until one of the two ends or fails: then both are closed.
async fn carry(near: TcpStream, ways: Ways) {
    let Some(far) = ways.connect().await else { return };
    let _carried = Carried::count(&ways.carried);
    // Without this small messages wait for each other's acknowledgement.
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    tokio::select! {
        () = pump(near_read, far_write, ways.mode.clone()) => {}
        () = pump(far_read, near_write, ways.mode) => {}
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
        let proxy = Proxy::start(vec![echo().await]).await.unwrap();
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

        assert_eq!(proxy.cut(), 1);
        assert!(ask(&mut stream).await.is_err(), "the connection is gone");
        let mut again = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
        assert_eq!(ask(&mut again).await.unwrap(), b'x', "a new one is taken");
    }

    #[tokio::test]
    async fn connections_go_to_each_replica_in_turn_and_to_the_next_when_one_is_gone() {
        // Each tells who it is by the byte it sends first.
        let replica = async |name: u8| {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let serving = tokio::spawn(async move {
                while let Ok((mut stream, _)) = listener.accept().await {
                    stream.write_u8(name).await.unwrap();
                }
            });
            (port, serving)
        };
        let ((first, _first), (second, serving)) = (replica(b'1').await, replica(b'2').await);
        let proxy = Proxy::start(vec![first, second]).await.unwrap();
        let who = async || TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap().read_u8().await.unwrap();
        assert_eq!([who().await, who().await, who().await, who().await], *b"1212");
        serving.abort();
        // Its listener is gone with it.
        assert!(serving.await.unwrap_err().is_cancelled());
        assert_eq!([who().await, who().await, who().await], *b"111");
    }
}
