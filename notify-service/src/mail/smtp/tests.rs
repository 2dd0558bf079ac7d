//! A mail server that answers as it is told, and what it was told.

use super::{Server, Smtp, dotted, is_smtp_url};
use crate::mail::trouble::PostError;
use lettre::{Message, transport::smtp::client::Tls};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Takes every mail, and keeps what it was told.
#[derive(Clone, Default)]
struct Sink {
    pipelining: bool,
    /// After so many mails it closes the connection.
    closes_after: Option<usize>,
    connections: Arc<AtomicUsize>,
    mails: Arc<AtomicUsize>,
    /// What each read brought.
    reads: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    async fn open(self) -> (Self, Smtp) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let smtp = Smtp::of(&format!("smtp://{}", listener.local_addr().unwrap())).unwrap();
        let accepting = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepting.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(accepting.clone().converse(stream));
            }
        });
        (self, smtp)
    }

    async fn converse(self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.write_all(b"220 sink ESMTP\r\n").await?;
        let (mut heard, mut buffer, mut in_mail, mut mails) = (String::new(), [0; 65536], false, 0);
        loop {
            let count = stream.read(&mut buffer).await?;
            if count == 0 {
                return Ok(());
            }
            let read = String::from_utf8_lossy(&buffer[..count]).into_owned();
            self.reads.lock().unwrap().push(read.clone());
            heard.push_str(&read);
            let mut answers = String::new();
            loop {
                let end = if in_mail { "\r\n.\r\n" } else { "\r\n" };
                let Some((whole, rest)) = heard.split_once(end) else { break };
                let (line, rest) = (whole.to_owned(), rest.to_owned());
                heard = rest;
                if std::mem::take(&mut in_mail) {
                    self.mails.fetch_add(1, Ordering::SeqCst);
                    mails += 1;
                    answers.push_str("250 taken\r\n");
                    continue;
                }
                let pipelining = if self.pipelining { "250-PIPELINING\r\n" } else { "" };
                match line.get(..4).unwrap_or_default() {
                    "EHLO" => answers.push_str(&format!("250-sink\r\n{pipelining}250 8BITMIME\r\n")),
                    "MAIL" if line.contains("<bad@") => answers.push_str("550 5.1.8 bad sender\r\n"),
                    "RCPT" if line.contains("<nobody@") => answers.push_str("550 5.1.1 unknown\r\n"),
                    "DATA" => {
                        in_mail = true;
                        answers.push_str("354 go on\r\n");
                    }
                    "QUIT" => return stream.write_all(b"221 bye\r\n").await,
                    _ => answers.push_str("250 fine\r\n"),
                }
            }
            stream.write_all(answers.as_bytes()).await?;
            if self.closes_after == Some(mails) {
                return Ok(());
            }
        }
    }

    fn count(&self) -> (usize, usize) {
        (self.connections.load(Ordering::SeqCst), self.mails.load(Ordering::SeqCst))
    }
}

fn mail(to: &str) -> Message {
    let text = ".a line with a dot\r\n.\r\nanother\r\n".repeat(40);
    Message::builder()
        .from("shop@shop.test".parse().unwrap())
        .to(to.parse().unwrap())
        .subject("Order 1001")
        .body(text)
        .unwrap()
}

#[tokio::test]
async fn a_mail_is_two_writes_where_the_server_knows_pipelining_and_four_where_not() {
    for (pipelining, writes) in [(true, 2), (false, 4)] {
        let (sink, smtp) = Sink { pipelining, ..Sink::default() }.open().await;
        smtp.send(&mail("ada@shop.test")).await.unwrap();
        let before = sink.reads.lock().unwrap().len();
        smtp.send(&mail("ada@shop.test")).await.unwrap();
        let reads = sink.reads.lock().unwrap()[before..].to_vec();
        assert_eq!(reads.len(), writes, "{reads:?}");
        assert!(reads[0].starts_with("MAIL FROM:<shop@shop.test>"), "no question whether it is there: {reads:?}");
        assert!(reads[writes - 1].ends_with("\r\n.\r\n"), "the dot comes with the mail");
        assert_eq!(sink.count(), (1, 2));
    }
}

