//! Every way two orders for the last piece can go, walked through exhaustively with the services' own transition
//! functions: calls that are lost, late or answered to nobody, events that come in any order and again and again, processes
//! that die between any two steps, a shopper who changes their mind, staff who ship at the worst moment.
//!
//! Stronger than the platform: here nobody has an inbox, every event may be acted on any number of times.

mod shop;

use order_service::domain::Status;
use product_service::domain::{Fact, Next, Reservation};
use shop::{Action, Call, Charge, Checkout, Consumer, DEADLINE, Kind, Life, START, Shop, Verdict, id};
use stateright::{Checker, Model, Property};
use std::collections::BTreeSet;

/// One piece, and the orders for it. To the first everything may happen. The calls of the others are answered and their
/// acknowledgements arrive, in any order: every way of both would be tens of millions.
struct LastPiece {
    orders: usize,
}

impl Model for LastPiece {
    type State = Shop;
    type Action = Action;

    fn init_states(&self) -> Vec<Shop> {
        vec![Shop { orders: vec![Life::new(); self.orders], under_way: BTreeSet::new() }]
    }

    fn actions(&self, shop: &Shop, actions: &mut Vec<Action>) {
        for (order, life) in shop.orders.iter().enumerate() {
            if life.reservation == Reservation::Unknown {
                actions.push(Action::Reserve(order));
            }
            if life.answered && life.order.is_none() && life.checkout == Checkout::Open {
                actions.push(Action::Store(order));
            }
            match life.order {
                Some(Status::Pending { .. }) => actions.push(Action::Cancel(order)),
                Some(Status::Paid { .. }) => actions.extend([Action::Cancel(order), Action::Fulfil(order)]),
                _ => {}
            }
            if life.reservation == Reservation::Held && !life.is_alive() && !life.may_expire {
                actions.push(Action::AskToExpire(order));
            }
            if life.may_expire {
                actions.push(Action::Expire(order));
            }
            if life.open_payment().is_some() {
                if !life.late {
                    actions.push(Action::PassDeadline(order));
                }
                let calls = [Call::Answered, Call::AnswerLost, Call::Stray];
                for call in calls.into_iter().take(if order == 0 { 3 } else { 1 }) {
                    actions.push(Action::Settle(order, call, Verdict::Takes));
                    if life.charge == Charge::Unheard {
                        actions.push(Action::Settle(order, call, Verdict::Declines));
                    }
                }
            }
            if life.stray {
                let verdicts = [Verdict::Takes, Verdict::Declines];
                actions.extend(verdicts.map(|verdict| Action::StrayArrives(order, verdict)));
            }
            if life.owes_refund() {
                actions.extend([true, false].map(|stored| Action::Refund(order, stored)));
            }
        }
        for message in &shop.under_way {
            actions.push(Action::Deliver(*message, true));
            if message.order == 0 {
                actions.push(Action::Deliver(*message, false));
            }
        }
    }

