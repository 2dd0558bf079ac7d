//! Messages that can never be acted on: they must end as dead letters, and nothing else may.

use super::{replay, stack::Stack};
use anyhow::{Context, ensure};
use contracts::{RawEvent, ServiceName, events};
use lapin::{
    BasicProperties, Connection, ConnectionProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};
use serde_json::json;
use service_kit::{Bus, Clock, inbox};
use std::time::Duration;
use uuid::Uuid;

/// A message and who must have given it up in the end.
pub(crate) struct Poison {
    pub(crate) id: Uuid,
    pub(crate) subscribers: &'static [ServiceName],
}

/// An event of a known type whose data are not of that type: each consumer tries it until it gives up.
///
/// # Errors
/// The broker does not take it.
pub(crate) async fn undecodable(bus: &Bus, clock: &Clock, kind: &'static str) -> anyhow::Result<Poison> {
    let known = events::find(kind).context("a type that is not in the catalogue")?;
    let id: Uuid = clock.new_id();
    let event = RawEvent {
        id: id.into(),
        source: known.announced_by,
        kind: kind.to_owned(),
        subject: clock.new_id(),
        sequence: 1,
        time: clock.now(),
        correlation_id: clock.new_id(),
        causation_id: None,
        traceparent: None,
        data: json!({"poison": "of a fault run"}),
    };
    replay::publish(bus, &[event]).await?;
    Ok(Poison { id, subscribers: known.subscribers })
}

/// What is no event at all: a dead letter at once.
///
/// # Errors
/// The broker does not take it.
pub(crate) async fn unreadable(stack: &Stack, clock: &Clock, kind: &'static str) -> anyhow::Result<Poison> {
    let known = events::find(kind).context("a type that is not in the catalogue")?;
    let body = format!("not an event: {}", clock.new_id::<Uuid>());
    // Sent again until it is confirmed: twice the same is one dead letter.
    let publish = async {
        while let Err(cause) = send(stack, kind, &body).await {
            tracing::info!(cause = format!("{cause:#}"), "the broker did not take a message; trying again");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), publish).await.context("the broker does not take a message")?;
    Ok(Poison { id: inbox::id_of_unreadable(body.as_bytes()), subscribers: known.subscribers })
}

async fn send(stack: &Stack, kind: &str, body: &str) -> anyhow::Result<()> {
    let connection = Connection::connect(&stack.amqp_url(), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let (options, persistent) = (BasicPublishOptions::default(), BasicProperties::default().with_delivery_mode(2));
    let sent = channel.basic_publish("ecom.events".into(), kind.into(), options, body.as_bytes(), persistent);
    let confirmed = sent.await?.await?;
    connection.close(200, "".into()).await?;
    ensure!(confirmed.is_ack(), "the broker refused a message");
    Ok(())
}
