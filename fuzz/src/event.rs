//! What a consumer reads from the broker: an event, or many in a message.

use crate::support::is_exact;
use contracts::{
    RawEvent, envelope,
    events::{EventData, notification, order, payment, product, user},
};
use service_kit::fuzzed;
use std::path::Path;
use time::Duration;

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-01";

type Reader = fn(RawEvent);

macro_rules! types {
    ($($data:ty),* $(,)?) => { &[$((<$data as EventData>::TYPE, typed::<$data> as Reader)),*] };
}

/// Every type of the catalogue; a test compares.
pub(crate) const TYPES: &[(&str, Reader)] = types![
    user::Registered,
    user::VerificationRequested,
    user::RegistrationRepeated,
    user::Verified,
    user::PasswordResetRequested,
    user::PasswordChanged,
    user::EmailChangeRequested,
    user::EmailChanged,
    user::LoginsSlowedDown,
    user::Invited,
    user::ErasureRequested,
    user::Erased,
    user::ExportRequested,
    user::ExportReady,
    user::ProviderLinked,
    user::PasskeysChanged,
    user::GuestJoined,
    product::PersonErased,
    order::PersonErased,
    payment::PersonErased,
    notification::PersonErased,
    product::Created,
    product::Updated,
    product::Archived,
    product::StockChanged,
    product::ReservationExpired,
    order::Created,
    order::Paid,
    order::Cancelled,
    order::Fulfilled,
    order::WithdrawalDeclared,
    payment::Completed,
    payment::Failed,
    payment::Refunded,
    notification::Sent,
    notification::Failed,
];

/// An event that was read is written and read again as the same; its data, too, where they fit their type.
pub(crate) fn event(data: &[u8]) {
    let read = fuzzed::message(false, data);
    assert_eq!(read.len(), 1, "one message, one event");
    read.into_iter().flatten().for_each(judge);
}

/// Each envelope of a batch is what it is alone: one that cannot be read spoils no other.
pub(crate) fn events(data: &[u8]) {
    let read = fuzzed::message(true, data);
    let Ok(parts) = envelope::parts(data) else {
        assert!(read.len() == 1 && read[0].is_err(), "no array, and yet {} events", read.len());
        return;
    };
    let alone: Vec<_> = parts.iter().flat_map(|part| fuzzed::message(false, part)).collect();
    assert_eq!(read, alone);
    let texts: Vec<&str> = parts.iter().map(|part| std::str::from_utf8(part).expect("JSON is UTF-8")).collect();
    let again = envelope::batch(texts.iter().copied());
    assert_eq!(envelope::parts(again.as_bytes()).expect("a batch"), parts);
    read.into_iter().flatten().take(4).for_each(judge);
}

fn judge(event: RawEvent) {
    // What a deadline is added to stays a time.
    assert!(event.time.checked_add(Duration::days(90)).is_some(), "{}", event.time);
    assert!(event.time.unix_timestamp() >= 0);
    let again = RawEvent::from_json(event.to_json()).expect("what was read is written and read again");
    same(&again, &event);
    let sent = fuzzed::sent_on(&event, TRACEPARENT.to_owned()).expect("what is sent on can be read");
    same(&RawEvent { traceparent: event.traceparent.clone(), ..sent }, &event);
    if let Some((_, read)) = TYPES.iter().find(|(name, _)| *name == event.kind) {
        read(event);
    }
}

fn same(one: &RawEvent, other: &RawEvent) {
    if is_exact(&other.data) {
        assert_eq!(one, other);
    } else {
        let other = RawEvent { data: one.data.clone(), ..other.clone() };
        assert_eq!(*one, other);
    }
}

fn typed<T: EventData>(event: RawEvent) {
    let Ok(typed) = event.decode::<T>() else { return };
    let raw = typed.into_raw().expect("our own types can be written");
    let again = raw.clone().decode::<T>().expect("what was written is read").into_raw().expect("and written again");
    assert_eq!(again, raw);
}

/// The snapshots that freeze the wire: the JSON behind their heads.
fn snapshots() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts/snapshots");
    let mut paths: Vec<_> =
        folder.read_dir().expect("the contracts' snapshots").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let json = |path| {
        let text = std::fs::read_to_string(path).expect("a snapshot");
        let (_, body) = text.split_once("\n---\n").expect("a head and a body");
        body.trim().as_bytes().to_vec()
    };
    paths.into_iter().map(json).collect()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    snapshots()
}

pub(crate) fn batches() -> Vec<Vec<u8>> {
    let all = snapshots();
    let texts: Vec<&str> = all.iter().filter_map(|json| std::str::from_utf8(json).ok()).collect();
    let with_a_wrong_one = ["{}", texts[0], "null", "[]"];
    let mut seeds: Vec<_> = texts.chunks(2).map(|some| envelope::batch(some.iter().copied()).into_bytes()).collect();
    seeds.push(envelope::batch(with_a_wrong_one).into_bytes());
    seeds.push(b"[]".to_vec());
    seeds
}

#[cfg(test)]
mod tests {
    use super::TYPES;
    use contracts::events::CATALOGUE;

    #[test]
    fn every_type_of_the_catalogue_is_read() {
        let names = |all: &mut Vec<&'static str>| {
            all.sort_unstable();
            all.clone()
        };
        let mut ours = TYPES.iter().map(|(name, _)| *name).collect();
        let mut theirs = CATALOGUE.iter().map(|event| event.name).collect();
        assert_eq!(names(&mut ours), names(&mut theirs));
    }
}
