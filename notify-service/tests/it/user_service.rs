//! Stands in for user-service: knows everybody, as long as it is there.

use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use contracts::{
    AccountId,
    api::user::{Contact, Contacts, ContactsRequest, RegistrationMail, RegistrationMailRequest, VerificationLink},
};
use http::StatusCode;
use serde_json::json;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Answering,
    Away,
    /// Every address has an account already.
    Knowing,
    /// It has erased the account.
    Erased,
    /// Something in its place answers 404 to everything.
    Misplaced,
    /// It is of a version that is asked for each contact by itself.
    Older,
}

#[derive(Clone)]
pub(crate) struct UserService {
    mood: Arc<Mutex<Mood>>,
    names: Arc<Mutex<(String, String)>>,
    email: Arc<Mutex<String>>,
    /// Where a guest's orders are put into an account.
    join_url: Arc<Mutex<Option<String>>>,
    erased: Arc<Mutex<Vec<AccountId>>>,
    /// How many were asked for by each call.
    asked: Arc<Mutex<Vec<usize>>>,
}

impl UserService {
    /// The service and its URL.
    pub(crate) async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let names = ("Ada".to_owned(), "Lovelace".to_owned());
        let service = Self {
            mood: Arc::new(Mutex::new(Mood::Answering)),
            names: Arc::new(Mutex::new(names)),
            email: Arc::new(Mutex::new("ada@example.com".to_owned())),
            join_url: Arc::default(),
            erased: Arc::default(),
            asked: Arc::default(),
        };
        let router = Router::new()
            .route("/internal/accounts/{id}/contact", get(contact))
            .route("/internal/contacts", post(contacts))
            .route("/internal/registrations/{id}/mail", post(registration_mail))
            .with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (service, url)
    }

    pub(crate) fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub(crate) fn everybody_is_called(&self, first_name: &str, last_name: &str) {
        *self.names.lock().unwrap() = (first_name.to_owned(), last_name.to_owned());
    }

    pub(crate) fn everybody_is_a_guest(&self, join_url: &str) {
        self.everybody_is_called("", "");
        *self.join_url.lock().unwrap() = Some(join_url.to_owned());
    }

    /// `{id}` in it is each one's own.
    pub(crate) fn everybody_reads_mail_at(&self, email: &str) {
        email.clone_into(&mut self.email.lock().unwrap());
    }

    /// This account alone.
    pub(crate) fn has_erased(&self, account_id: AccountId) {
        self.erased.lock().unwrap().push(account_id);
    }

    /// How many contacts were asked for, by each call.
    pub(crate) fn asked(&self) -> Vec<usize> {
        self.asked.lock().unwrap().clone()
    }

    fn contact(&self, account_id: AccountId) -> Contact {
        let (first_name, last_name) = self.names.lock().unwrap().clone();
        let email = self.email.lock().unwrap().replace("{id}", &account_id.to_string());
        let join_url = self.join_url.lock().unwrap().clone();
        Contact { account_id, email, first_name, last_name, join_url }
    }

    fn refusal(&self, account_id: AccountId) -> Option<Response> {
        let mood = *self.mood.lock().unwrap();
        let mood = if self.erased.lock().unwrap().contains(&account_id) { Mood::Erased } else { mood };
        let (status, code) = match mood {
            Mood::Answering | Mood::Knowing | Mood::Older => return None,
            Mood::Away => (StatusCode::SERVICE_UNAVAILABLE, "database_unavailable"),
            Mood::Erased => (StatusCode::NOT_FOUND, "account_not_found"),
            Mood::Misplaced => (StatusCode::NOT_FOUND, "not_found"),
        };
        Some((status, Json(json!({ "code": code, "detail": "…" }))).into_response())
    }
}

async fn contact(State(service): State<UserService>, Path(account_id): Path<AccountId>) -> Response {
    service.asked.lock().unwrap().push(1);
    service.refusal(account_id).unwrap_or_else(|| Json(service.contact(account_id)).into_response())
}

async fn contacts(State(service): State<UserService>, Json(request): Json<ContactsRequest>) -> Response {
    let mood = *service.mood.lock().unwrap();
    if matches!(mood, Mood::Older) {
        return (StatusCode::NOT_FOUND, Json(json!({ "code": "not_found", "detail": "…" }))).into_response();
    }
    if matches!(mood, Mood::Away | Mood::Misplaced) {
        return service.refusal(request.account_ids[0]).unwrap();
    }
    service.asked.lock().unwrap().push(request.account_ids.len());
    let (unknown, known): (Vec<_>, Vec<_>) =
        request.account_ids.into_iter().partition(|account_id| service.refusal(*account_id).is_some());
    // In another order than they were asked for.
    let contacts = known.into_iter().rev().map(|account_id| service.contact(account_id)).collect();
    Json(Contacts { contacts, unknown }).into_response()
}

async fn registration_mail(
    State(service): State<UserService>,
    Path(account_id): Path<AccountId>,
    Json(request): Json<RegistrationMailRequest>,
) -> Response {
    if let Some(refusal) = service.refusal(account_id) {
        return refusal;
    }
    // The same for the same event, as the real one.
    let url = format!("http://shop.test/verify-email?token={}", request.event_id.uuid().simple());
    let link = (*service.mood.lock().unwrap() != Mood::Knowing).then_some(VerificationLink { url, valid_hours: 24 });
    Json(RegistrationMail { email: "ada@example.com".to_owned(), link }).into_response()
}
