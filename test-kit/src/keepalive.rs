//! Clients as gateways and peers are: they keep their connections, ask again and again, and learn late that a server goes.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// Each asks over one connection, until it is told that this was the last answer, and then over another.
pub struct KeptAlive {
    shared: Arc<Shared>,
    clients: JoinSet<()>,
}

struct Shared {
    request: String,
    /// Where new connections go: what stands in a directory.
    address: Mutex<SocketAddr>,
    answered: AtomicUsize,
    /// Answers that said they were the last.
    last_words: AtomicUsize,
    failed: Mutex<Vec<String>>,
    stop: CancellationToken,
}

impl KeptAlive {
    /// So many clients ask `address` for `path` from now on.
    #[must_use]
    pub fn start(clients: usize, address: SocketAddr, path: &str) -> Self {
        let shared = Arc::new(Shared {
            request: format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n"),
            address: Mutex::new(address),
            answered: AtomicUsize::new(0),
            last_words: AtomicUsize::new(0),
            failed: Mutex::default(),
            stop: CancellationToken::new(),
        });
        let mut asking = JoinSet::new();
        for _ in 0..clients {
            asking.spawn(Arc::clone(&shared).ask());
        }
        Self { shared, clients: asking }
    }

    /// New connections go there; those that are kept stay.
    pub fn move_to(&self, address: SocketAddr) {
        *self.shared.address.lock().unwrap_or_else(PoisonError::into_inner) = address;
    }

    /// How many requests were answered 200 so far.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.shared.answered.load(Ordering::SeqCst)
    }

    /// How many answers said that they were the last on their connection.
    #[must_use]
    pub fn last_words(&self) -> usize {
        self.shared.last_words.load(Ordering::SeqCst)
    }

    /// Ends them, and gives what failed.
    pub async fn stop(mut self) -> Vec<String> {
        self.shared.stop.cancel();
        while self.clients.join_next().await.is_some() {}
        std::mem::take(&mut self.shared.failed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shared {
    async fn ask(self: Arc<Self>) {
        while !self.stop.is_cancelled() {
            if let Err(why) = self.ask_over_one().await {
                self.failed.lock().unwrap_or_else(PoisonError::into_inner).push(why);
            }
        }
    }

    async fn ask_over_one(&self) -> Result<(), String> {
        let address = *self.address.lock().unwrap_or_else(PoisonError::into_inner);
        let told = |what: &str, cause: std::io::Error| format!("{what} {address}: {cause}");
        let mut stream = TcpStream::connect(address).await.map_err(|cause| told("connecting to", cause))?;
        while !self.stop.is_cancelled() {
            stream.write_all(self.request.as_bytes()).await.map_err(|cause| told("asking", cause))?;
            let head = answer(&mut stream).await.map_err(|cause| told("the answer of", cause))?;
            if !head.starts_with("http/1.1 200 ") {
                return Err(format!("{address} answered {head}"));
            }
            self.answered.fetch_add(1, Ordering::SeqCst);
            if head.contains("\r\nconnection: close\r\n") {
                self.last_words.fetch_add(1, Ordering::SeqCst);
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Reads one answer whole, and gives its head in small letters.
async fn answer(stream: &mut TcpStream) -> std::io::Result<String> {
    let (mut read, mut buffer) = (Vec::new(), [0; 8192]);
    loop {
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        read.extend_from_slice(&buffer[..length]);
        let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n").map(|start| start + 4) else { continue };
        let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
        let body = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
        if read.len() >= end + body.unwrap_or(0) {
            return Ok(head);
        }
    }
}
