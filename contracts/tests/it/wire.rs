//! The wire form of every event, frozen: a stored snapshot must decode for ever.

use contracts::{
    AccountId, CheckoutId, Currency, Event, EventId, Money, OrderId, PaymentId, ProductId, Quantity, RawEvent,
    VariantId,
    events::{self, EventData, notification, order, payment, product, user},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::Path};
use time::{Duration, UtcOffset, macros::datetime};
use uuid::Uuid;

fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number).into()
}

fn event<T: EventData>(data: T) -> RawEvent {
    let known = events::find(T::TYPE).unwrap();
    Event {
        id: id::<EventId>(1),
        source: known.announced_by,
        kind: T::TYPE.to_owned(),
        subject: data.subject(),
        sequence: 3,
        time: datetime!(2026-11-22 10:00:00.123456 UTC),
        correlation_id: id(2),
        causation_id: Some(id(3)),
        traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
        data,
    }
    .into_raw()
    .unwrap()
}

/// One event of every type of the catalogue.
fn examples() -> Vec<RawEvent> {
    let account_id: AccountId = id(10);
    let (product_id, variant_id, sku): (ProductId, VariantId, _) = (id(11), id(12), "MUG-0042".to_owned());
    let (order_id, checkout_id, payment_id): (OrderId, CheckoutId, PaymentId) = (id(13), id(14), id(15));
    let (customer_id, number, total) = (account_id, 1001, Money::new(3998, Currency::EUR));
    let line = order::Line {
        sku: sku.clone(),
        name: "Stoneware mug".to_owned(),
        quantity: Quantity::try_from(2).unwrap(),
        unit_price: Money::new(1999, Currency::EUR),
    };
    vec![
        event(user::Registered { account_id, confirmed: false }),
        event(user::Registered { account_id, confirmed: true }),
        event(user::VerificationRequested { account_id }),
        event(user::RegistrationRepeated { account_id }),
        event(user::Verified { account_id }),
        event(user::PasswordResetRequested { account_id, request_id: id(18) }),
        event(user::PasswordChanged { account_id }),
        event(user::LoginsSlowedDown { account_id }),
        event(user::EmailChangeRequested { account_id, request_id: id(18) }),
        event(user::EmailChanged { account_id, request_id: id(18) }),
        event(user::Invited { request_id: id(18) }),
        event(user::ErasureRequested { account_id, erasure_id: id(19) }),
        event(user::Erased { account_id, also: Vec::new() }),
        event(user::Erased { account_id, also: vec![id(18)] }),
        event(user::ExportRequested { account_id, export_id: id(20) }),
        event(user::ExportReady { account_id, export_id: id(20) }),
        event(user::ProviderLinked { account_id, provider: "Example".to_owned() }),
        event(user::PasskeysChanged { account_id, change: user::PasskeyChange::Added }),
        event(user::GuestJoined { guest_id: id(21), account_id }),
        event(product::PersonErased { account_id, rows: 0 }),
        event(order::PersonErased { account_id, rows: 3 }),
        event(payment::PersonErased { account_id, rows: 0 }),
        event(notification::PersonErased { account_id, rows: 4 }),
        event(product::Created { product_id, sku: sku.clone() }),
        event(product::Updated { product_id, sku: sku.clone() }),
        event(product::Archived { product_id, sku: sku.clone() }),
        event(product::StockChanged { variant_id, product_id, sku, available: 7 }),
        event(product::ReservationExpired { checkout_id, order_id }),
        event(order::Created {
            order_id,
            customer_id,
            number,
            checkout_id,
            lines: vec![line],
            total,
            payment_method: "sim_ok".to_owned(),
        }),
        event(order::Paid { order_id, customer_id, number, checkout_id, total }),
        event(order::Cancelled {
            order_id,
            customer_id,
            number,
            checkout_id,
            total,
            reason: order::CancelReason::PaymentDeclined,
            was_paid: false,
        }),
        event(order::Fulfilled { order_id, customer_id, number, checkout_id }),
        event(order::WithdrawalDeclared {
            withdrawal_id: id(20),
            order_id: Some(order_id),
            customer_id: Some(customer_id),
            number: Some(number),
            received_at: datetime!(2026-11-22 10:00:00.123456 UTC),
        }),
        event(payment::Completed { payment_id, order_id, customer_id, amount: total, method: "sim_ok".to_owned() }),
        event(payment::Failed { payment_id, order_id, customer_id, reason: payment::FailureReason::Declined }),
        event(payment::Refunded { payment_id, refund_id: id(16), order_id, customer_id, amount: total }),
        event(notification::Sent { message_id: id(17), account_id, template: "order_paid".to_owned() }),
        event(notification::Failed { message_id: id(17), account_id, template: "order_paid".to_owned(), attempts: 20 }),
    ]
}

