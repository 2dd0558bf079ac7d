//! What holds for every history of a payment, however facts are ordered, repeated or contradict each other.

use super::{
    amounts::{capture_postings, refund_postings},
    payment::{Effect, Fact, Payment, State, Step},
};
use contracts::{Currency, EventId, Money, events::payment::FailureReason};
use proptest::{collection::vec, prelude::*};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

fn payment(state: State) -> Payment {
    Payment {
        id: Uuid::from_u128(1).into(),
        order_id: Uuid::from_u128(2).into(),
        customer_id: Uuid::from_u128(3).into(),
        total: Money::new(1999, Currency::EUR),
        method: Some("sim_ok".to_owned()),
        state,
        cancelled_by: None,
        refunds_requested: 0,
        refunded: 0,
        deadline: OffsetDateTime::UNIX_EPOCH + Duration::minutes(8),
    }
}

fn event(number: u128) -> EventId {
    Uuid::from_u128(number).into()
}

fn fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        (10_u128..12).prop_map(|cause| Fact::OrderCancelled { cause: event(cause) }),
        Just(Fact::Captured { reference: "ch_1".to_owned() }),
        Just(Fact::Declined { reason: FailureReason::Declined }),
        Just(Fact::Abandoned),
    ]
}

/// The end of a history and all its effects, one list per fact.
fn history(mut payment: Payment, facts: &[Fact]) -> (Payment, Vec<Vec<Effect>>) {
    let mut effects = Vec::new();
    for fact in facts {
        let change = payment.learn(fact.clone());
        payment = change.payment;
        effects.push(change.effects);
    }
    (payment, effects)
}

fn refunds_of(effects: &[Vec<Effect>]) -> i64 {
    let amount = |effect: &Effect| if let Effect::RequestRefund { amount, .. } = effect { *amount } else { 0 };
    effects.iter().flatten().map(amount).sum()
}

fn count(effects: &[Vec<Effect>], wanted: impl Fn(&Effect) -> bool) -> usize {
    effects.iter().flatten().filter(|effect| wanted(effect)).count()
}

fn start() -> impl Strategy<Value = State> {
    prop_oneof![Just(State::Created), Just(State::Unknown)]
}

