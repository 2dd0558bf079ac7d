//! What product-service is asked: to hold stock for checkouts.

use crate::error::Error;
use contracts::{
    MoneyError, ServiceName,
    api::product::{Reservation, ReserveRequest},
};
use service_kit::{
    KitError,
    peers::{PeerError, Peers, RemoteProblem},
};

/// The stock of a checkout is not known to be held.
#[derive(Debug)]
pub(crate) struct NotHeld {
    pub(crate) why: Error,
    /// It is certain that this request has nothing reserved. What may be, unknown to us, goes on counting until the
    /// reservation's time is over.
    pub(crate) for_certain: bool,
}

/// Asks for each. Sent again by a retry, it gives the same reservation.
pub(crate) async fn reserve(peers: &Peers, requests: &[ReserveRequest]) -> Vec<Result<Reservation, NotHeld>> {
    let mut answers = Vec::with_capacity(requests.len());
    for request in requests {
        let answer = peers.post(ServiceName::Product, "/internal/reservations", request).await;
        answers.push(answer.map_err(|cause| NotHeld { for_certain: holds_nothing(&cause), why: translate(cause) }));
    }
    answers
}

fn holds_nothing(cause: &KitError) -> bool {
    match cause {
        KitError::Peer(PeerError::Unreachable { sent, .. }) => !sent,
        // Under this key something else is held, or may be.
        KitError::Peer(PeerError::Refused { problem, .. }) if problem.code == "checkout_reused" => false,
        KitError::Peer(PeerError::Refused { status, problem, .. }) => {
            status.is_client_error() || problem.code == "overloaded"
        }
        _ => false,
    }
}

/// Its own decisions are ours, too; anything else means that it could not decide.
fn translate(cause: KitError) -> Error {
    match &cause {
        KitError::Peer(PeerError::Refused { problem, .. }) => decision(problem).unwrap_or_else(|| cause.into()),
        _ => cause.into(),
    }
}

fn decision(problem: &RemoteProblem) -> Option<Error> {
    let member = |name: &str| problem.members.get(name).cloned().unwrap_or_default();
    Some(match problem.code.as_str() {
        "out_of_stock" => Error::OutOfStock { short: member("short") },
        "sku_not_sold" => Error::NotSold { skus: member("skus") },
        "mixed_currencies" => Error::MixedCurrencies,
        "amount_too_large" => MoneyError::Overflow.into(),
        "checkout_reused" => KitError::IdempotencyKeyReused.into(),
        "reservation_ended" => Error::CheckoutEnded,
        _ => return None,
    })
}
