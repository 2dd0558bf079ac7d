//! `/resend-verification`: the mail to confirm an address, once more.

use super::mailed;
use crate::{
    asked::Filled,
    form::{Field, Form, FormPage},
    state::App,
    upstream::Call,
};
use axum::{extract::State, response::Response};
use contracts::api::account::ResendBody;
use serde::{Deserialize, de::IgnoredAny};

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    email: String,
}

fn page(email: &str) -> FormPage {
    let form = Form::new("resend", "/resend-verification", t!("resend-button"))
        .with(Field::email(t!("email"), "email").typed(email));
    FormPage::new(t!("resend"), form).lead(t!("resend-text")).way("/login", t!("log-in"))
}

pub(crate) async fn ask() -> Response {
    page("").shown()
}

pub(crate) async fn resend(State(app): State<App>, Filled(Filling { email }): Filled<Filling>) -> Response {
    let body = ResendBody { email };
    match app.upstream.ask::<IgnoredAny>(&Call::post("/auth/resend-verification", &body)).await {
        Ok(_) => mailed::sent(&app, &t!("resend-sent"), vec![("/register", t!("register"))]),
        Err(cause) => page(&body.email).refused(cause),
    }
}
