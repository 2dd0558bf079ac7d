//! The provider's HTTP interface.

use crate::{
    book::{Book, ChargeBody, Decision, Known, Manner, RefundBody, Refusal},
    entry::{ChargeStatus, Entry, Refund},
    journal::{Journal, LogBroken, Position},
};
use axum::{
    Json, Router,
    body::Body,
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::extract::{Body as Sent, NoBody, Query};
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use time::OffsetDateTime;

/// How late `sim_slow` answers.
const SLOW: Duration = Duration::from_secs(2);

type Simulator = Arc<Mutex<Inner>>;

struct Inner {
    book: Book,
    journal: Journal,
}

pub(crate) fn router(book: Book, journal: Journal) -> Router {
    Router::new()
        .route("/charges", post(charge).get(find_charge))
        .route("/charges/cancel", post(abandon))
        .route("/refunds", post(refund).get(find_refund))
        .route("/log", get(log))
        .route("/livez", get(|| async { "alive" }))
        .with_state(Arc::new(Mutex::new(Inner { book, journal })))
}

/// The `Idempotency-Key` header, which every order to move money needs.
struct Key(String);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Trouble> {
        let value = parts.headers.get("idempotency-key").and_then(|value| value.to_str().ok());
        value.filter(|key| !key.is_empty()).map(|key| Self(key.to_owned())).ok_or(Trouble::NoKey)
    }
}

#[derive(Deserialize)]
struct ByKey {
    key: String,
}

/// A charge as it is answered.
#[derive(Serialize)]
struct ChargeView {
    id: Option<String>,
    key: String,
    /// `captured`, `declined` or `cancelled`.
    status: &'static str,
    reason: Option<String>,
    amount: Option<i64>,
    currency: Option<String>,
    refunded: i64,
}

impl ChargeView {
    fn of(known: Known, book: &Book) -> Self {
        match known {
            Known::Charge(charge) => Self {
                refunded: book.refunded(&charge.id),
                id: Some(charge.id),
                key: charge.key,
                status: match charge.status {
                    ChargeStatus::Captured => "captured",
                    ChargeStatus::Declined => "declined",
                },
                reason: charge.reason,
                amount: Some(charge.amount),
                currency: Some(charge.currency),
            },
            Known::Abandoned(abandoned) => Self {
                id: None,
                key: abandoned.key,
                status: "cancelled",
                reason: None,
                amount: None,
                currency: None,
                refunded: 0,
            },
        }
    }
}

#[derive(Serialize)]
struct RefundView {
    id: String,
    key: String,
    charge_id: String,
    amount: i64,
    currency: String,
    status: &'static str,
}

impl From<Refund> for RefundView {
    fn from(refund: Refund) -> Self {
        Self {
            id: refund.id,
            key: refund.key,
            charge_id: refund.charge_id,
            amount: refund.amount,
            currency: refund.currency,
            status: "completed",
        }
    }
}

async fn charge(
    State(simulator): State<Simulator>,
    Key(key): Key,
    Sent(request): Sent<ChargeBody>,
) -> Result<Response, Trouble> {
    let decided = decide(&simulator, |book| {
        let decision = book.charge(&key, request, now())?;
        Ok(decision.map(|known| ChargeView::of(known, book)))
    });
    answer(decided).await
}

async fn abandon(State(simulator): State<Simulator>, Key(key): Key, _: NoBody) -> Result<Response, Trouble> {
    let decided = decide(&simulator, |book| Ok(book.abandon(&key, now()).map(|known| ChargeView::of(known, book))));
    answer(decided).await
}

async fn refund(
    State(simulator): State<Simulator>,
    Key(key): Key,
    Sent(request): Sent<RefundBody>,
) -> Result<Response, Trouble> {
    let decided = decide(&simulator, |book| Ok(book.refund(&key, &request, now())?.map(RefundView::from)));
    answer(decided).await
}

async fn find_charge(State(simulator): State<Simulator>, Query(by): Query<ByKey>) -> Result<Response, Trouble> {
    let (found, position) = read(&simulator, |book| book.find_charge(&by.key).map(|known| ChargeView::of(known, book)));
    position.on_disk().await?;
    found.map(|charge| Json(charge).into_response()).ok_or(Trouble::NotFound)
}