#[tokio::test]
async fn a_refused_recipient_takes_no_other_mail_along() {
    for pipelining in [true, false] {
        let (sink, smtp) = Sink { pipelining, ..Sink::default() }.open().await;
        smtp.send(&mail("ada@shop.test")).await.unwrap();
        let refused = smtp.send(&mail("nobody@shop.test")).await.unwrap_err();
        assert_eq!(refused.to_string(), "the mail server refused it with 550");
        smtp.send(&mail("ada@shop.test")).await.unwrap();
        assert_eq!(sink.count(), (2, 2), "the connection of the refused one is not used again");
    }
}

#[tokio::test]
async fn a_connection_that_ended_while_it_was_kept_is_no_setback() {
    for pipelining in [true, false] {
        let (sink, smtp) = Sink { pipelining, closes_after: Some(1), ..Sink::default() }.open().await;
        for _ in 0..3 {
            smtp.send(&mail("ada@shop.test")).await.unwrap();
        }
        assert_eq!(sink.count(), (3, 3));
    }
}

#[tokio::test]
async fn who_cannot_be_reached_is_no_refusal() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let smtp = Smtp::of(&format!("smtp://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    assert!(matches!(smtp.send(&mail("ada@shop.test")).await, Err(PostError::Connection)));
}

/// Side by side as notify-service sends; prints what it came to. Loose enough for a busy machine, and far above what waiting
/// for an acknowledgement at each mail allows: 8 connections at 42 ms were 190 a second.
#[tokio::test(flavor = "multi_thread")]
async fn no_mail_waits_for_an_acknowledgement() {
    const MAILS: usize = 2000;
    for pipelining in [true, false] {
        let (sink, smtp) = Sink { pipelining, ..Sink::default() }.open().await;
        let (mail, smtp) = (mail("ada@shop.test"), &smtp);
        let started = Instant::now();
        let side_by_side = (0..8).map(|_| async {
            for _ in 0..MAILS / 8 {
                smtp.send(&mail).await.unwrap();
            }
        });
        futures_util::future::join_all(side_by_side).await;
        let took = started.elapsed();
        println!("{MAILS} mails in {took:?}, pipelining {pipelining}");
        assert_eq!(sink.count(), (8, MAILS));
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
}

#[test]
fn a_dot_at_the_beginning_of_a_line_is_doubled() {
    assert_eq!(dotted(".a\r\n.\r\nb.\r\n..c"), "..a\r\n..\r\nb.\r\n...c\r\n.\r\n");
    assert_eq!(dotted("a\r\n"), "a\r\n\r\n.\r\n");
}

#[test]
fn a_url_says_where_how_and_as_whom() {
    let of = |url: &str| {
        let server = Server::of(url).unwrap();
        let tls = match server.tls {
            Tls::None => "none",
            Tls::Opportunistic(_) => "opportunistic",
            Tls::Required(_) => "required",
            Tls::Wrapper(_) => "wrapper",
        };
        (server.host, server.port, tls, server.hello.to_string(), server.credentials.is_some())
    };
    let own = lettre::transport::smtp::extension::ClientId::default().to_string();
    let expected = |host: &str, port, tls, credentials| (host.to_owned(), port, tls, own.clone(), credentials);
    assert_eq!(of("smtp://mail.example"), expected("mail.example", 25, "none", false));
    assert_eq!(of("smtp://[::1]:1025"), expected("::1", 1025, "none", false));
    assert_eq!(of("smtp://mail.example?tls=required"), expected("mail.example", 587, "required", false));
    assert_eq!(of("smtp://mail.example?tls=opportunistic"), expected("mail.example", 587, "opportunistic", false));
    assert_eq!(of("smtps://shop:p%40ss@mail.example"), expected("mail.example", 465, "wrapper", true));
    assert_eq!(of("smtps://mail.example:4650/shop.example").3, "shop.example");
    for none in ["mail.example", "https://mail.example", "smtp://", "smtp:secret", "smtp://mail.example?tls=maybe"] {
        assert!(!is_smtp_url(none), "{none}");
    }
}
