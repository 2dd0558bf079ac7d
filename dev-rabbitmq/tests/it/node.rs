use dev_rabbitmq::{Scratch, Settings, start};
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions},
    types::FieldTable,
};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

#[test]
fn a_confirmed_message_in_a_durable_queue_outlives_a_kill() {
    let scratch = Scratch::new("ecom-rabbitmq-test-").unwrap();
    let settings = Settings::with_free_ports(scratch.path().join("rabbitmq")).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();

    let mut first = start(&settings, &scratch.guard()).unwrap();
    assert!(first.is_alive());
    runtime.block_on(async {
        let (_connection, channel) = open(&first.url()).await;
        until_on_disk(&scratch.path().join("rabbitmq"));
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default().with_delivery_mode(2));
        let sent = channel.basic_publish("".into(), "kept".into(), options, b"still here", properties).await.unwrap();
        assert!(sent.await.unwrap().is_ack());
    });
    first.kill();

    let second = start(&settings, &scratch.guard()).unwrap();
    let body = runtime.block_on(async {
        let (_connection, channel) = open(&second.url()).await;
        let message = channel.basic_get("kept".into(), BasicGetOptions { no_ack: true }).await.unwrap();
        message.map(|message| message.delivery.data)
    });
    assert_eq!(body.as_deref(), Some(b"still here".as_slice()));
    drop(second);
    assert!(std::net::TcpStream::connect(("127.0.0.1", settings.port)).is_err(), "the broker was left behind");
}

async fn open(url: &str) -> (Connection, Channel) {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    // A classic queue: a quorum queue takes longer until it outlives a kill (RabbitMQ 3.10).
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare("kept".into(), durable, FieldTable::default()).await.unwrap();
    (connection, channel)
}

/// Waits until the queue's declaration is on the disk. RabbitMQ answers earlier: a queue that was declared a moment before a
/// kill is gone, and every confirmed message with it.
fn until_on_disk(folder: &Path) {
    let begun = Instant::now();
    while !holds_name(folder) {
        assert!(begun.elapsed() < Duration::from_secs(30), "the queue's declaration is not on the disk after 30 s");
        std::thread::yield_now();
    }
}

fn holds_name(path: &Path) -> bool {
    if path.is_dir() {
        return fs::read_dir(path)
            .is_ok_and(|mut files| files.any(|file| file.is_ok_and(|file| holds_name(&file.path()))));
    }
    // Where Mnesia keeps what is declared; other files know the name earlier.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let declared = name == "LATEST.LOG" || name.starts_with("rabbit_durable_queue");
    declared && fs::read(path).is_ok_and(|bytes| bytes.windows(4).any(|window| window == b"kept"))
}
