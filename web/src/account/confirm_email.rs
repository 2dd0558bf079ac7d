//! `/confirm-email?token=`: where the link of the mail to a new address leads.

use super::mailed::{self, Link};
use crate::{
    asked::{Asked, Filled},
    form::{Form, FormPage},
    member,
    state::App,
    upstream::Call,
    visit::Visit,
};
use axum::{Extension, extract::State, response::Response};
use contracts::api::account::ConfirmEmailBody;
use serde::de::IgnoredAny;

fn page(token: &str) -> FormPage {
    let form = Form::new("confirm", "/confirm-email", t!("confirm-email-button")).hidden("token", token);
    FormPage::new(t!("confirm-email"), form).lead(t!("confirm-email-text")).way("/account/email", t!("new-link"))
}

pub(crate) async fn ask(Asked(link): Asked<Link>) -> Response {
    link.token().map_or_else(|incomplete| incomplete, |token| page(token).shown_in_secret())
}

pub(crate) async fn confirm(
    State(app): State<App>,
    visit: Extension<Visit>,
    Filled(Link { token }): Filled<Link>,
) -> Response {
    let body = ConfirmEmailBody { token };
    match app.upstream.ask::<IgnoredAny>(&Call::post("/auth/confirm-email", &body)).await {
        Ok(_) => {
            member::look_again(&app, visit).await;
            mailed::done(&t!("email-changed"), &t!("email-changed-text"))
        }
        Err(cause) => page(&body.token).refused(cause),
    }
}
