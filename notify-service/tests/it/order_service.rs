//! Stands in for order-service: knows one declaration of withdrawal, under whatever id, as long as it is there.

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use contracts::api::withdrawal::WithdrawalReceipt;
use http::StatusCode;
use serde_json::json;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

#[derive(Clone, Default)]
pub(crate) struct OrderService {
    receipt: Arc<Mutex<Option<WithdrawalReceipt>>>,
}

impl OrderService {
    /// The service and its URL.
    pub(crate) async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = Self::default();
        let router = Router::new().route("/internal/withdrawals/{id}", get(receipt)).with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (service, url)
    }

    /// From now on; before, and of who was erased, there is none.
    pub(crate) fn was_told(&self, email: &str, name: &str, reason: Option<&str>) {
        let (email, name, reason) = (email.to_owned(), name.to_owned(), reason.map(str::to_owned));
        *self.receipt.lock().unwrap() = Some(WithdrawalReceipt { email, name, reason });
    }
}

async fn receipt(State(service): State<OrderService>) -> Response {
    let known = service.receipt.lock().unwrap().clone();
    known.map_or_else(
        || (StatusCode::NOT_FOUND, Json(json!({ "code": "withdrawal_not_found", "detail": "…" }))).into_response(),
        |receipt| Json(receipt).into_response(),
    )
}
