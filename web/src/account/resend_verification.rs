//! `/resend-verification`: the mail to confirm an address, once more.

use super::mailed;
use crate::{
    asked::Filled,
    form::{Field, Form, FormPage},
    state::App,
    upstream::Call,
};
use axum::{extract::State, response::Response};
use contracts::api::account::{DoneView, ResendBody};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    email: String,
}

fn page(email: &str) -> FormPage {
    let form = Form::new("resend", "/resend-verification", "Send it again")
        .with(Field::email("E-mail address", "email").typed(email));
    FormPage::new("Send the mail again", form)
        .lead("The mail whose link confirms the address you registered with.")
        .way("/login", "Log in")
}

pub(crate) async fn ask() -> Response {
    page("").shown()
}

pub(crate) async fn resend(State(app): State<App>, Filled(Filling { email }): Filled<Filling>) -> Response {
    let body = ResendBody { email };
    match app.upstream.ask::<DoneView>(&Call::post("/auth/resend-verification", &body)).await {
        Ok(done) => mailed::sent(&app, &done.message, vec![("/register", "Register")]),
        Err(cause) => page(&body.email).refused(cause),
    }
}
