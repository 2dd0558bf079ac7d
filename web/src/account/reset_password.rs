//! `/reset-password?token=`: where the link of the mail about a forgotten password leads.

use super::mailed::{self, Link};
use crate::{
    asked::{Asked, Filled},
    form::{Field, Form, FormPage},
    member,
    refusal::Refusal,
    state::App,
    upstream::Call,
    visit::Visit,
};
use axum::{Extension, extract::State, response::Response};
use contracts::api::account::ResetPasswordBody;
use serde::{Deserialize, de::IgnoredAny};

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    token: String,
    #[serde(default)]
    new_password: String,
}

fn page(token: &str) -> FormPage {
    let form = Form::new("reset", "/reset-password", t!("reset-button"))
        .hidden("token", token)
        .with(Field::new_password("new_password", t!("new-password")));
    FormPage::new(t!("reset"), form).lead(t!("reset-text")).way("/forgot-password", t!("new-link"))
}

pub(crate) async fn ask(Asked(link): Asked<Link>) -> Response {
    link.token().map_or_else(|incomplete| incomplete, |token| page(token).shown_in_secret())
}

pub(crate) async fn reset(
    State(app): State<App>,
    visit: Extension<Visit>,
    Filled(Filling { token, new_password }): Filled<Filling>,
) -> Response {
    let body = ResetPasswordBody { token, new_password };
    match app.upstream.ask::<IgnoredAny>(&Call::post("/auth/reset-password", &body)).await {
        Ok(_) => {
            member::look_again(&app, visit).await;
            mailed::done(&t!("password-set"), &t!("password-set-text"))
        }
        Err(cause) => page(&body.token).refused(Refusal::from(cause)),
    }
}
