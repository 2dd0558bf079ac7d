//! A commit that happened and whose reply never came: nobody knows, and the same key finds out.

use crate::support::{Shop, body, database, place};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
};
use url::Url;

/// A way to PostgreSQL that loses one reply: that to the commit of the first transaction that stores an order.
async fn losing_way(database_url: &str) -> (String, Arc<AtomicBool>) {
    let mut url = Url::parse(database_url).unwrap();
    let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    let lost = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&lost);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(carry(client, server, Arc::clone(&lost)));
        }
    });
    (url.into(), told)
}

async fn carry(client: TcpStream, server: TcpStream, lost: Arc<AtomicBool>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::spawn(async move { copy(&mut from_server, &mut to_client).await.map(|_| from_server) });
    let (mut stores_an_order, mut chunk) = (false, vec![0; 64 * 1024]);
    while let Ok(read @ 1..) = from_client.read(&mut chunk).await {
        let holds = |text: &[u8]| chunk[..read].windows(text.len()).any(|window| window == text);
        stores_an_order |= holds(b"INSERT INTO orders");
        if stores_an_order && holds(b"COMMIT\0") && !lost.swap(true, Ordering::SeqCst) {
            // From here on nothing goes back; the server gets its order, and ends it.
            back.abort();
            let _ = back.await;
            to_server.write_all(&chunk[..read]).await.unwrap();
            return;
        }
        if to_server.write_all(&chunk[..read]).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_whose_commit_was_not_answered_is_found_again_under_its_key() {
    let database = database().await;
    let (way, lost) = losing_way(database.url()).await;
    let shop = Shop::open_on(database, way).await;
    let unknown = place(&shop.customer, "k1", body("MUG", 2)).await;
    // What became of it is read by its key, unless the server is at it still.
    if unknown.status != 201 {
        unknown.assert_problem(503, "database_unavailable");
    }
    assert!(lost.load(Ordering::SeqCst), "no reply was lost");
    let again = place(&shop.customer, "k1", body("MUG", 2)).await;
    let id = again.assert_status(201).text_at("/id");
    // It is the one that was committed then: stored once, with one event.
    for count in ["SELECT count(*) FROM orders", "SELECT count(*) FROM order_lines", "SELECT count(*) FROM event_log"] {
        assert_eq!(shop.database.count(count).await, 1, "{count}");
    }
    let stored: uuid::Uuid = sqlx::query_scalar("SELECT id FROM orders").fetch_one(shop.database.pool()).await.unwrap();
    assert_eq!(stored.to_string(), id);
}
