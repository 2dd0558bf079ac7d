//! A mail server that takes everything, keeps nothing, and notes which order each mail is about and when it was whole. It
//! has a thread of its own, so that what it costs can be told from what the load client costs.

use anyhow::Context;
use memchr::{memchr, memmem};
use std::{
    collections::HashMap,
    fs,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Instant,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

/// Mails of each settled order: that it was received, and that it is paid.
pub(crate) const PER_ORDER: u64 = 2;

pub(crate) struct Sink {
    pub(crate) port: u16,
    /// Its thread, in `/proc/self/task`.
    pub(crate) thread: u32,
    received: Arc<Received>,
    stop: CancellationToken,
}

#[derive(Default)]
struct Received {
    mails: AtomicU64,
    /// By order number: how many, and when the last came.
    orders: Mutex<HashMap<i64, (u64, Instant)>>,
}

impl Sink {
    /// # Errors
    /// It cannot listen.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let (received, stop) = (Arc::<Received>::default(), CancellationToken::new());
        let (tell, told) = mpsc::channel();
        let (kept, stopping) = (received.clone(), stop.clone());
        thread::Builder::new().name("smtp-sink".to_owned()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(stopping.run_until_cancelled(serve(tell, kept)));
            anyhow::Ok(())
        })?;
        let (port, thread) = told.recv().context("the mail sink could not listen")?;
        Ok(Self { port, thread, received, stop })
    }

    /// Mails so far.
    pub(crate) fn mails(&self) -> u64 {
        self.received.mails.load(Ordering::Relaxed)
    }

    /// Of each order that all its mails came of: when the last did.
    pub(crate) fn last_mails(&self) -> HashMap<i64, Instant> {
        let orders = lock(&self.received.orders);
        let whole = orders.iter().filter(|(_, (mails, _))| *mails >= PER_ORDER);
        whole.map(|(number, (_, at))| (*number, *at)).collect()
    }

    /// What came so far belongs to no turn.
    pub(crate) fn forget(&self) {
        lock(&self.received.orders).clear();
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn serve(tell: mpsc::Sender<(u16, u32)>, received: Arc<Received>) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    _ = tell.send((listener.local_addr()?.port(), own_thread()?));
    loop {
        let (stream, _) = listener.accept().await?;
        let received = received.clone();
        tokio::spawn(async move { talk(stream, &received).await });
    }
}

fn own_thread() -> anyhow::Result<u32> {
    // `<pid>/task/<tid>`.
    let link = fs::read_link("/proc/thread-self").context("this needs Linux")?;
    let name = link.file_name().and_then(|name| name.to_str()).context("an odd /proc/thread-self")?;
    Ok(name.parse()?)
}

async fn talk(mut stream: TcpStream, received: &Received) -> std::io::Result<()> {
    // Else each answer would wait for an acknowledgement of the last.
    stream.set_nodelay(true)?;
    stream.write_all(b"220 sink ESMTP\r\n").await?;
    let (mut dialogue, mut buffer, mut answers) = (Dialogue::default(), Vec::with_capacity(16 << 10), Vec::new());
    while stream.read_buf(&mut buffer).await? > 0 {
        answers.clear();
        while let Some(mail) = dialogue.go_on(&mut buffer, &mut answers) {
            received.note(mail);
        }
        stream.write_all(&answers).await?;
        if dialogue.is_over {
            break;
        }
    }
    Ok(())
}

impl Received {
    fn note(&self, order: Option<i64>) {
        self.mails.fetch_add(1, Ordering::Relaxed);
        if let Some(number) = order {
            let mut orders = lock(&self.orders);
            let noted = orders.entry(number).or_insert((0, Instant::now()));
            *noted = (noted.0 + 1, Instant::now());
        }
    }
}

/// What a client and we say to each other (RFC 5321, with PIPELINING).
#[derive(Default)]
struct Dialogue {
    in_mail: bool,
    is_over: bool,
}

impl Dialogue {
    /// Works off what has arrived, up to the next whole mail, and gives the number of the order it is about; `None` when
    /// nothing whole is left.
    fn go_on(&mut self, buffer: &mut Vec<u8>, answers: &mut Vec<u8>) -> Option<Option<i64>> {
        loop {
            if self.in_mail {
                // The line end before the dot may be the one that ended the last command: of an empty mail.
                let end = memmem::find(buffer, b"\r\n.\r\n")?;
                let order = order_number(&buffer[..end]);
                buffer.drain(..end + 5);
                answers.extend_from_slice(b"250 taken\r\n");
                self.in_mail = false;
                return Some(order);
            }
            let end = memchr(b'\n', buffer)?;
            let verb: String = buffer[..end].iter().take(4).map(|byte| char::from(byte.to_ascii_uppercase())).collect();
            let answer: &[u8] = match verb.as_str() {
                "EHLO" => b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
                "DATA" => b"354 go on\r\n",
                "QUIT" => b"221 bye\r\n",
                _ => b"250 ok\r\n",
            };
            answers.extend_from_slice(answer);
            buffer.drain(..=end);
            self.in_mail = verb == "DATA";
            self.is_over |= verb == "QUIT";
        }
    }
}

/// The number after the word `order` in the subject.
fn order_number(mail: &[u8]) -> Option<i64> {
    let head = &mail[..memmem::find(mail, b"\r\n\r\n").unwrap_or(mail.len())];
    let subject = head.split(|byte| *byte == b'\n').find(|line| line.to_ascii_lowercase().starts_with(b"subject:"))?;
    let subject = String::from_utf8_lossy(subject).to_ascii_lowercase();
    let (_, after) = subject.split_once("order ")?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Dialogue, order_number};

    #[test]
    fn a_pipelined_dialogue_is_answered_line_by_line() {
        let (mut dialogue, mut answers) = (Dialogue::default(), Vec::new());
        let mut buffer = b"EHLO here\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n".to_vec();
        assert_eq!(dialogue.go_on(&mut buffer, &mut answers), None);
        buffer
            .extend_from_slice(b"Subject: We have received order 1007\r\n\r\nThank you.\r\n.\r\nMAIL FROM:<a@b>\r\nQU");
        assert_eq!(dialogue.go_on(&mut buffer, &mut answers), Some(Some(1007)));
        assert_eq!(dialogue.go_on(&mut buffer, &mut answers), None);
        assert_eq!(buffer, b"QU");
        let text = String::from_utf8(answers).unwrap();
        assert!(text.ends_with("250 ok\r\n250 ok\r\n354 go on\r\n250 taken\r\n250 ok\r\n"), "{text}");
    }

    #[test]
    fn a_mail_tells_the_order_it_is_about_in_its_subject() {
        let paid = b"From: x\r\nSubject: Payment received: order 12 is confirmed\r\n\r\norder 99";
        assert_eq!(order_number(paid), Some(12));
        assert_eq!(order_number(b"Subject: Confirm your address\r\n\r\norder 99"), None);
    }
}
