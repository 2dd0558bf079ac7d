//! Each judge over facts made by hand: the healthy shop is clean, each wound is found by whom it concerns.

use super::judge;
use crate::doctor::{
    Invariant::{
        self, Causes, Ends, Hygiene, Ledger, Loss, Money, Notices, Once, Poison, Privacy, Reconciliation, Requests,
        Sequence, States, Stock,
    },
    Options, Report,
    case::Case,
    facts::{
        ClientKey, Facts, Leak, Logged, Mails, Moment, Outcome, ProviderLog, Session, Unreadable,
        client_log::{Line, Total},
        products::Alike,
    },
    sample::{self, CUSTOMER, NOW, ago, entries, healthy, id, strict},
};
use contracts::ServiceName;
use provider_sim::{Abandoned, Charge, Entry};
use std::{collections::BTreeSet, time::Duration};
use uuid::Uuid;

fn examine(facts: &Facts, options: &Options) -> Report {
    let findings = judge(&Case::new(facts, options, Moment::from(NOW)));
    Report { findings, could_not_look: Vec::new() }
}

#[test]
fn a_healthy_shop_is_clean_with_and_without_grace() {
    for options in [strict(), Options::default()] {
        let report = examine(&healthy(), &options);
        assert_eq!(report.broken(), [], "{report:#?}");
        assert!(report.is_clean());
    }
}

type Wound = (&'static str, fn(&mut Facts), &'static [Invariant]);

