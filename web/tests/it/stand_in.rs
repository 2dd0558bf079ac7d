//! The services as the pages see them, and a browser.

use crate::services::serve;
use axum::{
    Extension, Json, Router,
    body::Bytes,
    extract::State,
    middleware,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};
use service_kit::{ClientAddress, Env, spans::Spans};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tokio_util::sync::CancellationToken;
use url::form_urlencoded;

/// What the services answer, and what they were asked.
#[derive(Clone, Default)]
pub(crate) struct Desk {
    answers: Arc<Mutex<BTreeMap<String, Vec<Answer>>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

#[derive(Clone)]
struct Answer {
    status: u16,
    body: Value,
    retry_after: Option<u32>,
}

#[derive(Clone)]
pub(crate) struct Asked {
    /// `POST /auth/login`
    pub(crate) line: String,
    pub(crate) body: Value,
    pub(crate) headers: HeaderMap,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Desk {
    /// From now on, and each answer once but the last, which stays.
    pub(crate) fn answer(&self, line: &str, status: u16, body: Value) -> &Self {
        self.push(line, Answer { status, body, retry_after: None })
    }

    pub(crate) fn answer_later(&self, line: &str, status: u16, body: Value, retry_after: u32) -> &Self {
        self.push(line, Answer { status, body, retry_after: Some(retry_after) })
    }

    fn push(&self, line: &str, answer: Answer) -> &Self {
        self.answers.lock().unwrap().entry(line.to_owned()).or_default().push(answer);
        self
    }

    /// Nothing that was said before holds.
    pub(crate) fn anew(&self) -> &Self {
        self.answers.lock().unwrap().clear();
        self.asked.lock().unwrap().clear();
        self
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// By which token each of them was asked.
    pub(crate) fn bearers(&self) -> Vec<String> {
        self.asked().iter().map(|asked| asked.header("authorization").replace("Bearer ", "")).collect()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    /// The pages over it, as a process of its own has them.
    pub(crate) async fn pages(&self, variables: &[(&str, &str)]) -> String {
        self.pages_until(variables, CancellationToken::new()).await
    }

    /// The same; whoever follows something is sent away at `stop`.
    pub(crate) async fn pages_until(&self, variables: &[(&str, &str)], stop: CancellationToken) -> String {
        let url = serve(Router::new().fallback(answered).with_state(self.clone())).await;
        let variables = variables.iter().copied().chain([
            ("USER_SERVICE_URL", &*url),
            ("PRODUCT_SERVICE_URL", &url),
            ("ORDER_SERVICE_URL", &url),
            ("PAYMENT_SERVICE_URL", &url),
            ("NOTIFY_SERVICE_URL", &url),
            ("FLOW", "off"),
        ]);
        let settings = web::Settings::read(&Env::of(variables)).unwrap();
        let said_everywhere = settings.said_everywhere();
        let router = web::router(settings, Spans::off(), stop).unwrap();
        // As whoever serves them notes where a request came from.
        let client = ClientAddress::new("203.0.113.7".parse().unwrap());
        let arrived = middleware::from_fn_with_state(said_everywhere, web::arrived);
        serve(router.fallback(web::not_found).layer(arrived).layer(Extension(client))).await
    }
}

async fn answered(State(desk): State<Desk>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let line = format!("{method} {uri}");
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    desk.asked.lock().unwrap().push(Asked { line: line.clone(), body, headers });
    let mut answers = desk.answers.lock().unwrap();
    let answer = match answers.get_mut(&line) {
        Some(queue) if queue.len() > 1 => queue.remove(0),
        Some(queue) => queue[0].clone(),
        None => Answer { status: 404, body: problem("not_found", &line), retry_after: None },
    };
    let status = StatusCode::from_u16(answer.status).unwrap();
    if status == StatusCode::NO_CONTENT {
        return status.into_response();
    }
    let mut response = (status, Json(answer.body)).into_response();
    if let Some(seconds) = answer.retry_after {
        response.headers_mut().insert("retry-after", seconds.into());
    }
    response
}

/// A desk, and a browser at the pages over it.
pub(crate) async fn open() -> (Desk, Browser) {
    let desk = Desk::default();
    let browser = Browser::at(&desk.pages(&[]).await);
    (desk, browser)
}

/// The same with somebody logged in, whose access token ends in so many seconds.
pub(crate) async fn logged_in(expires_in: i64) -> (Desk, Browser) {
    let (desk, browser) = open().await;
    desk.answer("POST /auth/login", 200, login(expires_in));
    let answer = browser.send("/login", &[("email", "ada@example.com"), ("password", "correct horse")]).await;
    assert_eq!((answer.status, answer.location()), (303, "/account"));
    desk.anew();
    (desk, browser)
}

/// The same with somebody of the staff, who may do this (`orders:read orders:fulfil`).
pub(crate) async fn clerk(scope: &str) -> (Desk, Browser) {
    let (desk, browser) = open().await;
    let mut login = login(900);
    login["scope"] = json!(scope);
    desk.answer("POST /auth/login", 200, login);
    let fields = [("email", "ada@example.com"), ("password", "correct horse"), ("next", "/office")];
    browser.send("/login", &fields).await.leads_to("/office");
    desk.anew();
    (desk, browser)
}

pub(crate) const SESSION: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

pub(crate) fn tokens(which: u32, expires_in: i64) -> Value {
    json!({
        "token": format!("access-{which}"), "token_type": "Bearer", "expires_in": expires_in,
        "refresh_token": format!("refresh-{which}"), "refresh_expires_at": "2099-01-01T00:00:00Z",
        "session_id": SESSION, "something_new": true,
    })
}

pub(crate) fn login(expires_in: i64) -> Value {
    let mut login = tokens(1, expires_in);
    login["user"] = ada();
    login["device_token"] = json!("device-1");
    login
}

pub(crate) fn ada() -> Value {
    json!({
        "id": "01890a5d-ac96-774b-bcce-b302099a8058", "first_name": "Ada", "last_name": "Lovelace",
        "email": "ada@example.com", "phone": null, "address": null, "role": "customer", "verified": true,
        "created_at": "2026-01-02T03:04:05Z", "something_new": true,
    })
}

pub(crate) fn problem(code: &str, detail: &str) -> Value {
    json!({ "code": code, "detail": detail })
}

/// Fields that a service does not take.
pub(crate) fn wrong(fields: &[(&str, &str)]) -> Value {
    let errors: Vec<_> =
        fields.iter().map(|(pointer, detail)| json!({ "pointer": pointer, "detail": detail })).collect();
    json!({ "code": "invalid_fields", "detail": "Some fields are not acceptable; see errors.", "errors": errors })
}

pub(crate) fn done() -> Value {
    json!({ "message": "It is done." })
}

/// Whether a log-in asks for a code.
pub(crate) fn second_factor(enrolled: bool) -> Value {
    json!({ "enrolled": enrolled, "recovery_codes_left": if enrolled { 9 } else { 0 }, "passkeys": 0, "required": false })
}

/// What a proof is answered with.
pub(crate) fn stepped_up() -> Value {
    json!({ "token": "fresh-1", "token_type": "Bearer", "expires_in": 900, "fresh_for": 300 })
}

/// Of an account; two services are through once it is being erased.
pub(crate) fn erasure(status: &str) -> Value {
    let done = match status {
        "done" => 5,
        "erasing" => 2,
        _ => 0,
    };
    json!({
        "id": "01890a5d-ac96-774b-bcce-b302099a8060", "account_id": "01890a5d-ac96-774b-bcce-b302099a8058",
        "status": status, "asked_at": "2026-01-02T03:04:05Z", "due_at": "2026-01-05T03:04:05Z",
        "services": services(done), "something_new": true,
    })
}

/// How far they are, of which so many are done.
pub(crate) fn services(done: usize) -> Value {
    let names = ["user-service", "product-service", "order-service", "payment-service", "notify-service"];
    let part = |(at, name): (usize, &&str)| {
        let done_at = (at < done).then_some("2026-01-05T04:05:06Z");
        json!({ "service": name, "done_at": done_at })
    };
    names.iter().enumerate().map(part).collect()
}

/// Keeps cookies, follows nothing, and says where a form comes from as browsers do.
pub(crate) struct Browser {
    pub(crate) url: String,
    http: reqwest::Client,
    pub(crate) cookies: Mutex<BTreeMap<String, String>>,
}

pub(crate) struct Shown {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Browser {
    pub(crate) fn at(url: &str) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { url: url.to_owned(), http, cookies: Mutex::default() }
    }

    /// The same browser, with the cookies it has, before pages elsewhere.
    pub(crate) fn moved(&self, url: &str) -> Self {
        let cookies = Mutex::new(self.cookies.lock().unwrap().clone());
        Self { url: url.to_owned(), http: self.http.clone(), cookies }
    }

    pub(crate) async fn get(&self, path: &str) -> Shown {
        self.get_as(path, &[]).await
    }

    pub(crate) async fn get_as(&self, path: &str, headers: &[(&str, &str)]) -> Shown {
        let request = self.http.get(format!("{}{path}", self.url));
        self.go(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }

    /// What a form's button does.
    pub(crate) async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        self.send_as(path, fields, &[("sec-fetch-site", "same-origin"), ("user-agent", "Firefox/150")]).await
    }

    pub(crate) async fn send_as(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Shown {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.send_body(path, body.into_bytes(), &[&kind, headers].concat()).await
    }

    pub(crate) async fn send_body(&self, path: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> Shown {
        let mut request = self.http.post(format!("{}{path}", self.url)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.go(request).await
    }

    /// An answer that is read as it comes.
    pub(crate) async fn listen(&self, path: &str) -> reqwest::Response {
        self.with_cookies(self.http.get(format!("{}{path}", self.url))).send().await.unwrap()
    }

    fn with_cookies(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        let pairs =
            self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        if pairs.is_empty() { request } else { request.header("cookie", pairs.join("; ")) }
    }

    async fn go(&self, request: reqwest::RequestBuilder) -> Shown {
        let answer = self.with_cookies(request).send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let shown = Shown { status, headers, text: answer.text().await.unwrap() };
        let mut cookies = self.cookies.lock().unwrap();
        for cookie in shown.cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            assert!(name.starts_with("__Host-") && !attributes.contains("Domain"), "{cookie}");
            for attribute in [" Path=/;", " HttpOnly", " Secure", " SameSite=Lax"] {
                assert!(attributes.contains(attribute), "{attribute} is missing in {attributes}");
            }
            if attributes.contains("Max-Age=0;") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        drop(cookies);
        shown
    }

    pub(crate) fn has(&self, cookie: &str) -> bool {
        self.cookies.lock().unwrap().contains_key(cookie)
    }
}

impl Shown {
    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
    }

    pub(crate) fn location(&self) -> &str {
        self.headers.get("location").map_or("", |value| value.to_str().unwrap())
    }

    /// All of it stands on the page.
    #[track_caller]
    pub(crate) fn holds(&self, status: u16, parts: &[&str]) -> &Self {
        assert_eq!(self.status, status, "{}", self.text);
        for part in parts {
            assert!(self.text.contains(part), "{part} is missing in {}", self.text);
        }
        self
    }

    /// The browser goes on there.
    #[track_caller]
    pub(crate) fn leads_to(&self, there: &str) -> &Self {
        assert_eq!((self.status, self.location()), (303, there), "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn lacks(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(!self.text.contains(part), "{part} stands in {}", self.text);
        }
        self
    }
}
