//! Events as a broker delivers them on its worst day: any of them, each three times, first heard in any order, with or
//! without a customer who cancelled before. What the order ends as is known beforehand for every arrangement.

use crate::support::{Shop, cancel, declined, paid, place, refunded};
use contracts::{
    OrderId, RawEvent,
    events::{
        order::{Cancelled, Created, Paid},
        product::ReservationExpired,
    },
};
use serde_json::{Value, json};
use test_kit::event;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Completed,
    Failed,
    Refunded,
    Expired,
}

const ALL: [Heard; 4] = [Heard::Completed, Heard::Failed, Heard::Refunded, Heard::Expired];

/// Every choice of events in every order: 65 of them.
fn arrangements() -> Vec<Vec<Heard>> {
    let mut all = vec![Vec::new()];
    let mut from = 0;
    while from < all.len() {
        let arrangement: Vec<Heard> = all[from].clone();
        for heard in ALL.into_iter().filter(|heard| !arrangement.contains(heard)) {
            all.push([&arrangement[..], &[heard]].concat());
        }
        from += 1;
    }
    all
}

/// Each event three times; the first deliveries keep the order of the arrangement, the repeats come between them in
/// one of three ways.
fn three_times(arrangement: &[Heard], way: usize) -> Vec<Heard> {
    let whole = |times: usize| arrangement.repeat(times);
    match way % 3 {
        0 => whole(3),
        1 => arrangement.iter().flat_map(|heard| [*heard; 3]).collect(),
        // Whenever one is heard for the first time, all before it come again, backwards.
        _ => (0..arrangement.len())
            .flat_map(|last| {
                let before = arrangement[..last].iter().rev().copied();
                [arrangement[last]].into_iter().chain(before).collect::<Vec<_>>()
            })
            .chain(whole(2))
            .collect(),
    }
}

/// What an order must end as.
#[derive(Debug, PartialEq, Eq)]
struct End {
    status: &'static str,
    reason: Option<&'static str>,
    refunded: bool,
    /// How often `order.paid` and `order.cancelled` were announced, and whether the latter said that it had been paid.
    paid: i64,
    cancelled: i64,
    was_paid: bool,
}

/// The rules in words: a payment or its failure counts while the order is pending, an expiry until it is cancelled, a
/// refund always.
fn expected(arrangement: &[Heard], cancelled_before: bool) -> End {
    let mut end = End { status: "pending", reason: None, refunded: false, paid: 0, cancelled: 0, was_paid: false };
    let cancel = |end: &mut End, reason| {
        end.was_paid = end.status == "paid";
        (end.status, end.reason, end.cancelled) = ("cancelled", Some(reason), 1);
    };
    if cancelled_before {
        cancel(&mut end, "requested");
    }
    for heard in arrangement {
        match (heard, end.status) {
            (Heard::Completed, "pending") => (end.status, end.paid) = ("paid", 1),
            (Heard::Failed, "pending") => cancel(&mut end, "payment_declined"),
            (Heard::Expired, "pending" | "paid") => cancel(&mut end, "reservation_expired"),
            (Heard::Refunded, _) => end.refunded = true,
            _ => {}
        }
    }
    end
}

/// Plays one arrangement on an order of its own, and compares.
async fn play(shop: &Shop, arrangement: &[Heard], way: usize, cancelled_before: bool) {
    // A customer of its own each: nobody may hold that many unpaid orders.
    let customer = shop.customer.with_token(shop.signer.customer().1);
    let answer = place(&customer, "k1", crate::support::body("MUG", 2)).await;
    let id: OrderId = answer.assert_status(201).text_at("/id").parse().unwrap();
    let order = shop.recorder.wait_for(|created: &Created| created.order_id == id).await.data;
    if cancelled_before {
        cancel(&customer, id).await.assert_status(200);
    }
    let events = events(&order);
    for heard in three_times(arrangement, way) {
        let (_, event) = events.iter().find(|(known, _)| *known == heard).unwrap();
        shop.deliver(event).await;
    }
    let shown = customer.get(&format!("/orders/{id}")).await.assert_status(200).body.clone();
    let wanted = expected(arrangement, cancelled_before);
    let told = format!("{arrangement:?}, way {way}, cancelled before: {cancelled_before}");
    let refunded = if wanted.refunded { order.total } else { contracts::Money::zero(order.total.currency) };
    assert_eq!(shown["status"], wanted.status, "{told}");
    assert_eq!(shown.get("cancel_reason"), wanted.reason.map(Value::from).as_ref(), "{told}");
    assert_eq!(shown["refunded"], json!(refunded), "{told}");
    let announced = (shop.announced::<Paid>(id.uuid()).await, shop.announced::<Cancelled>(id.uuid()).await);
    assert_eq!(announced, (wanted.paid, wanted.cancelled), "{told}");
    if wanted.cancelled == 1 {
        let cancelled = shop.recorder.wait_for(|data: &Cancelled| data.order_id == id).await.data;
        assert_eq!(cancelled.was_paid, wanted.was_paid, "{told}");
    }
}

fn events(order: &Created) -> [(Heard, RawEvent); 4] {
    let expired = ReservationExpired { checkout_id: order.checkout_id, order_id: order.order_id };
    [
        (Heard::Completed, paid(order)),
        (Heard::Failed, declined(order)),
        (Heard::Refunded, refunded(order)),
        (Heard::Expired, event(1, expired)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_heard_three_times_in_whatever_order_the_order_ends_as_it_must() {
    let shop = Shop::open().await;
    for (index, arrangement) in arrangements().iter().enumerate() {
        play(&shop, arrangement, index, false).await;
        play(&shop, arrangement, index + 1, true).await;
    }
    shop.running.settled().await;
}