const WOUNDS: &[Wound] = &[
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

#[test]
fn every_wound_is_found_and_nothing_else() {
    let mut wrong = Vec::new();
    for (what, wound, expected) in WOUNDS {
        let mut shop = healthy();
        wound(&mut shop);
        let report = examine(&shop, &strict());
        if report.broken() != *expected {
            let violations = report.findings.into_iter().flat_map(|finding| finding.violations);
            wrong.push((what, violations.map(|one| one.sentence).collect::<Vec<_>>()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Takes order 1's `order.paid` away from product-service.
fn lose_an_event(shop: &mut Facts, announced: Moment) {
    let log = &mut shop.events.get_mut(&ServiceName::Order).unwrap().log;
    let paid = log.iter_mut().find(|one| one.kind == "order.paid").unwrap();
    paid.announced_at = announced;
    let event = paid.event_id;
    shop.events.get_mut(&ServiceName::Product).unwrap().inbox.remove(&event);
}

#[test]
fn an_event_between_outbox_and_inbox_is_lost_only_when_nothing_carries_it() {
    let mut shop = healthy();
    lose_an_event(&mut shop, ago(600));
    assert_eq!(examine(&shop, &Options::default()).broken(), [Loss]);
    shop.broker.waiting.insert(ServiceName::Product, 1);
    assert_eq!(examine(&shop, &strict()).broken(), [], "the broker still holds messages");
    let mut shop = healthy();
    lose_an_event(&mut shop, ago(5));
    assert_eq!(examine(&shop, &Options::default()).broken(), [], "announced within the grace");
    assert_eq!(examine(&shop, &strict()).broken(), [Loss], "without grace everything counts");
}

#[test]
fn more_events_than_a_queue_can_hold_are_lost_whatever_waits_in_it() {
    let mut shop = healthy();
    lose_an_event(&mut shop, ago(600));
    let log = &mut shop.events.get_mut(&ServiceName::Order).unwrap().log;
    let lost = log.iter().find(|one| one.kind == "order.paid").unwrap().clone();
    log.extend((1..=66).map(|number| Logged { event_id: Uuid::from_u128(9000 + number), ..lost.clone() }));
    for (waiting, expected) in [(1, 2), (2, 1), (3, 0)] {
        shop.broker.waiting.insert(ServiceName::Product, waiting);
        let findings = examine(&shop, &Options::default()).findings;
        let sentences = findings.iter().flat_map(|finding| &finding.violations).map(|one| one.sentence.as_str());
        let said = sentences.filter(|sentence| sentence.ends_with("never reached product-service.")).count();
        assert_eq!(said, expected, "{waiting} wait");
    }
}

#[test]
fn what_follows_from_an_event_under_way_is_in_flight() {
    let mut shop = healthy();
    lose_an_event(&mut shop, ago(5));
    let held = shop.products.reservations.iter_mut().find(|one| one.status == "committed").unwrap();
    held.status = "held".to_owned();
    let report = examine(&shop, &Options::default());
    assert_eq!(report.broken(), []);
    assert!(report.findings.iter().any(|finding| finding.in_flight > 0));
    assert_eq!(examine(&shop, &strict()).broken(), [Ends, Stock, Loss]);
}

#[test]
fn money_of_a_forgotten_order_is_named_without_grace_and_settled_by_an_operator_s_word_and_a_refund() {
    let mut shop = healthy();
    let charged = NOW - time::Duration::seconds(10);
    let orphan = entries(&mut shop).iter().find_map(|entry| match entry {
        Entry::Charge(charge) => Some(charge.clone()),
        _ => None,
    });
    let orphan = Charge { id: "ch_9".to_owned(), key: "charge-9".to_owned(), at: charged, ..orphan.unwrap() };
    let orphan = Charge { reference: id(9, 0).to_string(), ..orphan };
    entries(&mut shop).push(Entry::Charge(orphan.clone()));
    let report = examine(&shop, &Options::default());
    assert_eq!(report.broken(), [Reconciliation], "ten seconds old is old enough");
    assert_eq!(report.violations(), 1);
    let violations = report.findings.iter().flat_map(|finding| &finding.violations);
    assert!(violations.clone().all(|one| one.sentence.contains("`ecom restored`")), "{report:#?}");
    let refund = provider_sim::Refund {
        id: "re_9".to_owned(),
        key: "refund-restored-ch_9".to_owned(),
        charge_id: orphan.id,
        amount: orphan.amount,
        currency: orphan.currency,
        at: NOW,
    };
    entries(&mut shop).push(Entry::Refund(refund));
    shop.payments.acknowledged.insert("charge-9".to_owned());
    assert_eq!(examine(&shop, &strict()).broken(), []);
    entries(&mut shop).pop();
    assert_eq!(examine(&shop, &strict()).broken(), [Reconciliation], "a word alone gives nothing back");
}

#[test]
fn dead_letters_are_exactly_the_injected_ones() {
    let (mut shop, poison) = (healthy(), Uuid::from_u128(66));
    let inbox = &mut shop.events.get_mut(&ServiceName::Notify).unwrap().inbox;
    let mut row = inbox.values().next().unwrap().clone();
    (row.event_id, row.status) = (poison, "dead".to_owned());
    inbox.insert(poison, row);
    let injected = Options { poison: BTreeSet::from([poison]), ..strict() };
    assert_eq!(examine(&shop, &injected).broken(), []);
    assert_eq!(examine(&shop, &strict()).broken(), [Loss, Poison], "nobody said that it was injected");
    assert_eq!(examine(&healthy(), &injected).broken(), [Poison], "injected, and no dead letter");
    let inbox = &mut shop.events.get_mut(&ServiceName::Notify).unwrap().inbox;
    inbox.get_mut(&poison).unwrap().status = "dropped".to_owned();
    assert_eq!(examine(&shop, &strict()).broken(), [], "somebody has decided about it");
}

fn client() -> Vec<ClientKey> {
    let seen = |number: u128| ClientKey {
        key: format!("key {number}"),
        customer_id: id(number, CUSTOMER),
        outcome: Outcome::Ok,
        order_ids: vec![id(number, 0)],
        total: Some(Total { amount: 1250, currency: "EUR".to_owned() }),
        lines: vec![Line { sku: "MUG".to_owned(), quantity: 1 }],
        differing_answers: false,
    };
    (1..=3).map(seen).collect()
}

#[test]
fn what_the_client_saw_is_what_there_is() {
    let judged = |change: fn(&mut Vec<ClientKey>)| {
        let mut seen = client();
        change(&mut seen);
        examine(&Facts { client: Some(seen), ..healthy() }, &strict()).broken()
    };
    assert_eq!(judged(|_| ()), []);
    assert_eq!(judged(|seen| seen[0].outcome = Outcome::Unknown), [], "unknown: none or one");
    let wrong: [fn(&mut Vec<ClientKey>); 8] = [
        |seen| seen[0].outcome = Outcome::Failed,
        |seen| seen[0].key = "never stored".to_owned(),
        |seen| seen[0].lines[0].quantity = 2,
        |seen| seen[0].total = Some(Total { amount: 1, currency: "EUR".to_owned() }),
        |seen| seen[0].order_ids.push(id(2, 0)),
        |seen| seen[0].order_ids = vec![id(9, 0)],
        |seen| seen[0].differing_answers = true,
        |seen| {
            let customer_id = seen[0].customer_id;
            (seen[1].customer_id, seen[0].outcome) = (customer_id, Outcome::Unknown);
        },
    ];
    for (index, change) in wrong.into_iter().enumerate() {
        assert_eq!(judged(change), [Requests], "change {index}");
    }
}

#[test]
fn every_sent_mail_is_in_the_folder_under_its_own_name() {
    let shop = healthy();
    let mut mails = Mails::default();
    for delivery in &shop.notices.deliveries {
        mails.message_ids.insert(delivery.id, vec![delivery.message_id_header.clone()]);
    }
    let judged = |mails: &Mails| examine(&Facts { mails: Some(mails.clone()), ..healthy() }, &strict()).broken();
    assert_eq!(judged(&mails), []);
    let (id, _) = mails.message_ids.pop_first().unwrap();
    assert_eq!(judged(&mails), [Notices], "a mail is missing");
    mails.message_ids.insert(id, vec!["<another@localhost>".to_owned()]);
    assert_eq!(judged(&mails), [Notices], "a mail has another Message-ID");
}

#[test]
fn an_old_outbox_row_is_found_whatever_the_grace() {
    let mut shop = healthy();
    let log = &mut shop.events.get_mut(&ServiceName::Order).unwrap().log;
    (log[0].pending, log[0].announced_at) = (true, ago(90));
    let patient = Options { grace: Duration::from_secs(600), ..Options::default() };
    assert_eq!(examine(&shop, &patient).broken(), [Hygiene]);
}

#[test]
fn without_the_providers_log_money_is_checked_in_part_and_says_so() {
    let shop = Facts { provider: ProviderLog::Missing("nobody asked it".to_owned()), ..healthy() };
    let report = examine(&shop, &strict());
    assert_eq!(report.broken(), []);
    let left_out = report.findings.iter().filter(|finding| finding.not_checked.is_some());
    let left_out: Vec<_> = left_out.map(|finding| (finding.invariant, finding.checked > 0)).collect();
    assert_eq!(left_out, [(Money, true), (Reconciliation, false)]);
}

#[test]
fn skus_that_are_one_but_for_their_case_are_listed_and_are_no_violation() {
    let mut shop = healthy();
    for skus in ["MUG and mug", "Cup and CUP and cup"] {
        shop.products.alike.push(Alike { skus: skus.to_owned() });
    }
    let report = examine(&shop, &strict());
    assert!(report.is_clean());
    let notes: Vec<_> = report.findings.iter().filter_map(|finding| finding.note.as_deref()).collect();
    assert!(notes.len() == 1 && notes[0].contains("MUG and mug; Cup and CUP and cup"), "{notes:?}");
}
