//! Listeners for IPv4 and IPv6.

use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
};

/// As many connections may wait to be taken on as Linux lets by default: a wave that does not fit is tried again by its
/// senders only after a second.
const BACKLOG: i32 = 4096;

/// Listens on `address`. The unspecified address of IPv6 takes IPv4 as well; where the system has no IPv6, it is that of
/// IPv4.
///
/// # Errors
/// The port is taken or may not be used, or the address is not this machine's.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    match listen(address) {
        Err(cause) if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) && lacks_ipv6(&cause) => {
            listen((Ipv4Addr::UNSPECIFIED, address.port()).into())
        }
        bound => bound,
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // The port of a process that has just ended can be had; one that somebody listens on cannot.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Neither a taken port nor a lack of rights: the family itself cannot be had.
fn lacks_ipv6(cause: &io::Error) -> bool {
    !matches!(cause.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}
