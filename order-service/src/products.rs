//! What product-service is asked: to hold stock for checkouts, and what is offered of the things in carts.

use crate::{domain, error::Error};
use contracts::{
    MoneyError, ServiceName,
    api::product::{Offers, OffersRequest, Reservation, ReserveAnswer, ReserveRefusal, ReserveRequest},
};
use futures_util::future::join_all;
use http::StatusCode;
use service_kit::{
    KitError,
    peers::{PeerError, Peers, RemoteProblem},
};
use std::collections::BTreeSet;

/// The stock of a checkout is not known to be held.
#[derive(Debug)]
pub(crate) struct NotHeld {
    pub(crate) why: Error,
    /// It is certain that this request has nothing reserved. What may be, unknown to us, goes on counting until the
    /// reservation's time is over.
    pub(crate) for_certain: bool,
}

const RESERVATIONS: &str = "/internal/reservations";

/// What is offered of these SKUs now, by one call.
pub(crate) async fn offers(peers: &Peers, skus: Vec<String>) -> Result<domain::Offers, Error> {
    if skus.is_empty() {
        return Ok(domain::Offers::new());
    }
    let skus: BTreeSet<String> = skus.into_iter().collect();
    let request = OffersRequest { skus: skus.into_iter().collect() };
    let Offers { offers } = peers.post(ServiceName::Product, "/internal/offers", &request).await?;
    Ok(offers)
}

/// Asks for all of them by one call. Sent again by a retry, it gives the same reservations.
pub(crate) async fn reserve(peers: &Peers, requests: &[ReserveRequest]) -> Vec<Result<Reservation, NotHeld>> {
    if let [request] = requests {
        return vec![reserve_one(peers, request).await];
    }
    match peers.post::<Vec<ReserveAnswer>>(ServiceName::Product, RESERVATIONS, &requests).await {
        Ok(answers) if answers.len() == requests.len() => answers.into_iter().map(answered).collect(),
        Ok(_) => requests.iter().map(|_| Err(not_held(KitError::NoAnswer))).collect(),
        Err(cause) if takes_one_at_a_time(&cause) => {
            join_all(requests.iter().map(|request| reserve_one(peers, request))).await
        }
        Err(cause) => requests.iter().map(|_| Err(not_held(same(&cause)))).collect(),
    }
}

async fn reserve_one(peers: &Peers, request: &ReserveRequest) -> Result<Reservation, NotHeld> {
    peers.post(ServiceName::Product, RESERVATIONS, request).await.map_err(not_held)
}

/// An older product-service does not know what several are.
fn takes_one_at_a_time(cause: &KitError) -> bool {
    let KitError::Peer(PeerError::Refused { status, .. }) = cause else { return false };
    matches!(*status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY)
}

fn answered(answer: ReserveAnswer) -> Result<Reservation, NotHeld> {
    match answer {
        ReserveAnswer::Held(reservation) => Ok(reservation),
        ReserveAnswer::Refused(ReserveRefusal { status, code, detail, members }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let problem = Box::new(RemoteProblem { code, detail, members });
            Err(not_held(PeerError::Refused { peer: ServiceName::Product, status, problem }.into()))
        }
    }
}

fn not_held(cause: KitError) -> NotHeld {
    NotHeld { for_certain: holds_nothing(&cause), why: translate(cause) }
}

/// What befell the call befell each of its checkouts.
fn same(cause: &KitError) -> KitError {
    let peer = ServiceName::Product;
    match cause {
        KitError::Peer(PeerError::Refused { status, problem, .. }) => {
            PeerError::Refused { peer, status: *status, problem: problem.clone() }.into()
        }
        KitError::Peer(PeerError::Unreachable { cause, sent, .. }) => {
            PeerError::Unreachable { peer, cause: cause.clone(), sent: *sent }.into()
        }
        other => PeerError::Unreadable { peer, cause: other.to_string() }.into(),
    }
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
        "price_changed" => Error::PriceChanged { changed: member("changed") },
        "mixed_currencies" => Error::MixedCurrencies,
        "amount_too_large" => MoneyError::Overflow.into(),
        "checkout_reused" => KitError::IdempotencyKeyReused.into(),
        "reservation_ended" => Error::CheckoutEnded,
        _ => return None,
    })
}