async fn find_refund(State(simulator): State<Simulator>, Query(by): Query<ByKey>) -> Result<Response, Trouble> {
    let (found, position) = read(&simulator, |book| book.find_refund(&by.key).map(RefundView::from));
    position.on_disk().await?;
    found.map(|refund| Json(refund).into_response()).ok_or(Trouble::NotFound)
}

/// Everything that ever happened, for checkers.
async fn log(State(simulator): State<Simulator>) -> Result<Response, Trouble> {
    let (items, position) = read(&simulator, |book| book.entries().to_vec());
    position.on_disk().await?;
    Ok(Json(json!({ "items": items })).into_response())
}

impl<T> Decision<T> {
    fn map<U>(self, into: impl FnOnce(T) -> U) -> Decision<U> {
        Decision { answer: into(self.answer), manner: self.manner, entry: self.entry }
    }
}

/// Decides under the lock and hands what happened to the log; the answer waits for the disk.
fn decide<T>(
    simulator: &Simulator,
    decide: impl FnOnce(&mut Book) -> Result<Decision<T>, Refusal>,
) -> Result<(T, Manner, Position), Refusal> {
    let mut inner = simulator.lock().unwrap_or_else(PoisonError::into_inner);
    let decision = decide(&mut inner.book)?;
    if let Some(entry) = decision.entry {
        inner.journal.append(&entry);
        log_entry(&entry);
        inner.book.apply(entry);
    }
    Ok((decision.answer, decision.manner, inner.journal.position()))
}

fn read<T>(simulator: &Simulator, look: impl FnOnce(&Book) -> T) -> (T, Position) {
    let inner = simulator.lock().unwrap_or_else(PoisonError::into_inner);
    (look(&inner.book), inner.journal.position())
}

async fn answer<T: Serialize>(decided: Result<(T, Manner, Position), Refusal>) -> Result<Response, Trouble> {
    let (answer, manner, position) = decided?;
    position.on_disk().await?;
    match manner {
        Manner::AtOnce => {}
        Manner::Late => tokio::time::sleep(SLOW).await,
        Manner::Never => return Ok(cut_connection()),
    }
    Ok(Json(answer).into_response())
}

/// A body that fails before its first byte: the server closes the connection without having sent anything.
fn cut_connection() -> Response {
    let broken = stream::iter([Err::<Bytes, _>(io::Error::other("sim_lost loses its answer"))]);
    Body::from_stream(broken).into_response()
}

/// For who looks closely: all of it is in the log on the disk.
fn log_entry(entry: &Entry) {
    match entry {
        Entry::Charge(charge) => tracing::debug!(charge.id, charge.status = ?charge.status, "charge decided"),
        Entry::Abandoned(abandoned) => tracing::debug!(abandoned.key, "key abandoned"),
        Entry::Refund(refund) => tracing::debug!(refund.id, refund.charge_id, "refunded"),
    }
}

/// Why a request was not done.
enum Trouble {
    Refused(Refusal),
    NoKey,
    NotFound,
    LogBroken,
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<LogBroken> for Trouble {
    fn from(_: LogBroken) -> Self {
        Self::LogBroken
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        use StatusCode as S;
        let (status, code, detail) = match self {
            Self::NoKey => (S::BAD_REQUEST, "key_required", "Send an Idempotency-Key header."),
            Self::NotFound => (S::NOT_FOUND, "not_found", "Nothing was ever done under this key."),
            Self::LogBroken => (S::INTERNAL_SERVER_ERROR, "log_broken", "The log cannot be written: restart."),
            Self::Refused(refusal) => match refusal {
                Refusal::KeyReused => (S::UNPROCESSABLE_ENTITY, "key_reused", "This key came with another body."),
                Refusal::NoSuchCharge => (S::NOT_FOUND, "no_such_charge", "There is no charge with this id."),
                Refusal::ExceedsCaptured => {
                    (S::UNPROCESSABLE_ENTITY, "exceeds_captured", "This is more than is left of the charge.")
                }
                Refusal::BadAmount => (S::UNPROCESSABLE_ENTITY, "bad_amount", "The amount is not possible."),
                Refusal::BadCurrency => (S::UNPROCESSABLE_ENTITY, "bad_currency", "Expected three capital letters."),
                Refusal::Unavailable => (S::SERVICE_UNAVAILABLE, "unavailable", "sim_error plays an outage."),
            },
        };
        (status, Json(json!({ "code": code, "detail": detail }))).into_response()
    }
}

#[expect(clippy::disallowed_methods, reason = "a program of its own: this is its clock, kept by nobody else")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
