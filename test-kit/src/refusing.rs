//! A PostgreSQL that lets nobody in: the tests' own server trusts everybody.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

/// Where whoever connects is refused with an SQLSTATE and a message, as a real server words it.
///
/// # Panics
/// No port is free.
#[must_use]
pub fn refusing_postgres(code: &'static str, message: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // A client that goes away meanwhile is no concern of a test's.
            let _ = refuse(client, code, message);
        }
    });
    address
}

fn refuse(mut client: TcpStream, code: &str, message: &str) -> std::io::Result<()> {
    // A request for TLS is declined; what comes then is the start-up message.
    let mut length = [0; 4];
    client.read_exact(&mut length)?;
    if u32::from_be_bytes(length) == 8 {
        client.read_exact(&mut length)?;
        client.write_all(b"N")?;
        client.read_exact(&mut length)?;
    }
    let mut rest = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap_or(4) - 4];
    client.read_exact(&mut rest)?;
    let fields = format!("SFATAL\0VFATAL\0C{code}\0M{message}\0Fauth.c\0L329\0Rauth_failed\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap_or_default();
    client.write_all(&[b"E".as_slice(), &length.to_be_bytes(), fields.as_bytes()].concat())
}
