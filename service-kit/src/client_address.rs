//! Who a client is, where it counts: in throttles, bounds and logs.
//!
//! The peer of the connection; or, when the peer is one of `TRUSTED_PROXIES`, the last hop it names that is not one of
//! them: in `X-Forwarded-For`, else in `Forwarded` (RFC 7239). What a stranger writes into those headers stands left of
//! what the nearest proxy added and is never reached.

use crate::{ConfigError, Env};
use axum::extract::{ConnectInfo, FromRequestParts, Request};
use http::{HeaderMap, request::Parts};
use ipnet::{IpNet, Ipv4Net};
use std::{
    convert::Infallible,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

/// The address a request came from. IPv4 addresses within IPv6 (`::ffff:192.0.2.1`) are plain IPv4 here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

/// What bounds count by: an IPv4 address, or the /64 an IPv6 address lies in, which is what one subscriber has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientGroup(IpAddr);

impl ClientAddress {
    /// An IPv4 address that is written as IPv6 is taken for what it is.
    #[must_use]
    pub fn new(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// The address alone.
    #[must_use]
    pub fn ip(self) -> IpAddr {
        self.0
    }

    /// What it is counted under.
    #[must_use]
    pub fn group(self) -> ClientGroup {
        ClientGroup(match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        })
    }

    /// The address of the client behind `peer` for a request with these headers.
    fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> Self {
        let mut client = Self::new(peer);
        for hop in hops(headers).iter().rev() {
            if !trusted.contains(client.0) {
                break;
            }
            // What is no address (`unknown`, a made-up name) ends the way: whoever told it is as far as we know.
            let Some(hop) = address(hop) else { break };
            client = Self::new(hop);
        }
        client
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for ClientGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(address) => write!(f, "{address}/64"),
        }
    }
}

/// A request that came over no connection (a router called in process, by a test) is one of this machine's own.
impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(Ipv4Addr::LOCALHOST.into())))
    }
}

/// `TRUSTED_PROXIES`: addresses and networks, separated by commas, whose word on where a request came from is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// What the variable is expected to hold.
    pub const EXPECTED: &'static str = "addresses or networks with commas between them, such as 10.0.0.0/8,::1";

    /// With the addresses by which this machine speaks to itself.
    #[must_use]
    pub fn and_this_machine(mut self) -> Self {
        self.0.push(IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8)));
        self.0.push(IpNet::from(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        self
    }

    /// Whether the address is one of theirs.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }
}

impl FromStr for TrustedProxies {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let network = |part: &str| part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| network(part).map_err(drop)).collect::<Result<_, _>>().map(Self)
    }
}

/// `TRUSTED_PROXIES`: nobody, unless somebody is named.
///
/// # Errors
/// Something in it is neither an address nor a network.
pub fn trusted_proxies(env: &Env) -> Result<TrustedProxies, ConfigError> {
    Ok(env.parsed("TRUSTED_PROXIES", TrustedProxies::EXPECTED)?.unwrap_or_default())
}

tokio::task_local! {
    static CURRENT: ClientAddress;
}

/// Does `work` for a client, whose address [`current`] then tells.
pub async fn within<T>(client: ClientAddress, work: impl Future<Output = T>) -> T {
    CURRENT.scope(client, work).await
}

/// For whom this task works: who asks others for a client says so to them, in `X-Forwarded-For`.
#[must_use]
pub fn current() -> Option<ClientAddress> {
    CURRENT.try_get().ok()
}

/// Notes on a request where it came from. The front door of the all-in-one has done so already when it hands it on.
#[must_use]
pub fn noted(mut request: Request, trusted: &TrustedProxies) -> Request {
    if request.extensions().get::<ClientAddress>().is_none()
        && let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>()
    {
        let client = ClientAddress::behind(peer.ip(), request.headers(), trusted);
        request.extensions_mut().insert(client);
    }
    request
}

