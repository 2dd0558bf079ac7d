//! Mails to a mail server. lettre connects, secures and logs in; what is said after that is said here, and a connection
//! is kept for the next mail.
//!
//! lettre's own way to send writes a mail and the dot that ends it apart. The second write then waits until the server's
//! host has acknowledged the first (Nagle), which that host puts off for 40 ms. Here each thing that awaits an answer is
//! one write; where the server knows PIPELINING (RFC 2920), a mail is two.

use super::trouble::PostError;
use anyhow::Context;
use lettre::{
    Address, Message,
    address::Envelope,
    transport::smtp::{
        SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Tls, TlsParameters},
        commands::{Data, Ehlo, Mail, Rcpt},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};
use percent_encoding::percent_decode_str;
use std::{
    borrow::Cow,
    fmt::Write,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::time::timeout;
use url::Url;

/// For connecting, and for each answer of the mail server.
const PATIENCE: Duration = Duration::from_secs(8);
/// Kept for so long after its last mail.
const IDLE: Duration = Duration::from_secs(30);
/// For a good-bye, whose answer nobody needs.
const GOOD_BYE: Duration = Duration::from_secs(1);
/// The server closes the connection, or is about to (RFC 5321, 3.8).
const CLOSING: &str = "421";

/// A mail server, and the connections to it that have no mail in hand.
pub(crate) struct Smtp {
    server: Server,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

/// Where it is, and what it is told of us.
struct Server {
    host: String,
    port: u16,
    tls: Tls,
    hello: ClientId,
    credentials: Option<Credentials>,
}

/// Whether mails can be sent by it.
pub(crate) fn is_smtp_url(url: &str) -> bool {
    Server::of(url).is_ok()
}

impl Smtp {
    pub(super) fn of(url: &str) -> anyhow::Result<Self> {
        Ok(Self { server: Server::of(url)?, idle: Mutex::default() })
    }

    /// Sends it over a connection that is free, or over a new one.
    pub(super) async fn send(&self, message: &Message) -> Result<(), PostError> {
        let text = String::from_utf8(message.formatted()).map_err(|_binary| PostError::Unsupported)?;
        let mut connection = match self.begun(message.envelope(), &text).await? {
            Some(connection) => connection,
            None => {
                let mut new = self.server.connect().await?;
                new.begin(message.envelope(), &text).await?;
                new
            }
        };
        connection.hand_over(&text).await?;
        self.idle().push(Idle { connection, since: Instant::now() });
        Ok(())
    }

    /// A kept connection over which the mail was begun; none where there is none, or where it ended while it was kept. Then
    /// nothing of the mail has left.
    async fn begun(&self, envelope: &Envelope, text: &str) -> Result<Option<Connection>, PostError> {
        // The one that was used last is the likeliest to be there.
        let kept = self.idle().pop().filter(|kept| kept.since.elapsed() < IDLE);
        let Some(Idle { mut connection, .. }) = kept else { return Ok(None) };
        match connection.begin(envelope, text).await {
            Ok(()) => Ok(Some(connection)),
            Err(PostError::Refused { code }) if code == CLOSING => Ok(None),
            Err(PostError::Connection | PostError::Protocol) => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    /// Closes those that had no mail for a while.
    pub(super) async fn close_idle(&self) {
        let over: Vec<_> = self.idle().extract_if(.., |kept| kept.since.elapsed() >= IDLE).collect();
        for Idle { mut connection, .. } in over {
            connection.leave().await;
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    /// `smtp://host`, `smtp://host?tls=required` or `…=opportunistic` (STARTTLS), `smtps://host`; with user, password and
    /// port, and the name we say as its path. The error does not quote it: it may hold a password.
    fn of(url: &str) -> anyhow::Result<Self> {
        let url = Url::parse(url).context("it is no URL")?;
        let host = url.host_str().filter(|host| !host.is_empty()).context("it names no host")?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let tls = url.query_pairs().find_map(|(name, value)| (name == "tls").then(|| value.into_owned()));
        let parameters = || TlsParameters::new(host.clone()).context("no TLS can be made to it");
        let (port, tls) = match (url.scheme(), tls.as_deref()) {
            ("smtp", None) => (SMTP_PORT, Tls::None),
            ("smtp", Some("required")) => (SUBMISSION_PORT, Tls::Required(parameters()?)),
            ("smtp", Some("opportunistic")) => (SUBMISSION_PORT, Tls::Opportunistic(parameters()?)),
            ("smtps", _) => (SUBMISSIONS_PORT, Tls::Wrapper(parameters()?)),
            _ => anyhow::bail!("its scheme or its tls is none that is known"),
        };
        let hello = match url.path().trim_matches('/') {
            "" => ClientId::default(),
            name => ClientId::Domain(name.to_owned()),
        };
        let credentials = url.password().map(|password| {
            let text = |encoded| percent_decode_str(encoded).decode_utf8().map(Cow::into_owned);
            anyhow::Ok(Credentials::new(text(url.username())?, text(password)?))
        });
        Ok(Self { port: url.port().unwrap_or(port), host, tls, hello, credentials: credentials.transpose()? })
    }

    async fn connect(&self) -> Result<Connection, PostError> {
        timeout(PATIENCE, self.connected()).await.map_err(|_elapsed| PostError::Timeout)?
    }

    async fn connected(&self) -> Result<Connection, PostError> {
        let at_once = match &self.tls {
            Tls::Wrapper(parameters) => Some(parameters.clone()),
            _ => None,
        };
        let (at, hello) = ((self.host.as_str(), self.port), &self.hello);
        let mut line = AsyncSmtpConnection::connect_tokio1(at, Some(PATIENCE), hello, at_once, None).await?;
        match &self.tls {
            Tls::Required(parameters) => line.starttls(parameters.clone(), hello).await?,
            Tls::Opportunistic(parameters) if line.can_starttls() => line.starttls(parameters.clone(), hello).await?,
            _ => {}
        }
        // lettre keeps of the answer only what it needs itself.
        let said = line.command(Ehlo::new(hello.clone())).await?;
        let pipelining = said.message().any(|line| line.trim().eq_ignore_ascii_case("PIPELINING"));
        if let Some(credentials) = &self.credentials {
            line.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        Ok(Connection { line, pipelining })
    }
}

struct Connection {
    line: AsyncSmtpConnection,
    /// What is said before the mail itself may be said at once.
    pipelining: bool,
}

impl Connection {
    /// All that is said before the mail itself: so far nothing has left that anybody could deliver. After an error the
    /// connection is not used again.
    async fn begin(&mut self, envelope: &Envelope, text: &str) -> Result<(), PostError> {
        let commands = self.commands(envelope, text)?;
        let answered = timeout(PATIENCE, self.ask(commands)).await;
        let answered = answered.unwrap_or(Err(PostError::Timeout));
        if let Err(PostError::Refused { .. }) = &answered
            && !self.pipelining
        {
            // Where several were asked at once, the server may wait for a mail by now.
            self.leave().await;
        }
        answered
    }

    fn commands(&self, envelope: &Envelope, text: &str) -> Result<Vec<String>, PostError> {
        let mut parameters = Vec::new();
        let known = self.line.server_info();
        let beyond_ascii = |address: &Address| !AsRef::<str>::as_ref(address).is_ascii();
        for (needed, extension, parameter) in [
            (
                envelope.from().into_iter().chain(envelope.to()).any(beyond_ascii),
                Extension::SmtpUtfEight,
                MailParameter::SmtpUtfEight,
            ),
            (!text.is_ascii(), Extension::EightBitMime, MailParameter::Body(MailBodyParameter::EightBitMime)),
        ] {
            if needed && !known.supports_feature(extension) {
                return Err(PostError::Unsupported);
            }
            parameters.extend(needed.then_some(parameter));
        }
        let mut commands = vec![Mail::new(envelope.from().cloned(), parameters).to_string()];
        commands.extend(envelope.to().iter().map(|to| Rcpt::new(to.clone(), Vec::new()).to_string()));
        commands.push(Data.to_string());
        Ok(commands)
    }

    async fn ask(&mut self, commands: Vec<String>) -> Result<(), PostError> {
        if !self.pipelining {
            for command in commands {
                self.line.command(command).await?;
            }
            return Ok(());
        }
        let mut answered = self.line.command(commands.concat()).await.map(drop);
        for _another in &commands[1..] {
            // The first that is no yes counts, and no answer is taken for that to another question.
            let next = self.line.read_response().await.map(drop);
            answered = answered.and(next);
        }
        Ok(answered?)
    }

    /// The mail itself and the dot that ends it, in one write. From here on it may be delivered, whatever comes back.
    async fn hand_over(&mut self, text: &str) -> Result<(), PostError> {
        let answered = timeout(PATIENCE, self.line.command(dotted(text))).await;
        let answered = answered.map_err(|_elapsed| PostError::Timeout)?;
        let answered = answered.map(drop).map_err(PostError::from);
        if let Err(PostError::Refused { .. }) = &answered {
            self.leave().await;
        }
        answered
    }

    async fn leave(&mut self) {
        // Whether the server heard it is no matter.
        let _ = timeout(GOOD_BYE, self.line.abort()).await;
    }
}

/// As it travels: a dot at the beginning of a line is doubled (RFC 5321, 4.5.2), and one alone ends it.
fn dotted(text: &str) -> String {
    let mut dotted = String::with_capacity(text.len() + 64);
    for (number, line) in text.split("\r\n").enumerate() {
        let before = if number == 0 { "" } else { "\r\n" };
        let dot = if line.starts_with('.') { "." } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(dotted, "{before}{dot}{line}");
    }
    dotted.push_str("\r\n.\r\n");
    dotted
}

#[cfg(test)]
mod tests;
