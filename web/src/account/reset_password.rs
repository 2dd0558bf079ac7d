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
use contracts::api::account::{DoneView, ResetPasswordBody};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    token: String,
    #[serde(default)]
    new_password: String,
}

fn page(token: &str) -> FormPage {
    let form = Form::new("reset", "/reset-password", "Set the password")
        .hidden("token", token)
        .with(Field::new_password("new_password", "New password"));
    FormPage::new("Choose a new password", form)
        .lead("All sessions end with it, on every device.")
        .way("/forgot-password", "Have a new link sent")
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
    match app.upstream.ask::<DoneView>(&Call::post("/auth/reset-password", &body)).await {
        Ok(done) => {
            member::look_again(&app, visit).await;
            mailed::done("Your password is set", &done.message)
        }
        Err(cause) => page(&body.token).refused(Refusal::from(cause)),
    }
}
