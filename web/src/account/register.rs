//! `/register`: somebody registers, and a mail asks whether the address is theirs.

use super::{mailed, verify_email};
use crate::{
    asked::Filled,
    form::{Field, Form, FormPage},
    state::App,
    upstream::Call,
};
use axum::{extract::State, response::Response};
use contracts::api::account::RegisterBody;
use serde::{Deserialize, de::IgnoredAny};

#[derive(Default, Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

fn page(filling: &Filling) -> FormPage {
    let form = Form::new("register", "/register", t!("register"))
        .with(Field::text("first_name", t!("first-name"), "given-name").typed(&filling.first_name))
        .with(Field::text("last_name", t!("last-name"), "family-name").typed(&filling.last_name))
        .with(Field::email(t!("email"), "email").typed(&filling.email))
        .with(Field::new_password("password", t!("password")));
    FormPage::new(t!("register"), form).way("/login", t!("register-has-account"))
}

pub(crate) async fn ask() -> Response {
    page(&Filling::default()).shown()
}

pub(crate) async fn register(State(app): State<App>, Filled(filling): Filled<Filling>) -> Response {
    let Filling { first_name, last_name, email, password } = &filling;
    let body = RegisterBody {
        first_name: first_name.clone(),
        last_name: last_name.clone(),
        address: None,
        email: email.clone(),
        phone: None,
        password: password.clone(),
    };
    match app.upstream.ask::<IgnoredAny>(&Call::post("/auth/register", &body)).await {
        Ok(_) => {
            // The same for an address that has an account: its owner is told by the mail.
            let ways = vec![("/resend-verification", t!("register-no-mail"))];
            let mut answer = mailed::sent(&app, &t!("register-sent"), ways);
            verify_email::remember(&app, &mut answer, filling.password);
            answer
        }
        Err(cause) => page(&filling).refused(cause),
    }
}
