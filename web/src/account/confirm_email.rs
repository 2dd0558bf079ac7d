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
use contracts::api::account::{ConfirmEmailBody, DoneView};

fn page(token: &str) -> FormPage {
    let form = Form::new("confirm", "/confirm-email", "This is my address").hidden("token", token);
    FormPage::new("Confirm your new address", form)
        .lead("It is your account's from then on. All sessions end, on every device, and you log in with it.")
        .way("/account/email", "Have a new link sent")
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
    match app.upstream.ask::<DoneView>(&Call::post("/auth/confirm-email", &body)).await {
        Ok(done) => {
            member::look_again(&app, visit).await;
            mailed::done("Your address is changed", &done.message)
        }
        Err(cause) => page(&body.token).refused(cause),
    }
}