/// Reads data of a type and writes them again.
fn round_trip(event: RawEvent) -> Value {
    fn through<T: EventData>(event: RawEvent) -> Value {
        event.decode::<T>().unwrap().into_raw().unwrap().to_json()
    }
    match event.kind.as_str() {
        "user.registered" => through::<user::Registered>(event),
        "user.verification_requested" => through::<user::VerificationRequested>(event),
        "user.registration_repeated" => through::<user::RegistrationRepeated>(event),
        "user.verified" => through::<user::Verified>(event),
        "user.password_reset_requested" => through::<user::PasswordResetRequested>(event),
        "user.password_changed" => through::<user::PasswordChanged>(event),
        "user.logins_slowed_down" => through::<user::LoginsSlowedDown>(event),
        "user.email_change_requested" => through::<user::EmailChangeRequested>(event),
        "user.email_changed" => through::<user::EmailChanged>(event),
        "user.invited" => through::<user::Invited>(event),
        "user.erasure_requested" => through::<user::ErasureRequested>(event),
        "user.erased" => through::<user::Erased>(event),
        "user.export_requested" => through::<user::ExportRequested>(event),
        "user.export_ready" => through::<user::ExportReady>(event),
        "user.provider_linked" => through::<user::ProviderLinked>(event),
        "user.passkeys_changed" => through::<user::PasskeysChanged>(event),
        "user.guest_joined" => through::<user::GuestJoined>(event),
        "product.person_erased" => through::<product::PersonErased>(event),
        "order.person_erased" => through::<order::PersonErased>(event),
        "payment.person_erased" => through::<payment::PersonErased>(event),
        "notification.person_erased" => through::<notification::PersonErased>(event),
        "product.created" => through::<product::Created>(event),
        "product.updated" => through::<product::Updated>(event),
        "product.archived" => through::<product::Archived>(event),
        "stock.changed" => through::<product::StockChanged>(event),
        "reservation.expired" => through::<product::ReservationExpired>(event),
        "order.created" => through::<order::Created>(event),
        "order.paid" => through::<order::Paid>(event),
        "order.cancelled" => through::<order::Cancelled>(event),
        "order.fulfilled" => through::<order::Fulfilled>(event),
        "withdrawal.declared" => through::<order::WithdrawalDeclared>(event),
        "payment.completed" => through::<payment::Completed>(event),
        "payment.failed" => through::<payment::Failed>(event),
        "payment.refunded" => through::<payment::Refunded>(event),
        "notification.sent" => through::<notification::Sent>(event),
        "notification.failed" => through::<notification::Failed>(event),
        other => panic!("no type for {other}"),
    }
}

#[test]
fn there_is_an_example_of_every_type() {
    let examples: BTreeSet<_> = examples().into_iter().map(|event| event.kind).collect();
    let catalogue: BTreeSet<_> = events::CATALOGUE.iter().map(|event| event.name.to_owned()).collect();
    assert_eq!(examples, catalogue);
}

#[test]
fn the_wire_form_of_every_event_is_frozen() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for event in examples() {
            // What older versions announced stays frozen beside what is announced today.
            let more = ["confirmed", "also"].into_iter().find(|field| event.data.get(field).is_some());
            let more = more.map(|field| format!(".{field}")).unwrap_or_default();
            insta::assert_json_snapshot!(format!("{}{more}", event.kind), event.to_json());
        }
    });
}

/// Whatever was stored once, by any version, must still be read.
#[test]
fn every_stored_snapshot_decodes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let mut read = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let (_, json) = text.split_once("---\n").and_then(|(_, rest)| rest.split_once("---\n")).unwrap();
        let stored: Value = serde_json::from_str(json).unwrap();
        assert_eq!(round_trip(RawEvent::from_json(stored.clone()).unwrap()), stored);
        read += 1;
    }
    assert!(read >= events::CATALOGUE.len(), "{read} snapshots");
}

