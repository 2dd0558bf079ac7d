//! A simulator on a free port, with its data in a folder of its own.

use provider_sim::Entry;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use service_kit::http_server::{Connections, Limits};
use std::path::Path;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub(crate) struct Simulator {
    url: String,
    client: Client,
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Simulator {
    pub(crate) async fn start(data: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, data) = (CancellationToken::new(), data.to_owned());
        let token = stop.clone();
        let task = tokio::spawn(async move {
            provider_sim::run(listener, &data, Connections::new(Limits::default()), token).await
        });
        Self { url, client: Client::new(), stop, task }
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }

    /// Ends it in the middle of whatever it does.
    pub(crate) async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }

    /// Why it did not start.
    pub(crate) async fn refused(self) -> String {
        self.task.await.unwrap().unwrap_err().to_string()
    }

    pub(crate) fn charge(&self, key: &str, method: &str, amount: i64) -> RequestBuilder {
        let body = json!({ "amount": amount, "currency": "EUR", "method": method, "reference": "order-1" });
        self.client.post(format!("{}/charges", self.url)).header("Idempotency-Key", key).json(&body)
    }

    pub(crate) fn post(&self, path: &str, key: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.url)).header("Idempotency-Key", key)
    }

    pub(crate) fn abandon(&self, key: &str) -> RequestBuilder {
        self.post("/charges/cancel", key)
    }

    pub(crate) fn refund(&self, key: &str, charge_id: &str, amount: i64) -> RequestBuilder {
        let body = json!({ "charge_id": charge_id, "amount": amount });
        self.client.post(format!("{}/refunds", self.url)).header("Idempotency-Key", key).json(&body)
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    pub(crate) async fn log(&self) -> Vec<Entry> {
        let (_, body) = answer(self.get("/log")).await;
        serde_json::from_value(body["items"].clone()).unwrap()
    }
}

pub(crate) async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

pub(crate) async fn answer_of(request: RequestBuilder, status: u16) -> Value {
    let (given, body) = answer(request).await;
    assert_eq!(given.as_u16(), status, "{body}");
    body
}
