//! What is done to the healthy shop, and which invariants each breaks.

use crate::doctor::{
    Invariant::{
        self, Causes, Ends, Hygiene, Ledger, Loss, Money, Notices, Once, Privacy, Reconciliation, Requests, Sequence,
        States, Stock,
    },
    facts::{Facts, Leak, Left, OverdueGuest, Session, Unreadable},
    sample::{self, CUSTOMER, NOW, ago, entries, id},
};
use contracts::ServiceName;
use provider_sim::{Abandoned, Entry};
use uuid::Uuid;

pub(super) type Wound = (&'static str, fn(&mut Facts), &'static [Invariant]);

pub(super) const WOUNDS: &[Wound] = &[
    (
        "two keys were answered with one order",
        |shop| {
            let mut answer = shop.orders.answers[0].clone();
            answer.key = "another".to_owned();
            shop.orders.answers.push(answer);
        },
        &[Requests],
    ),
    ("an answer tells of no order", |shop| shop.orders.answers[0].order_id = Some("none".to_owned()), &[Requests]),
    (
        "a payment is open past its deadline",
        |shop| {
            let payment = &mut shop.payments.payments[1];
            (payment.status, payment.next_at) = ("unknown".to_owned(), Some(ago(3000)));
        },
        &[Ends, Loss, Reconciliation, States, Hygiene],
    ),
    (
        "a refund does not end",
        |shop| {
            let refund = &mut shop.payments.refunds[0];
            (refund.status, refund.completed_at, refund.next_at) = ("unknown".to_owned(), None, Some(ago(10)));
        },
        &[Ends, Money, Loss, Reconciliation, Ledger, Causes],
    ),
    (
        "a captured payment was never announced",
        |shop| {
            shop.events.get_mut(&ServiceName::Payment).unwrap().log.remove(0);
        },
        &[Loss, Causes],
    ),
    (
        "two orders share a reservation",
        |shop| shop.products.reservations[0].order_id = id(3, 0),
        &[Stock, Loss, Once, Causes],
    ),
    (
        "a mail is used twice",
        |shop| {
            let header = shop.notices.deliveries[0].message_id_header.clone();
            shop.notices.deliveries[1].message_id_header = header;
        },
        &[Notices],
    ),
    (
        "a message was told twice",
        |shop| {
            let again = shop.notices.messages[0].clone();
            shop.notices.messages.push(again);
        },
        &[Once, Notices],
    ),
    (
        "a sequence was given out twice",
        |shop| {
            shop.events.get_mut(&ServiceName::Order).unwrap().log[1].sequence = 1;
        },
        &[Loss, Sequence],
    ),
    (
        "the provider abandoned what was captured",
        |shop| {
            let key = shop.payments.payments[0].provider_key.clone();
            entries(shop).push(Entry::Abandoned(Abandoned { key, at: NOW }));
        },
        &[Once, Reconciliation],
    ),
    (
        "a refund is not in the books",
        |shop| {
            let refund = shop.payments.transactions.iter().position(|one| one.kind == "refund").unwrap();
            let transaction = shop.payments.transactions.remove(refund).id;
            shop.payments.entries.retain(|entry| entry.transaction_id != transaction);
        },
        &[Money, Ledger],
    ),
    (
        "an order was paid without a reservation",
        |shop| {
            shop.products.reservations.retain(|one| one.order_id != id(1, 0));
            shop.products.lines.retain(|one| one.checkout_id != id(1, sample::CHECKOUT));
            shop.products.levels[0].reserved = 0;
        },
        &[Ends, Stock, Loss, Causes],
    ),
    (
        "an order was cancelled as overdue before its deadline",
        |shop| {
            shop.orders.orders[1].cancel_reason = Some("payment_overdue".to_owned());
            let log = &mut shop.events.get_mut(&ServiceName::Order).unwrap().log;
            let cancelled = log.iter_mut().find(|one| one.kind == "order.cancelled");
            cancelled.unwrap().reason = Some("payment_overdue".to_owned());
        },
        &[Causes],
    ),
    (
        "a live order's reservation expired, and the order followed",
        |shop| {
            let reservation = &mut shop.products.reservations[1];
            (reservation.status, reservation.changed_at) = ("expired".to_owned(), ago(3700));
        },
        &[Loss, Causes],
    ),
    ("money went back without a cause", |shop| shop.payments.refunds[0].cause = Uuid::nil(), &[Causes]),
    (
        "personal data lie about",
        |shop| shop.leaks.push(Leak { place: "payment_db.payments".to_owned(), times: 1 }),
        &[Privacy],
    ),
    (
        "a guest who ordered nothing is not forgotten",
        |shop| shop.erased.overdue_guests.push(OverdueGuest { id: id(9, 9), expires_at: ago(25 * 3600) }),
        &[Privacy],
    ),
    (
        "a guest who was erased is still there",
        |shop| shop.erased.left.push(Left { place: "user_db.guests".to_owned(), account_id: id(9, 9), rows: 1 }),
        &[Privacy],
    ),
    (
        "a transaction is left prepared",
        |shop| {
            let (service, name) = (ServiceName::Order, "tx 1".to_owned());
            shop.sessions.push(Session { service, name, sentence: "is prepared since yesterday".to_owned() });
        },
        &[Hygiene],
    ),
    (
        "a row cannot be read",
        |shop| {
            let sentence = "A row of orders cannot be read.".to_owned();
            shop.unreadable.push(Unreadable { invariant: States, sentence });
        },
        &[States],
    ),
    (
        "the provider has money that we know nothing of",
        |shop| {
            let number = entries(shop).len();
            let mut charge = entries(shop).iter().find_map(|entry| match entry {
                Entry::Charge(charge) => Some(charge.clone()),
                _ => None,
            });
            let charge = charge.as_mut().unwrap();
            (charge.id, charge.key) = (format!("ch_{number}"), format!("charge-{}", id(9, 0)));
            charge.reference = id(9, 0).to_string();
            entries(shop).push(Entry::Charge(charge.clone()));
        },
        // Once, whatever else it contradicts.
        &[Reconciliation],
    ),
    (
        "order-service has forgotten an order",
        |shop| {
            let gone = id(1, 0);
            shop.orders.orders.retain(|order| order.id != gone);
            shop.orders.lines.retain(|line| line.order_id != gone);
            shop.orders.history.retain(|entry| entry.order_id != gone);
            shop.orders.answers.retain(|answer| answer.owner != id(1, CUSTOMER));
            shop.orders.checkouts.retain(|checkout| checkout.checkout_id != id(1, sample::CHECKOUT));
            let own = shop.events.get_mut(&ServiceName::Order).unwrap();
            own.log.retain(|logged| logged.subject != gone);
            own.inbox.retain(|_, row| row.subject != id(1, sample::PAYMENT));
        },
        // Once, whatever else of it the others have.
        &[Money],
    ),
    (
        "amounts are beyond all bounds",
        |shop| {
            shop.orders.lines[0].unit_price = i64::MAX;
            shop.orders.lines[0].quantity = i32::MAX;
        },
        &[Requests, Stock],
    ),
];