/// What proxies said, nearest last.
fn hops(headers: &HeaderMap) -> Vec<&str> {
    let parts = |name: &'static str| {
        let lines = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        lines.flat_map(|line| line.split(',')).map(str::trim)
    };
    if headers.contains_key("x-forwarded-for") {
        return parts("x-forwarded-for").collect();
    }
    parts("forwarded").map(|hop| forwarded_for(hop).unwrap_or_default()).collect()
}

/// The `for` of one hop: `proto=https;For="[2001:db8::1]:4711"`.
fn forwarded_for(hop: &str) -> Option<&str> {
    let pairs = hop.split(';').filter_map(|pair| pair.trim().split_once('='));
    let value = pairs.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("for")).map(|(_, value)| value)?;
    Some(value.trim_matches('"'))
}

/// With or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::{ClientAddress, TrustedProxies};
    use http::{HeaderMap, HeaderName, HeaderValue};

    fn client(peer: &str, headers: &[(&'static str, &'static str)]) -> String {
        let trusted: TrustedProxies = "10.0.0.0/8, 192.0.2.7, fd00::/8".parse().unwrap();
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        ClientAddress::behind(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_says_nothing_about_itself() {
        for name in ["x-forwarded-for", "forwarded"] {
            assert_eq!(client("198.51.100.9", &[(name, "203.0.113.5")]), "198.51.100.9");
        }
    }

    #[test]
    fn behind_trusted_proxies_the_last_untrusted_hop_counts() {
        let forged_first = "203.0.113.5, 198.51.100.9, 10.1.1.1";
        assert_eq!(client("10.0.0.1", &[("x-forwarded-for", forged_first)]), "198.51.100.9");
        assert_eq!(client("::ffff:10.0.0.1", &[("x-forwarded-for", forged_first)]), "198.51.100.9");
        assert_eq!(client("fd00::1", &[("x-forwarded-for", "[2001:db8::1]:4711")]), "2001:db8::1");
        let forwarded = "for=1.2.3.4, proto=https;For=\"[2001:db8::2]:80\";by=10.0.0.2";
        assert_eq!(client("192.0.2.7", &[("forwarded", forwarded)]), "2001:db8::2");
        // The header a proxy writes wins over the one it lets through.
        let both = [("forwarded", "for=1.2.3.4"), ("x-forwarded-for", "198.51.100.9")];
        assert_eq!(client("10.0.0.1", &both), "198.51.100.9");
    }

    #[test]
    fn what_names_nobody_ends_at_who_said_it() {
        for (value, expected) in [("", "10.0.0.1"), ("unknown", "10.0.0.1"), ("nonsense, 10.0.0.2", "10.0.0.2")] {
            assert_eq!(client("10.0.0.1", &[("x-forwarded-for", value)]), expected);
        }
        assert_eq!(client("10.0.0.1", &[("forwarded", "for=_hidden")]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn one_subscriber_of_ipv6_counts_once() {
        let group = |text: &str| ClientAddress::new(text.parse().unwrap()).group();
        assert_eq!(group("2001:db8:1:2::3"), group("2001:db8:1:2:ffff::1"));
        assert_ne!(group("2001:db8:1:2::3"), group("2001:db8:1:3::3"));
        assert_ne!(group("192.0.2.1"), group("192.0.2.2"));
        assert_eq!(group("::ffff:192.0.2.1"), group("192.0.2.1"));
        assert_eq!(group("2001:db8:1:2::3").to_string(), "2001:db8:1:2::/64");
    }

    #[test]
    fn a_list_of_proxies_is_read_whole_or_refused() {
        for wrong in ["10.0.0.0/33", "gateway", "10.0.0.1;10.0.0.2"] {
            assert!(wrong.parse::<TrustedProxies>().is_err(), "{wrong}");
        }
        assert_eq!("".parse::<TrustedProxies>(), Ok(TrustedProxies::default()));
    }
}