    fn next_state(&self, before: &Shop, action: Action) -> Option<Shop> {
        let mut shop = before.clone();
        match action {
            Action::Reserve(order) => {
                let free = !shop.orders.iter().any(Life::holds_stock);
                let life = &mut shop.orders[order];
                life.reservation = if free { Reservation::Held } else { Reservation::Refused };
                life.answered = free;
            }
            Action::Store(order) => {
                let life = &mut shop.orders[order];
                life.checkout = Checkout::Ordered;
                life.order = Some(Status::Pending { deadline: DEADLINE });
                shop.announce(order, Kind::Created, &[Consumer::Payment]);
            }
            Action::Cancel(order) => shop.cancel(order),
            Action::Fulfil(order) => {
                shop.orders[order].order = Some(shop.orders[order].order?.fulfil(START).ok()?);
                shop.announce(order, Kind::Fulfilled, &[Consumer::Product]);
            }
            Action::AskToExpire(order) => ask_to_expire(&mut shop.orders[order]),
            Action::Expire(order) => {
                let life = &mut shop.orders[order];
                life.may_expire = false;
                if let Next::Become(status, _) = life.reservation.after(Fact::Lapsed) {
                    life.reservation = status;
                    shop.announce(order, Kind::Expired, &[Consumer::Order]);
                }
            }
            Action::PassDeadline(order) => shop.orders[order].late = true,
            Action::Settle(order, call, verdict) => shop.settle(order, call, verdict),
            Action::StrayArrives(order, verdict) => {
                shop.orders[order].stray = false;
                shop.orders[order].charge(verdict);
            }
            Action::Refund(order, stored) => {
                let life = &mut shop.orders[order];
                life.refunded = true;
                if stored {
                    let payment = life.payment.take()?;
                    let rest = payment.refunds_requested - payment.refunded;
                    life.payment = Some(payment.give_back(id(order), rest).ok()?.payment);
                }
            }
            Action::Deliver(message, acknowledged) => {
                if shop.react(message) && acknowledged {
                    shop.under_way.remove(&message);
                }
            }
        }
        (shop != *before).then_some(shop)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("the piece is promised once", |_, shop: &Shop| {
                shop.orders.iter().filter(|life| life.holds_stock()).count() <= 1
            }),
            Property::always("the piece is sold once", |_, shop: &Shop| {
                shop.orders.iter().filter(|life| matches!(life.order, Some(Status::Fulfilled { .. }))).count() <= 1
            }),
            Property::always("nobody is called paid whose money was not taken", |_, shop: &Shop| {
                shop.orders.iter().all(|life| {
                    let paid = matches!(life.order, Some(Status::Paid { .. } | Status::Fulfilled { .. }));
                    !paid || life.charge == Charge::Captured
                })
            }),
            Property::always("only what was taken is given back", |_, shop: &Shop| {
                shop.orders.iter().all(|life| !life.refunded || life.charge == Charge::Captured)
            }),
            Property::always("when all is quiet every order is settled", |_, shop: &Shop| {
                !shop.is_quiet() || shop.orders.iter().all(is_settled)
            }),
            Property::sometimes("a paid order ships", |_, shop: &Shop| {
                shop.orders.iter().any(|life| life.reservation == Reservation::Shipped)
            }),
            Property::sometimes("the other one gets the piece after a refund", |_, shop: &Shop| {
                shop.orders[0].refunded
                    && shop.orders.iter().any(|life| matches!(life.order, Some(Status::Paid { .. })))
            }),
            Property::sometimes("a payment that came too late is given back", |_, shop: &Shop| {
                let life = &shop.orders[0];
                life.refunded && matches!(life.order, Some(Status::Cancelled { paid: None, .. }))
            }),
        ]
    }
}

/// What order-service does when product-service asks whether a reservation may expire: it claims the checkout. A mere look
/// was the first thing this model found: an order stored between the look and the expiry is shipped without stock.
fn ask_to_expire(life: &mut Life) {
    if life.checkout == Checkout::Open {
        life.checkout = Checkout::Expired;
    }
    life.may_expire = !life.is_alive();
}

/// Cancelled with stock and money returned, or paid with stock committed, or shipped; and who never ordered owes nothing.
fn is_settled(life: &Life) -> bool {
    let money_kept = life.charge == Charge::Captured && !life.refunded;
    match life.order {
        None | Some(Status::Cancelled { .. }) => !life.holds_stock() && !money_kept,
        Some(Status::Pending { .. }) => false,
        Some(Status::Paid { .. }) => life.reservation == Reservation::Committed && money_kept,
        Some(Status::Fulfilled { .. }) => life.reservation == Reservation::Shipped && money_kept,
    }
}

#[test]
fn one_order_ends_well_whatever_happens() {
    let checker = LastPiece { orders: 1 }.checker().threads(2).spawn_bfs().join();
    for name in ["a paid order ships", "a payment that came too late is given back"] {
        checker.assert_any_discovery(name);
    }
    let wrong = checker.discoveries().into_iter().filter(|(name, _)| !name.starts_with("a "));
    assert_eq!(wrong.map(|(name, path)| format!("{name}: {:?}", path.into_actions())).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn two_orders_for_one_piece_end_well_whatever_happens() {
    let checker = LastPiece { orders: 2 }.checker().threads(2).spawn_bfs().join();
    checker.assert_properties();
    // So that nobody believes in a model that has lost its possibilities.
    assert!(checker.unique_state_count() > 10_000, "only {} states", checker.unique_state_count());
}
