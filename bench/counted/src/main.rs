//! Parts of an order's way without input and output, done so many times by one thread: `counted NAME TIMES`. The gate
//! counts their instructions. Without a name it lists them.
//!
//! A program of its own and not a command of `ecom`, which is compiled to be made quickly.

use anyhow::{Context, ensure};
use contracts::{
    Currency, Event, Money, Quantity, RawEvent, ServiceName,
    envelope::{batch, parts},
    events::order,
};
use order_service::counted::a_request_is_read;
use product_service::counted::checkouts_are_decided;
use service_kit::auth::counted::Tokens;
use std::{
    hint::black_box,
    io::{self, Write},
};
use time::OffsetDateTime;
use uuid::Uuid;

type Part = fn(u32) -> anyhow::Result<()>;

const PARTS: &[(&str, Part)] = &[
    ("an event goes out", |times| repeat(times, event()?, |event| Ok(event.into_raw()?.to_json().to_string()))),
    ("32 events go out in a message", |times| {
        repeat(times, text()?, |text| Ok(batch(std::iter::repeat_n(text.as_str(), 32))))
    }),
    ("an event comes in", |times| repeat(times, text()?, |text| read(text.as_bytes()))),
    ("32 events come in, in a message", |times| {
        let text = text()?;
        let message = batch(std::iter::repeat_n(text.as_str(), 32));
        repeat(times, message, |message| {
            parts(message.as_bytes())?.into_iter().map(read).collect::<anyhow::Result<Vec<_>>>()
        })
    }),
    ("a token is looked at", |times| {
        let tokens = Tokens::new().context("a token")?;
        each(times, || tokens.is_good())
    }),
    ("a token is known", |times| {
        let tokens = Tokens::new().context("a token")?;
        each(times, || tokens.is_known())
    }),
    ("a request is read", |times| each(times, || a_request_is_read(black_box(REQUEST)))),
    ("a checkout is decided", |times| each(times, || checkouts_are_decided(black_box(1)) == 1)),
    ("32 checkouts are decided", |times| each(times, || checkouts_are_decided(black_box(32)) == 32)),
];

const REQUEST: &[u8] = br#"{"lines": [{"sku": "BENCH-001", "quantity": 1}], "payment_method": "sim_ok",
    "shipping_address": {"name": "Ada Lovelace", "line1": "12 St James's Square", "postal_code": "SW1Y 4JH",
    "city": "London", "country": "GB"}}"#;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let Some(wanted) = arguments.next() else {
        let names: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
        return Ok(writeln!(io::stdout(), "{}", names.join("\n"))?);
    };
    let times = arguments.next().context("how often?")?.parse()?;
    let (_, part) = PARTS.iter().find(|(name, _)| *name == wanted).context("no part by that name")?;
    part(times)
}

/// Each time it comes out well.
fn each(times: u32, work: impl Fn() -> bool) -> anyhow::Result<()> {
    ensure!((0..times).all(|_| work()), "it did not come out well");
    Ok(())
}

fn repeat<T: Clone, R>(times: u32, given: T, work: impl Fn(T) -> anyhow::Result<R>) -> anyhow::Result<()> {
    (0..times).try_for_each(|_| work(black_box(given.clone())).map(|done| drop(black_box(done))))
}

fn read(text: &[u8]) -> anyhow::Result<Event<order::Created>> {
    Ok(RawEvent::from_slice(text)?.decode()?)
}

fn text() -> anyhow::Result<String> {
    Ok(event()?.into_raw()?.to_json().to_string())
}

fn event() -> anyhow::Result<Event<order::Created>> {
    let id = Uuid::from_u128(0x0123_4567_89ab_7def_8123_4567_89ab_cdef);
    let price = Money::new(1999, Currency::EUR);
    let quantity = Quantity::try_from(1_i64)?;
    let line = order::Line { sku: "BENCH-001".to_owned(), name: "A mug".to_owned(), quantity, unit_price: price };
    Ok(Event {
        id: id.into(),
        source: ServiceName::Order,
        kind: "order.created".to_owned(),
        subject: id,
        sequence: 1,
        time: OffsetDateTime::UNIX_EPOCH,
        correlation_id: id,
        causation_id: None,
        traceparent: Some("00-0123456789abcdef0123456789abcdef-0123456789abcdef-01".to_owned()),
        data: order::Created {
            order_id: id.into(),
            customer_id: id.into(),
            number: 1001,
            checkout_id: id.into(),
            lines: vec![line],
            total: price,
            payment_method: "sim_ok".to_owned(),
        },
    })
}