#[test]
fn fields_and_reasons_of_a_newer_version_are_survived() {
    let mut newer = event(order::Cancelled {
        order_id: id(13),
        customer_id: id(10),
        number: 1001,
        checkout_id: id(14),
        total: Money::new(1, Currency::EUR),
        reason: order::CancelReason::Requested,
        was_paid: true,
    })
    .to_json();
    newer["data"]["reason"] = json!("eaten_by_the_dog");
    newer["data"]["dog"] = json!("Rex");
    newer["dogextension"] = json!("woof");
    let read = RawEvent::from_json(newer).unwrap().decode::<order::Cancelled>().unwrap();
    assert_eq!(read.data.reason, order::CancelReason::Other);
}

/// What the doors refuse today was taken once, and its events are kept for ever.
#[test]
fn an_old_order_in_money_that_was_withdrawn_or_never_was_decodes() {
    let created = examples().into_iter().find(|event| event.kind == "order.created").unwrap();
    for currency in ["ZWL", "HRK", "XXX", "XTS", "XAU"] {
        let mut old = created.to_json();
        old["data"]["total"]["currency"] = json!(currency);
        old["data"]["lines"][0]["unit_price"]["currency"] = json!(currency);
        old["data"]["lines"][0]["sku"] = json!("..");
        old["data"]["lines"][0]["name"] = json!("\u{200B}");
        old["data"]["payment_method"] = json!("card_4242_4242_4242_4242");
        assert_eq!(round_trip(RawEvent::from_json(old.clone()).unwrap()), old, "{currency}");
    }
}

#[test]
fn whatever_a_newer_version_adds_anywhere_is_survived() {
    fn add_everywhere(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.values_mut().for_each(add_everywhere);
                members.insert("dogextension".to_owned(), json!("woof"));
            }
            Value::Array(items) => items.iter_mut().for_each(add_everywhere),
            _ => {}
        }
    }
    for event in examples() {
        let known = event.to_json();
        let mut newer = known.clone();
        add_everywhere(&mut newer);
        assert_eq!(round_trip(RawEvent::from_json(newer).unwrap()), known, "{}", event.kind);
    }
}

#[test]
fn what_is_no_event_of_ours_is_refused_with_the_field() {
    let good = event(user::Verified { account_id: id(10) }).to_json();
    for (field, wrong, told) in [
        ("specversion", json!("0.3"), "specversion"),
        ("source", json!("/somebody"), "source"),
        ("sequence", json!("first"), "sequence"),
        ("subject", json!("me"), "CloudEvents"),
        ("time", json!("yesterday"), "CloudEvents"),
        ("time", json!("1969-12-31T23:59:59Z"), "field time"),
        ("time", json!("9999-01-01T00:00:00Z"), "field time"),
        ("time", json!("9999-12-31T23:59:59-23:59"), "field time"),
        ("time", json!("0000-01-01T00:00:00+23:59"), "field time"),
    ] {
        let mut bad = good.clone();
        bad[field] = wrong;
        let error = RawEvent::from_json(bad).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
    assert!(RawEvent::from_slice(b"not json").is_err());
}

proptest! {
    /// Consumers tell a time in UTC, store it, write it again and add their deadlines to it: none of it may fail.
    #[test]
    fn whatever_time_is_read_can_be_worked_with(
        year in prop_oneof![0..=9999_i32, 0..2_i32, 1969..1971_i32, 9997..=9999_i32],
        month in 1..=12_u8, day in 1..=28_u8, hour in 0..24_u8, second in 0..60_u8, offset in -1439..=1439_i32
    ) {
        let (sign, offset) = (if offset < 0 { '-' } else { '+' }, offset.abs());
        let (hours, minutes) = (offset / 60, offset % 60);
        let time = format!("{year:04}-{month:02}-{day:02}T{hour:02}:59:{second:02}{sign}{hours:02}:{minutes:02}");
        let mut json = event(user::Verified { account_id: id(10) }).to_json();
        json["time"] = json!(time);
        let read = RawEvent::from_json(json);
        prop_assert!(read.is_ok() || !(1971..9998).contains(&year), "{} is refused", time);
        if let Ok(event) = read {
            let utc = event.time.checked_to_offset(UtcOffset::UTC);
            prop_assert!(utc.is_some_and(|utc| utc.checked_add(Duration::days(365)).is_some()), "{}", time);
            prop_assert_eq!(RawEvent::from_json(event.to_json()).unwrap(), event);
        }
    }
}

#[test]
fn no_event_carries_personal_data() {
    for event in examples() {
        let text = event.data.to_string().to_lowercase();
        for word in ["email", "first_name", "last_name", "address", "phone", "token", "password"] {
            assert!(!text.contains(word), "{} has {word}", event.kind);
        }
    }
}
