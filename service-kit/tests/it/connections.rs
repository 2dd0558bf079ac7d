//! Connections: those that do not get on are closed, and those that have something to ask are let in.

use crate::{
    sample,
    support::{Sample, database, settings},
};
use service_kit::{
    Bus, Clock,
    bus::LocalBus,
    client_address::TrustedProxies,
    http_server::{self, Limits},
};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    num::NonZeroUsize,
    sync::Arc,
    time::Duration,
};
use test_kit::{Answer, Client, Running, until};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Long enough to be never.
const NEVER: Duration = Duration::from_secs(3600);
const SOON: Duration = Duration::from_millis(300);
const ASKING: &str = "GET /livez HTTP/1.1\r\nHost: sample\r\n\r\n";

async fn sample(change: impl FnOnce(&mut Limits)) -> Sample {
    let database = database().await;
    let mut settings = settings(&database);
    settings.connections = Limits { head: NEVER, idle: NEVER, stall: NEVER, ..Limits::default() };
    change(&mut settings.connections);
    Sample::start_with(settings, database, Bus::Local(LocalBus::new()), Clock::system()).await
}

async fn saying(sample: &Sample, beginning: &str) -> TcpStream {
    let mut stream = TcpStream::connect(sample.running.url.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(beginning.as_bytes()).await.unwrap();
    stream
}

/// All that comes until the other side closes.
async fn last_words(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let reading = stream.read_to_end(&mut said);
    // A connection that is reset has nothing more to say either.
    let _ = tokio::time::timeout(Duration::from_secs(30), reading).await.expect("it is closed");
    String::from_utf8(said).unwrap()
}

/// One answer, of which the head is enough.
async fn answered(stream: &mut TcpStream) -> String {
    let mut said = [0; 4096];
    let length = stream.read(&mut said).await.unwrap();
    String::from_utf8_lossy(&said[..length]).into_owned()
}

fn slow(client: &Client) -> JoinHandle<Answer> {
    let client = client.clone();
    tokio::spawn(async move { client.get("/slow").await })
}

fn closed(metrics: &str, reason: &str) -> u64 {
    let mut lines = metrics.lines().filter(|line| line.starts_with("http_connections_closed_total{"));
    let line = lines.find(|line| line.contains(&format!("reason=\"{reason}\""))).expect(reason);
    line.rsplit_once(' ').unwrap().1.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_come_is_given_up_and_its_sender_told() {
    let sample = sample(|limits| limits.head = SOON).await;
    for beginning in ["", "\r\n", "G", "GET /livez HTTP/1.1\r\nHo", "POST /notes HTTP/1.1\r\nHost: sample\r\n"] {
        let mut stream = saying(&sample, beginning).await;
        let told = last_words(&mut stream).await;
        assert!(told.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{beginning:?}: {told:?}");
        assert!(told.contains("connection: close\r\n") && told.contains(r#""code":"head_too_slow""#), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_now_and_then_keeps_no_head_alive() {
    let sample = sample(|limits| limits.head = SOON).await;
    for (beginning, drop) in [("", "\r\n"), ("GET /", "a"), ("GET / HTTP/1.1\r\nX: ", "b"), (ASKING, "G")] {
        let (mut reading, mut writing) = saying(&sample, beginning).await.into_split();
        let dribbling = tokio::spawn(async move {
            while writing.write_all(drop.as_bytes()).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let mut told = String::new();
        let closed = tokio::time::timeout(Duration::from_secs(30), reading.read_to_string(&mut told)).await;
        assert!(closed.is_ok(), "{beginning:?} is kept open by dribbling");
        dribbling.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_connection_waits_for_its_next_request_and_is_closed_without_a_word() {
    let sample = sample(|limits| (limits.head, limits.idle) = (SOON, 10 * SOON)).await;
    let mut stream = saying(&sample, ASKING).await;
    assert!(answered(&mut stream).await.starts_with("HTTP/1.1 200"));
    // Longer than a head may take.
    let early = tokio::time::timeout(2 * SOON, stream.read_u8()).await;
    assert!(early.is_err(), "{early:?}");
    assert_eq!(last_words(&mut stream).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_is_bounded() {
    let sample = sample(|_| {}).await;
    let with = |header: &str| format!("GET /livez HTTP/1.1\r\nHost: sample\r\nConnection: close\r\n{header}\r\n\r\n");
    let long = |length: usize| "x".repeat(length);
    for fits in [with(&format!("X: {}", long(60 * 1024))), with(&"X: y\r\n".repeat(90))] {
        assert!(last_words(&mut saying(&sample, &fits).await).await.starts_with("HTTP/1.1 200"));
    }
    let address = format!("GET /{} HTTP/1.1\r\nHost: sample\r\n\r\n", long(70 * 1024));
    let too_much = [
        with(&format!("X: {}", long(70 * 1024))),
        with(&format!("X: {}", long(380 * 1024))),
        with(&"X: y\r\n".repeat(200)),
        with(&format!("{}: x", long(66 * 1024))),
        address,
        // What has no end yet.
        format!("GET /livez HTTP/1.1\r\nX: {}", long(100 * 1024)),
    ];
    for head in too_much {
        let stream = TcpStream::connect(sample.running.url.strip_prefix("http://").unwrap()).await.unwrap();
        let (mut reading, mut writing) = stream.into_split();
        // It may be closed before all is written.
        let sending = tokio::spawn(async move { writing.write_all(head.as_bytes()).await.map(|()| writing) });
        let mut told = String::new();
        reading.read_to_string(&mut told).await.unwrap();
        assert!(told.starts_with("HTTP/1.1 431 ") || told.starts_with("HTTP/1.1 414 "), "{told}");
        assert!(told.contains("connection: close\r\n"), "{told}");
        let _ = sending.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_connections_close_no_door() {
    let sample = sample(|limits| limits.all = NonZeroUsize::new(8)).await;
    let mut silent = Vec::new();
    for number in 0..40 {
        silent.push(saying(&sample, ["", "GET /", "GET / HTTP/1.1\r\nHost"][number % 3]).await);
        if number % 10 == 9 {
            sample.running.client().get("/livez").await.assert_status(200);
        }
    }
    // The oldest are told, the youngest are still there.
    let told = last_words(&mut silent[0]).await;
    assert!(told.starts_with("HTTP/1.1 408 ") && told.contains("head_too_slow"), "{told}");
    let mut youngest = silent.pop().unwrap();
    youngest.write_all(ASKING.strip_prefix("GET /").unwrap().as_bytes()).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_secs(30), youngest.read_u8()).await.is_ok());
    let metrics = sample.running.client().get("/metrics").await.text;
    assert!(closed(&metrics, "made_room") >= 33, "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_work_is_never_closed_for_others() {
    let sample = sample(|limits| limits.all = NonZeroUsize::new(3)).await;
    let mut stream = saying(&sample, "GET /flow/stream HTTP/1.1\r\nHost: sample\r\n\r\n").await;
    assert!(answered(&mut stream).await.starts_with("HTTP/1.1 200"));
    let client = sample.running.client();
    let working = slow(&client);
    sample.script.entered.notified().await;
    // A body that is still to come; that it is waited for is said by the 100.
    let head = "POST /notes HTTP/1.1\r\nHost: sample\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n";
    let mut posting = saying(&sample, &format!("{head}Content-Length: 26\r\n\r\n")).await;
    assert!(answered(&mut posting).await.starts_with("HTTP/1.1 100"));
    let told = last_words(&mut saying(&sample, "").await).await;
    assert!(told.contains("too_many_connections") && told.contains("retry-after: 2\r\n"), "{told}");
    posting.write_all(br#"{"title": "a", "lines":[]}"#).await.unwrap();
    assert!(answered(&mut posting).await.starts_with("HTTP/1.1 200"));
    sample.script.release.notify_waiters();
    assert_eq!(working.await.unwrap().assert_status(200).text, "done");
    let ended = tokio::time::timeout(SOON, stream.read_to_end(&mut Vec::new())).await;
    assert!(ended.is_err(), "the stream was closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_so_many_places_and_gives_up_its_own() {
    let limit = |limits: &mut Limits| {
        (limits.per_address, limits.uncounted) = (NonZeroUsize::new(2).unwrap(), TrustedProxies::default());
    };
    let sample = sample(limit).await;
    let mut silent = [saying(&sample, "").await, saying(&sample, "GET").await, saying(&sample, "").await];
    assert!(last_words(&mut silent[0]).await.contains("head_too_slow"));
    let client = sample.running.client();
    let mut working = Vec::new();
    for _ in 0..2 {
        working.push(slow(&client));
        sample.script.entered.notified().await;
    }
    let told = last_words(&mut saying(&sample, "").await).await;
    assert!(told.contains("too_many_connections"), "{told}");
    sample.script.release.notify_waiters();
    for request in working {
        request.await.unwrap().assert_status(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_nothing_of_an_answer_is_let_go() {
    let sample = sample(|limits| limits.stall = SOON).await;
    // More than all buffers between us hold.
    let asking = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: sample\r\n\r\n".repeat(40);
    let _never_read = saying(&sample, &asking).await;
    until("it to be closed", || async {
        let metrics = sample.running.client().get("/metrics").await.text;
        (closed(&metrics, "stalled") > 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_listener_takes_ipv6_and_ipv4() {
    let database = database().await;
    let script = Arc::default();
    let service =
        sample::build(settings(&database), Bus::Local(LocalBus::new()), Clock::system(), Arc::clone(&script)).await;
    let any = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
    let listener = TcpListener::from_std(http_server::bind(any).unwrap()).unwrap();
    let port = listener.local_addr().unwrap().port();
    let running = Running::start_on(service, listener);
    let sixth = std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok().then_some(Ipv6Addr::LOCALHOST);
    for address in [Some(IpAddr::from(Ipv4Addr::LOCALHOST)), sixth.map(IpAddr::from)].into_iter().flatten() {
        let client = Client::new(format!("http://{}", SocketAddr::from((address, port))));
        client.get("/livez").await.assert_status(200);
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_half_said_does_not_hold_up_the_end() {
    let sample = sample(|_| {}).await;
    let mut streams = Vec::new();
    for beginning in ["", "GET /livez", ASKING] {
        streams.push(saying(&sample, beginning).await);
    }
    assert!(answered(&mut streams[2]).await.starts_with("HTTP/1.1 200"));
    // Its limits are an hour: only the stop can end them.
    tokio::time::timeout(Duration::from_secs(3), sample.running.stop()).await.expect("idle connections end at once");
    for stream in &mut streams {
        assert_eq!(last_words(stream).await, "");
    }
}
