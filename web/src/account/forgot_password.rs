//! `/forgot-password`: a link to a new password, to who has the account's mailbox.

use super::mailed;
use crate::{
    asked::Filled,
    form::{Field, Form, FormPage},
    state::App,
    upstream::Call,
};
use axum::{extract::State, response::Response};
use contracts::api::account::ForgotPasswordBody;
use serde::{Deserialize, de::IgnoredAny};

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    email: String,
}

fn page(email: &str) -> FormPage {
    let form = Form::new("forgot", "/forgot-password", t!("forgot-button"))
        .with(Field::email(t!("email"), "email").typed(email));
    FormPage::new(t!("forgot"), form).lead(t!("forgot-text")).way("/login", t!("log-in"))
}

pub(crate) async fn ask() -> Response {
    page("").shown()
}

pub(crate) async fn forgot(State(app): State<App>, Filled(Filling { email }): Filled<Filling>) -> Response {
    let body = ForgotPasswordBody { email };
    match app.upstream.ask::<IgnoredAny>(&Call::post("/auth/forgot-password", &body)).await {
        Ok(_) => mailed::sent(&app, &t!("forgot-sent"), vec![("/login", t!("log-in"))]),
        Err(cause) => page(&body.email).refused(cause),
    }
}
