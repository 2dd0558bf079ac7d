//! `/accept-invitation?token=`: where the link of an invitation leads. Who opens it says who they are.

use super::mailed::{self, Link};
use crate::{
    asked::{Asked, Filled},
    form::{Field, Form, FormPage},
    state::App,
    upstream::Call,
};
use axum::{extract::State, response::Response};
use contracts::api::account::AcceptInvitationBody;
use serde::{Deserialize, de::IgnoredAny};

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    token: String,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    #[serde(default)]
    password: String,
}

fn page(token: &str, first_name: &str, last_name: &str) -> FormPage {
    let form = Form::new("invitation", "/accept-invitation", t!("make-my-account"))
        .hidden("token", token)
        .with(Field::text("first_name", t!("first-name"), "given-name").typed(first_name))
        .with(Field::text("last_name", t!("last-name"), "family-name").typed(last_name))
        .with(Field::new_password("password", t!("password")));
    FormPage::new(t!("invited"), form).lead(t!("invited-text"))
}

pub(crate) async fn ask(Asked(link): Asked<Link>) -> Response {
    link.token().map_or_else(|incomplete| incomplete, |token| page(token, "", "").shown_in_secret())
}

pub(crate) async fn accept(State(app): State<App>, Filled(filling): Filled<Filling>) -> Response {
    let Filling { token, first_name, last_name, password } = filling;
    let body = AcceptInvitationBody { token, first_name, last_name, password };
    match app.upstream.ask::<IgnoredAny>(&Call::post("/auth/accept-invitation", &body)).await {
        Ok(_) => mailed::done(&t!("account-made"), &t!("account-made-text")),
        Err(cause) => page(&body.token, &body.first_name, &body.last_name).refused(cause),
    }
}
