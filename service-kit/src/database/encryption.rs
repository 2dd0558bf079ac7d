//! Whether what goes to the database and comes from there is encrypted: what the URL says by `sslmode` (or `PGSSLMODE`, as
//! for every client of PostgreSQL), and what holds where neither says anything.
//!
//! On this machine it is not: a server that offers TLS on its own machine, as Debian's does, would have each statement
//! encrypted and decrypted for nobody. To any other host it is, where the server offers it. That is sqlx's default, which
//! looks at no certificate and takes no encryption for an answer: whoever has somebody in between says `verify-full`.

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::net::IpAddr;

/// How a client of ours connects to the database at `url`.
///
/// # Errors
/// It is no URL of a PostgreSQL database.
pub fn connect_options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    let options: PgConnectOptions = url.parse()?;
    // The default, which somebody may also have named.
    let unsaid = matches!(options.get_ssl_mode(), PgSslMode::Prefer) && !says_so(url);
    Ok(if unsaid && stays_here(&options) { options.ssl_mode(PgSslMode::Disable) } else { options })
}

fn says_so(url: &str) -> bool {
    let said = |url: url::Url| url.query_pairs().any(|(name, _)| name == "sslmode" || name == "ssl-mode");
    url.parse().is_ok_and(said)
}

/// A socket, or an address that leads nowhere else.
fn stays_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    is_socket(options) || host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn is_socket(options: &PgConnectOptions) -> bool {
    options.get_socket().is_some() || options.get_host().starts_with('/')
}

/// The way to the server, for the log.
pub(super) fn way(options: &PgConnectOptions) -> &'static str {
    if is_socket(options) {
        return "a Unix socket";
    }
    match options.get_ssl_mode() {
        PgSslMode::Disable | PgSslMode::Allow => "TCP, not encrypted",
        PgSslMode::Prefer => "TCP, encrypted if the server offers it, whoever it is",
        PgSslMode::Require => "TCP, encrypted, whoever the server is",
        PgSslMode::VerifyCa => "TCP, encrypted, with a certificate that is trusted",
        PgSslMode::VerifyFull => "TCP, encrypted, with the host's own certificate",
    }
}

#[cfg(test)]
mod tests {
    use super::{connect_options, way};

    const HERE: &str = "TCP, not encrypted";
    const ELSEWHERE: &str = "TCP, encrypted if the server offers it, whoever it is";

    #[test]
    fn without_a_word_only_what_leaves_this_machine_is_encrypted() {
        for (url, expected) in [
            ("postgres://shop@localhost/shop", HERE),
            ("postgres://shop@127.0.0.1:5433/shop", HERE),
            ("postgres://shop@127.8.8.8/shop", HERE),
            ("postgres://shop@[::1]/shop", HERE),
            ("postgres://shop@localhost/shop?host=/run/postgresql", "a Unix socket"),
            ("postgres://shop@db/shop?host=/run/postgresql", "a Unix socket"),
            ("postgres://shop@%2Frun%2Fpostgresql/shop", "a Unix socket"),
            ("postgres://shop@db/shop", ELSEWHERE),
            ("postgres://shop@db.example:5432/shop?application_name=sslmode", ELSEWHERE),
            ("postgres://shop@10.0.0.7/shop", ELSEWHERE),
            ("postgres://shop@localhost.example/shop", ELSEWHERE),
            ("postgres://shop@127.0.0.1.example/shop", ELSEWHERE),
            ("postgres://shop@localhost/shop?host=db.example", ELSEWHERE),
            ("postgres://shop@localhost/shop?hostaddr=10.0.0.7", ELSEWHERE),
        ] {
            assert_eq!(way(&connect_options(url).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn what_is_said_holds_everywhere() {
        for (mode, expected) in [
            ("disable", HERE),
            ("prefer", ELSEWHERE),
            ("require", "TCP, encrypted, whoever the server is"),
            ("verify-ca", "TCP, encrypted, with a certificate that is trusted"),
            ("verify-full", "TCP, encrypted, with the host's own certificate"),
        ] {
            for host in ["localhost", "db.example"] {
                for name in ["sslmode", "ssl-mode"] {
                    let url = format!("postgres://shop@{host}/shop?{name}={mode}");
                    assert_eq!(way(&connect_options(&url).unwrap()), expected, "{url}");
                }
            }
        }
        assert!(connect_options("postgres://shop@db/shop?sslmode=always").is_err());
    }
}