proptest! {
    #[test]
    fn money_is_taken_once_told_once_and_never_given_back_twice(state in start(), facts in vec(fact(), 0..12)) {
        let (end, effects) = history(payment(state), &facts);
        let captured = facts.iter().any(|fact| matches!(fact, Fact::Captured { .. }));
        let booked = count(&effects, |effect| matches!(effect, Effect::BookCapture { .. }));
        let completed = count(&effects, |effect| matches!(effect, Effect::AnnounceCompleted { .. }));
        let failed = count(&effects, |effect| matches!(effect, Effect::AnnounceFailed { .. }));
        prop_assert_eq!(booked, usize::from(captured));
        prop_assert!(completed + failed <= 1, "the order hears one verdict: {:?}", effects);
        prop_assert!(refunds_of(&effects) <= end.captured_amount());
        prop_assert_eq!(refunds_of(&effects), end.refunds_requested);
        for effects in effects {
            let told = |effect: &&Effect| {
                matches!(effect, Effect::AnnounceCompleted { .. } | Effect::AnnounceFailed { .. })
            };
            prop_assert!(effects.iter().filter(told).count() <= 1, "one event per change, for its sequence");
        }
    }

    #[test]
    fn a_cancelled_order_keeps_nothing(state in start(), facts in vec(fact(), 0..12)) {
        let (end, effects) = history(payment(state), &facts);
        if facts.iter().any(|fact| matches!(fact, Fact::OrderCancelled { .. })) {
            prop_assert_eq!(end.captured_amount() - refunds_of(&effects), 0);
        }
    }

    #[test]
    fn money_is_kept_only_by_who_was_told_completed(state in start(), facts in vec(fact(), 0..12)) {
        let (end, effects) = history(payment(state), &facts);
        let completed = count(&effects, |effect| matches!(effect, Effect::AnnounceCompleted { .. })) == 1;
        let kept = end.captured_amount() - end.refunds_requested;
        prop_assert!(kept == 0 || completed);
    }

    #[test]
    fn learning_the_same_again_changes_nothing(state in start(), facts in vec(fact(), 1..12)) {
        let (end, _) = history(payment(state), &facts);
        let captured = facts.iter().find(|fact| matches!(fact, Fact::Captured { .. }));
        let cancelled = facts.iter().find(|fact| matches!(fact, Fact::OrderCancelled { .. }));
        for fact in [captured, cancelled, facts.last()].into_iter().flatten() {
            let again = end.clone().learn(fact.clone());
            prop_assert_eq!(&again.payment, &end);
            prop_assert_eq!(again.effects, Vec::new());
        }
    }

    #[test]
    fn the_order_of_capture_and_cancellations_does_not_matter(facts in Just(vec![
        Fact::OrderCancelled { cause: event(10) },
        Fact::Captured { reference: "ch_1".to_owned() },
        Fact::OrderCancelled { cause: event(10) },
        Fact::Captured { reference: "ch_1".to_owned() },
    ]).prop_shuffle()) {
        let (end, effects) = history(payment(State::Unknown), &facts);
        prop_assert_eq!(end.captured_amount(), 1999);
        prop_assert_eq!(refunds_of(&effects), 1999);
    }

    #[test]
    fn refunds_carried_out_stay_within_what_was_promised(parts in vec(1_i64..1500, 1..6)) {
        let (mut payment, _) = history(payment(State::Unknown), &[
            Fact::Captured { reference: "ch_1".to_owned() },
            Fact::OrderCancelled { cause: event(10) },
        ]);
        for part in parts {
            let (before, refund) = (payment.clone(), Uuid::from_u128(20).into());
            let expected = vec![
                Effect::BookRefund { refund, amount: part },
                Effect::AnnounceRefunded { refund, amount: part },
            ];
            if let Ok(change) = payment.give_back(refund, part) {
                prop_assert_eq!(change.effects, expected);
                prop_assert_eq!(change.payment.refunded, before.refunded + part);
                payment = change.payment;
            } else {
                payment = before;
            }
            prop_assert!(payment.refunded <= payment.refunds_requested);
        }
    }

    #[test]
    fn postings_sum_to_zero(amount in 1_i64..i64::MAX) {
        for postings in [capture_postings(amount), refund_postings(amount)] {
            prop_assert_eq!(postings.iter().map(|posting| i128::from(posting.amount)).sum::<i128>(), 0);
        }
    }
}

#[test]
fn a_charge_that_may_exist_is_asked_for_and_an_unwanted_one_is_given_up() {
    let (early, late) = (OffsetDateTime::UNIX_EPOCH, OffsetDateTime::UNIX_EPOCH + Duration::minutes(8));
    let wanted = payment(State::Unknown);
    assert_eq!(wanted.next_step(false, early), Step::Charge);
    assert_eq!(wanted.next_step(true, early), Step::Ask);
    assert_eq!(wanted.step_without_charge(early), Some(Step::Charge));
    assert_eq!(wanted.next_step(true, late), Step::Abandon);
    let cancelled = wanted.learn(Fact::OrderCancelled { cause: event(10) }).payment;
    assert_eq!(cancelled.state, State::Unknown, "settled by asking");
    assert_eq!(cancelled.next_step(false, early), Step::Abandon);
    assert_eq!(cancelled.step_without_charge(early), Some(Step::Abandon));
    let settled = cancelled.learn(Fact::Abandoned).payment;
    assert_eq!(settled.state, State::Cancelled);
    assert_eq!(settled.step_without_charge(early), None);
}

#[test]
fn an_order_cancelled_before_anything_was_sent_is_never_charged() {
    let change = payment(State::Created).learn(Fact::OrderCancelled { cause: event(10) });
    assert_eq!(change.payment.state, State::Cancelled);
    assert_eq!(change.effects, []);
}

#[test]
fn a_payment_given_up_says_that_the_provider_was_unavailable() {
    let change = payment(State::Unknown).learn(Fact::Abandoned);
    let reason = FailureReason::Unavailable;
    assert_eq!(change.payment.state, State::Failed { reason });
    assert_eq!(change.effects, [Effect::AnnounceFailed { reason }]);
}
