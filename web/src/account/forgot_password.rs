//! `/forgot-password`: a link to a new password, to who has the account's mailbox.

use super::mailed;
use crate::{
    asked::Filled,
    form::{Field, Form, FormPage},
    state::App,
    upstream::Call,
};
use axum::{extract::State, response::Response};
use contracts::api::account::{DoneView, ForgotPasswordBody};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    email: String,
}

fn page(email: &str) -> FormPage {
    let form = Form::new("forgot", "/forgot-password", "Send the link")
        .with(Field::email("E-mail address", "email").typed(email));
    FormPage::new("A new password", form)
        .lead("We send a link to your address, and you choose a new password there.")
        .way("/login", "Log in")
}

pub(crate) async fn ask() -> Response {
    page("").shown()
}

pub(crate) async fn forgot(State(app): State<App>, Filled(Filling { email }): Filled<Filling>) -> Response {
    let body = ForgotPasswordBody { email };
    match app.upstream.ask::<DoneView>(&Call::post("/auth/forgot-password", &body)).await {
        Ok(done) => mailed::sent(&app, &done.message, vec![("/login", "Log in")]),
        Err(cause) => page(&body.email).refused(cause),
    }
}
