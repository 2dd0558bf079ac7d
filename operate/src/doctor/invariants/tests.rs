//! Each judge over facts made by hand: the healthy shop is clean, each wound is found by whom it concerns.

mod wounds;

use super::judge;
use crate::doctor::{
    Invariant::{Ends, Hygiene, Loss, Money, Notices, Poison, Reconciliation, Requests, Stock},
    Options, Report,
    case::Case,
    facts::{
        ClientKey, Facts, Logged, Mails, Moment, Outcome, ProviderLog, Since,
        client_log::{Line, Total},
        older::leave_out,
        products::Alike,
    },
    sample::{CUSTOMER, NOW, ago, entries, healthy, id, strict},
};
use contracts::ServiceName;
use provider_sim::{Charge, Entry};
use std::{collections::BTreeSet, time::Duration};
use uuid::Uuid;
use wounds::WOUNDS;

fn examine(facts: &Facts, options: &Options) -> Report {
    let findings = judge(&Case::new(facts, options, Moment::from(NOW)));
    Report { findings, since: None, could_not_look: Vec::new() }
}

#[test]
fn a_healthy_shop_is_clean_with_and_without_grace() {
    for options in [strict(), Options::default()] {
        let report = examine(&healthy(), &options);
        assert_eq!(report.broken(), [], "{report:#?}");
        assert!(report.is_clean());
    }
}

/// What the marks say must not be looked for, wherever it is still: sums stay whole.
#[test]
fn a_shop_whose_older_half_was_pruned_is_clean_and_its_stock_still_adds_up() {
    let mut shop = healthy();
    for own in shop.events.values_mut() {
        own.log.retain(|logged| logged.event_id >= id(2, 0) && logged.order() != Some(id(1, 0)));
        own.inbox.retain(|event, _| *event >= id(2, 0));
    }
    assert!(!examine(&shop, &strict()).is_clean(), "half of it is gone");
    let since = Since { events: id(2, 0), orders: id(2, 0) };
    leave_out(&mut shop, since);
    let report = examine(&shop, &strict());
    assert_eq!(report.broken(), [], "{report:#?}");
    assert!(report.findings.iter().all(|finding| finding.checked > 0 || finding.invariant == Poison), "{report:#?}");
    shop.products.levels[0].reserved += 1;
    assert_eq!(examine(&shop, &strict()).broken(), [Stock]);
    // The third order's are looked at as ever.
    shop.products.levels[0].reserved -= 1;
    shop.orders.lines.retain(|line| line.order_id != id(3, 0));
    assert!(examine(&shop, &strict()).broken().contains(&Requests));
}

/// The second half of what is compared may be gone; that it goes on in time is asked of it all the same.
#[test]
fn what_is_older_than_the_marks_and_still_open_is_judged_by_itself() {
    let left_out = |change: fn(&mut Facts)| {
        let mut shop = healthy();
        change(&mut shop);
        let end = Uuid::from_u128(u128::MAX);
        leave_out(&mut shop, Since { events: end, orders: end });
        examine(&shop, &strict()).broken()
    };
    assert_eq!(left_out(|_| ()), [], "all of it is over");
    assert_eq!(left_out(|shop| shop.orders.orders[0].status = "pending".to_owned()), [Ends]);
    let late = |shop: &mut Facts| {
        shop.payments.payments[0].status = "unknown".to_owned();
        shop.payments.payments[0].next_at = Some(ago(600));
    };
    assert_eq!(left_out(late), [Ends, Hygiene]);
    assert_eq!(left_out(|shop| shop.payments.refunds[0].status = "requested".to_owned()), [Ends, Hygiene]);
    assert_eq!(left_out(|shop| shop.products.reservations[0].status = "held".to_owned()), [Ends]);
    assert_eq!(left_out(|shop| shop.notices.deliveries[0].status = "waiting".to_owned()), [Hygiene]);
    assert_eq!(left_out(|shop| shop.events.get_mut(&ServiceName::Order).unwrap().log[0].pending = true), [Hygiene]);
    assert_eq!(left_out(|shop| shop.events.get_mut(&ServiceName::Order).unwrap().unlogged.push(7)), [Loss]);
}

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
    log.extend((1..=8320).map(|number| Logged { event_id: Uuid::from_u128(9000 + number), ..lost.clone() }));
    // One waits, 128 are in hand, and each may hold 64.
    for (waiting, expected) in [(1, 65), (2, 1), (3, 0)] {
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
