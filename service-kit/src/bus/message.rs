//! What one AMQP message holds: an event, or with `EVENTS_BATCH=on` several of one type. The type is the routing key, so
//! each subscriber gets its own types and no others.

use super::{Delivery, parcel::Parcel};
use contracts::{RawEvent, envelope};
use lapin::{BasicProperties, types::AMQPValue};
use std::collections::BTreeMap;

/// Events one message holds at the most.
pub const TOGETHER: usize = 64;
/// Bytes of envelopes in a message with several.
const BYTES: usize = 64 * 1024;

/// Events of one type that are sent, confirmed, refused or returned together; by their places in what is published.
pub(crate) struct Message {
    pub(crate) places: Vec<usize>,
    /// The first one's: what a returned message is known by.
    pub(crate) id: String,
    pub(crate) kind: String,
    bytes: usize,
}

impl Message {
    fn alone(place: usize, parcel: &Parcel) -> Self {
        let (id, kind) = (parcel.head.id.to_string(), parcel.head.kind.clone());
        Self { places: vec![place], id, kind, bytes: parcel.envelope.len() }
    }

    fn has_room_for(&self, parcel: &Parcel) -> bool {
        self.places.len() < TOGETHER && self.bytes + parcel.envelope.len() <= BYTES
    }

    /// Sorts parcels into messages; each by itself unless `together`.
    pub(super) fn of(parcels: &[Parcel], together: bool) -> Vec<Self> {
        let (mut messages, mut open) = (Vec::<Self>::new(), BTreeMap::<&str, usize>::new());
        for (place, parcel) in parcels.iter().enumerate() {
            let known = open.get(parcel.head.kind.as_str()).and_then(|at| messages.get_mut(*at));
            match known.filter(|message| together && message.has_room_for(parcel)) {
                Some(message) => {
                    message.places.push(place);
                    message.bytes += parcel.envelope.len();
                }
                None => {
                    open.insert(&parcel.head.kind, messages.len());
                    messages.push(Self::alone(place, parcel));
                }
            }
        }
        messages
    }

    pub(super) fn body(&self, parcels: &[Parcel]) -> String {
        match self.places[..] {
            [only] => parcels[only].envelope.clone(),
            _ => envelope::batch(self.places.iter().map(|place| parcels[*place].envelope.as_str())),
        }
    }

    pub(super) fn properties(&self, parcels: &[Parcel]) -> BasicProperties {
        let first = &parcels[self.places[0]].head;
        let alone = self.places.len() == 1;
        let content_type = if alone { envelope::CONTENT_TYPE } else { envelope::BATCH_CONTENT_TYPE };
        BasicProperties::default()
            .with_delivery_mode(2)
            .with_content_type(content_type.into())
            .with_message_id(self.id.as_str().into())
            .with_type(self.kind.as_str().into())
            .with_app_id(first.source.as_str().into())
            // In whole seconds; the envelope has it exactly.
            .with_timestamp(u64::try_from(first.time.unix_timestamp()).unwrap_or_default())
    }
}

/// Which queue messages come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin {
    Events,
    /// The broker's last word on messages: delivered too often.
    GivenUp,
}

/// What a message brings.
pub(crate) fn read(message: &lapin::message::Delivery, origin: Origin) -> Vec<Delivery> {
    let content_type = message.properties.content_type().as_ref();
    if content_type.is_none_or(|kind| kind.as_str() != envelope::BATCH_CONTENT_TYPE) {
        return vec![read_one(message, &message.data, origin)];
    }
    match envelope::parts(&message.data) {
        Ok(parts) => parts.into_iter().map(|part| read_one(message, part, origin)).collect(),
        Err(cause) => vec![unreadable(message, &message.data, origin, &cause)],
    }
}

fn read_one(message: &lapin::message::Delivery, body: &[u8], origin: Origin) -> Delivery {
    match (RawEvent::from_slice(body), origin) {
        (Ok(event), Origin::Events) => Delivery::Event { event, redelivered: message.redelivered },
        (Ok(event), Origin::GivenUp) => Delivery::GivenUp { event, reason: reason(message) },
        (Err(cause), _) => unreadable(message, body, origin, &cause),
    }
}

fn unreadable(
    message: &lapin::message::Delivery,
    body: &[u8],
    origin: Origin,
    cause: &envelope::EnvelopeError,
) -> Delivery {
    let reason = match origin {
        Origin::Events => cause.to_string(),
        Origin::GivenUp => reason(message),
    };
    Delivery::Unreadable { body: body.to_vec(), reason }
}

fn reason(message: &lapin::message::Delivery) -> String {
    let headers = message.properties.headers().as_ref();
    let why = headers.and_then(|table| table.inner().get("x-first-death-reason")).and_then(|value| match value {
        AMQPValue::LongString(text) => Some(text.to_string()),
        _ => None,
    });
    format!("the broker gave it up: {}", why.as_deref().unwrap_or("no reason given"))
}

#[cfg(test)]
mod tests {
    use super::{BYTES, Message, TOGETHER};
    use crate::bus::parcel::Parcel;
    use contracts::events::notification::{Failed, Sent};
    use uuid::Uuid;

    fn sent(template: &str) -> Parcel {
        let (message_id, account_id) = (Uuid::new_v4().into(), Uuid::new_v4().into());
        Parcel::from(&test_kit::event(1, Sent { message_id, account_id, template: template.to_owned() }))
    }

    fn failed() -> Parcel {
        let (message_id, account_id) = (Uuid::new_v4().into(), Uuid::new_v4().into());
        let data = Failed { message_id, account_id, template: "welcome".to_owned(), attempts: 8 };
        Parcel::from(&test_kit::event(1, data))
    }

    fn places(parcels: &[Parcel], together: bool) -> Vec<Vec<usize>> {
        Message::of(parcels, together).into_iter().map(|message| message.places).collect()
    }

    #[test]
    fn a_message_holds_events_of_one_type_in_their_order() {
        let parcels = [sent("a"), failed(), sent("b"), sent("c"), failed()];
        assert_eq!(places(&parcels, true), [vec![0, 2, 3], vec![1, 4]]);
        assert_eq!(places(&parcels, false), [[0], [1], [2], [3], [4]]);
    }

    #[test]
    fn no_message_grows_beyond_its_count_or_its_bytes() {
        let many: Vec<_> = (0..=TOGETHER).map(|_| sent("a")).collect();
        assert_eq!(places(&many, true).iter().map(Vec::len).collect::<Vec<_>>(), [TOGETHER, 1]);
        let large: Vec<_> = (0..3).map(|_| sent(&"x".repeat(BYTES / 2))).collect();
        assert_eq!(places(&large, true).len(), 3);
    }
}
