//! A stand-in for product-service, and the pages over it.

use axum::{
    Json, Router,
    extract::{RawQuery, State},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;
use serde_json::{Value, json};
use service_kit::{Env, spans::Spans};
use std::sync::{Arc, Mutex};
use test_kit::{Answer, Client};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The pages' address, and a client of theirs.
pub(crate) struct Pages {
    pub(crate) url: String,
    client: Client,
}

impl Pages {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.client.get(path).await
    }
}

/// What the services answer, and what they were asked.
#[derive(Clone)]
pub(crate) struct Services {
    answer: Arc<Mutex<(StatusCode, Value)>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Services {
    /// They answer so; and the pages over them.
    pub(crate) async fn answering(status: StatusCode, body: Value) -> (Self, Pages) {
        let services = Self { answer: Arc::new(Mutex::new((status, body))), asked: Arc::default() };
        let router = Router::new()
            .route("/products", get(list))
            .route("/categories", get(categories))
            .with_state(services.clone());
        let url = serve(router).await;
        let pages = pages(&url).await;
        (services, pages)
    }

    /// The queries that came.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn answer(&self, asked: String) -> Response {
        self.asked.lock().unwrap().push(asked);
        let (status, body) = self.answer.lock().unwrap().clone();
        (status, Json(body)).into_response()
    }
}

/// The pages over services at `url`.
pub(crate) async fn pages(url: &str) -> Pages {
    pages_with(&[("USER_SERVICE_URL", url), ("PRODUCT_SERVICE_URL", url)]).await
}

pub(crate) async fn pages_with(variables: &[(&str, &str)]) -> Pages {
    pages_until(variables, CancellationToken::new()).await
}

/// Whoever watches is sent away at `stop`.
pub(crate) async fn pages_until(variables: &[(&str, &str)], stop: CancellationToken) -> Pages {
    let settings = web::Settings::read(&Env::of(variables.iter().copied())).unwrap();
    let arrived = middleware::from_fn_with_state(settings.said_everywhere(), web::arrived);
    let router = web::router(settings, Spans::off(), stop).unwrap();
    let url = serve(router.fallback(web::not_found).layer(arrived)).await;
    Pages { client: Client::new(&url), url }
}

pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

async fn list(State(services): State<Services>, RawQuery(query): RawQuery) -> Response {
    services.answer(query.unwrap_or_default())
}

async fn categories() -> Json<Value> {
    Json(json!({ "items": [{ "slug": "kitchen", "name": "Kitchen & table", "products": 3 }], "next": null }))
}

pub(crate) fn problem(code: &str, detail: &str) -> Value {
    json!({ "code": code, "detail": detail })
}

/// Nothing listens there.
pub(crate) const NOWHERE: &str = "http://127.0.0.1:9";
