//! A mail server: as much of SMTP (RFC 5321) as a client needs, and the faults a real one has.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// What it does with the next mail it is given whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Take,
    /// Takes it, and its answer is lost.
    TakeAndHangUp,
    Refuse,
    /// Takes it, and says so once [`MailServer::go_on`] was called.
    TakeSlowly,
}

#[derive(Clone, Default)]
pub(crate) struct MailServer {
    taken: Arc<Mutex<Vec<Vec<u8>>>>,
    next: Arc<Mutex<VecDeque<Reply>>>,
    envelopes: Arc<Mutex<Vec<String>>>,
    slow: Arc<Notify>,
}

impl MailServer {
    /// The server and its URL.
    pub(crate) async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let server = Self::default();
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = accepting.clone();
                // A client that goes away ends its conversation, not the server.
                tokio::spawn(async move { server.converse(stream).await.ok() });
            }
        });
        (server, url)
    }

    /// Lets one slow answer go.
    pub(crate) fn go_on(&self) {
        self.slow.notify_one();
    }

    pub(crate) fn next(&self, reply: Reply) {
        self.next.lock().unwrap().push_back(reply);
    }

    /// All mails it took, as they came.
    pub(crate) fn taken(&self) -> Vec<Vec<u8>> {
        self.taken.lock().unwrap().clone()
    }

    /// The `MAIL FROM` and `RCPT TO` of all mails, as they came.
    pub(crate) fn envelopes(&self) -> Vec<String> {
        self.envelopes.lock().unwrap().clone()
    }

    async fn converse(&self, stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read);
        write.write_all(b"220 mail.test ESMTP\r\n").await?;
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            if matches!(verb.as_str(), "MAIL" | "RCPT") {
                self.envelopes.lock().unwrap().push(line.trim_end().to_owned());
            }
            let answer: &[u8] = match verb.as_str() {
                // Without SMTPUTF8: what is not ASCII in an address does not leave.
                "EHLO" => b"250-mail.test\r\n250 8BITMIME\r\n",
                "MAIL" | "RCPT" | "NOOP" | "RSET" => b"250 fine\r\n",
                "QUIT" => return write.write_all(b"221 bye\r\n").await,
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await?;
                    let mail = read_mail(&mut lines).await?;
                    let reply = self.next.lock().unwrap().pop_front().unwrap_or(Reply::Take);
                    if reply != Reply::Refuse {
                        self.taken.lock().unwrap().push(mail);
                    }
                    match reply {
                        Reply::Take => b"250 taken\r\n",
                        Reply::TakeSlowly => {
                            self.slow.notified().await;
                            b"250 taken\r\n"
                        }
                        Reply::TakeAndHangUp => return Ok(()),
                        Reply::Refuse => b"550 5.1.1 <ada@example.com>: no such user here\r\n",
                    }
                }
                _ => b"500 unknown\r\n",
            };
            write.write_all(answer).await?;
        }
    }
}

/// Up to the line with a single dot; doubled dots are undone (RFC 5321, 4.5.2).
async fn read_mail(lines: &mut (impl AsyncBufReadExt + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut mail = Vec::new();
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(mail);
        }
        mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
