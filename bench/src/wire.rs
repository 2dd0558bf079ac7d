//! A lean HTTP/1.1 client: one kept connection, one request at a time, nothing allocated per answer. What loads a
//! platform on the same two cores must not be what is measured.

use anyhow::{Context, bail};
use memchr::memmem;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

/// A head of more lines is none of ours.
const HEADERS: usize = 32;

pub(crate) struct Connection {
    /// Whom it comes from; where that is nothing, the system chooses.
    own: Ipv4Addr,
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

/// What was answered; the body lasts until the next request.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

/// Where a whole answer's parts are in what has arrived.
#[derive(Debug, PartialEq, Eq)]
struct Whole {
    status: u16,
    body: std::ops::Range<usize>,
    closes: bool,
}

impl Connection {
    /// Opened with the first request.
    pub(crate) fn to(address: SocketAddr) -> Self {
        Self::from(Ipv4Addr::UNSPECIFIED, address)
    }

    /// From an address of this machine: each of 127.0.0.0/8 is one.
    pub(crate) fn from(own: Ipv4Addr, address: SocketAddr) -> Self {
        Self { own, address, stream: None, buffer: Vec::with_capacity(16 << 10) }
    }

    /// `request` is head and body as they go over the wire.
    ///
    /// # Errors
    /// No whole answer came; the next request opens another connection.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let socket = TcpSocket::new_v4()?;
                if !self.own.is_unspecified() {
                    socket.bind((self.own, 0).into())?;
                }
                let stream = socket.connect(self.address).await.context("connecting")?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        self.buffer.clear();
        stream.write_all(request).await.context("sending a request")?;
        let whole = loop {
            if stream.read_buf(&mut self.buffer).await.context("reading an answer")? == 0 {
                bail!("the connection was closed before a whole answer had come");
            }
            if let Some(whole) = whole(&self.buffer)? {
                break whole;
            }
        };
        if !whole.closes {
            self.stream = Some(stream);
        }
        Ok(Answer { status: whole.status, body: &self.buffer[whole.body] })
    }
}

/// `None` while more is to come.
fn whole(arrived: &[u8]) -> anyhow::Result<Option<Whole>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = head.parse(arrived).context("reading the head of an answer")? else {
        return Ok(None);
    };
    let status = head.code.context("an answer without a status")?;
    let header = |name: &str| head.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
    let body = match header("content-length") {
        Some(header) => std::str::from_utf8(header.value)?.trim().parse::<usize>().context("an odd content-length")?,
        None if status == 204 || status == 304 => 0,
        None => bail!("an answer of unknown length"),
    };
    let closes = header("connection").is_some_and(|header| header.value.eq_ignore_ascii_case(b"close"));
    Ok((arrived.len() >= length + body).then(|| Whole { status, body: length..length + body, closes }))
}

/// A request with a body of JSON, or without one.
pub(crate) fn request(method: &str, path: &str, token: &str, key: &str, body: &str) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: ecom\r\n");
    if !token.is_empty() {
        text.push_str(&format!("authorization: Bearer {token}\r\n"));
    }
    if !key.is_empty() {
        text.push_str(&format!("idempotency-key: {key}\r\n"));
    }
    if body.is_empty() {
        text.push_str("\r\n");
    } else {
        text.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    }
    text.into_bytes()
}

/// Whether this is one of a document's texts.
pub(crate) fn names(json: &[u8], text: &str) -> bool {
    memmem::find(json, format!("\"{text}\"").as_bytes()).is_some()
}

/// The first whole number under this name, without reading the rest of the document.
pub(crate) fn number(json: &[u8], name: &str) -> Option<i64> {
    let quoted = format!("\"{name}\":");
    let begin = memmem::find(json, quoted.as_bytes())? + quoted.len();
    let digits = json[begin..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&json[begin..begin + digits]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Whole, number, request, whole};

    #[test]
    fn an_answer_is_whole_when_all_of_its_body_is_there() {
        let text = b"HTTP/1.1 201 Created\r\ncontent-length: 5\r\n\r\nhello";
        assert_eq!(whole(&text[..20]).unwrap(), None);
        assert_eq!(whole(&text[..text.len() - 1]).unwrap(), None);
        let begin = text.len() - 5;
        assert_eq!(whole(text).unwrap(), Some(Whole { status: 201, body: begin..text.len(), closes: false }));
        let closing = b"HTTP/1.1 503 Unavailable\r\nConnection: close\r\ncontent-length: 0\r\n\r\n";
        assert!(whole(closing).unwrap().unwrap().closes);
        assert!(whole(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }

    #[test]
    fn a_number_is_found_in_a_document() {
        assert_eq!(number(br#"{"id":"x","number":1234,"more":1}"#, "number"), Some(1234));
        assert_eq!(number(br#"{"id":"x"}"#, "number"), None);
    }

    #[test]
    fn a_request_says_how_long_its_body_is() {
        let text = String::from_utf8(request("POST", "/orders", "t", "k", "{}")).unwrap();
        assert!(text.ends_with("content-length: 2\r\n\r\n{}"), "{text}");
        let text = String::from_utf8(request("GET", "/products", "", "", "")).unwrap();
        assert_eq!(text, "GET /products HTTP/1.1\r\nhost: ecom\r\n\r\n");
    }
}
