//! Messages there and back on the same broker: published, confirmed, consumed, acknowledged, on a queue of the services'
//! kind, 64 at a time.

use crate::{platform::Platform, readings::processes, result::Broker};
use anyhow::{Context, ensure};
use futures_util::StreamExt;
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
        QueueDeclareOptions, QueueDeleteOptions,
    },
    types::{AMQPValue, FieldTable},
};
use std::time::{Duration, Instant};

const QUEUE: &str = "bench.there-and-back";
const AT_A_TIME: u32 = 64;
/// Of an event of today.
const BYTES: usize = 1000;

pub(super) async fn measure(platform: &Platform, time: Duration) -> anyhow::Result<Broker> {
    let connection = Connection::connect(&platform.stack.amqp_url(), ConnectionProperties::default()).await?;
    let (to, from) = (connection.create_channel().await?, connection.create_channel().await?);
    to.confirm_select(ConfirmSelectOptions::default()).await?;
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    to.queue_declare(QUEUE.into(), durable, arguments).await?;
    // Twice what is acknowledged together, or the consumer starves after each acknowledgement.
    from.basic_qos(u16::try_from(2 * AT_A_TIME)?, BasicQosOptions::default()).await?;
    let consuming = tokio::spawn(consume(from));
    let used = || {
        let (parts, _) = processes::of(platform)?;
        anyhow::Ok(parts.get(processes::RABBITMQ).context("no broker")?.ms)
    };
    let (begun, before, mut messages) = (Instant::now(), used()?, 0);
    while begun.elapsed() < time {
        publish(&to).await?;
        messages += AT_A_TIME;
    }
    let (seconds, messages) = (begun.elapsed().as_secs_f64(), f64::from(messages));
    let ms = (used()? - before) / messages;
    // All that were confirmed are then gone, or it was not there and back.
    to.queue_delete(QUEUE.into(), QueueDeleteOptions::default()).await?;
    connection.close(200, "".into()).await?;
    consuming.abort();
    Ok(Broker { messages_per_second: messages / seconds, ms })
}

async fn publish(channel: &Channel) -> anyhow::Result<()> {
    let body = vec![b'x'; BYTES];
    let mut confirms = Vec::new();
    for _ in 0..AT_A_TIME {
        let persistent = BasicProperties::default().with_delivery_mode(2);
        let options = BasicPublishOptions::default();
        confirms.push(channel.basic_publish("".into(), QUEUE.into(), options, &body, persistent).await?);
    }
    for confirm in confirms {
        ensure!(confirm.await?.is_ack(), "the broker refused a message");
    }
    Ok(())
}

async fn consume(channel: Channel) -> anyhow::Result<()> {
    let options = BasicConsumeOptions::default();
    let mut messages = channel.basic_consume(QUEUE.into(), "bench".into(), options, FieldTable::default()).await?;
    let mut there = 0;
    while let Some(message) = messages.next().await {
        there += 1;
        let message = message?;
        if there % AT_A_TIME == 0 {
            message.ack(BasicAckOptions { multiple: true }).await?;
        }
    }
    Ok(())
}
