//! `/account/email`: another address, wanted by who knows the password; who has its mailbox confirms it.

use super::mailed;
use crate::{
    asked::Filled,
    cookies::{self, Kind},
    form::{Field, Form, FormPage},
    member::{Member, Stopped},
    state::App,
    upstream::Call,
};
use axum::{extract::State, response::Response};
use contracts::api::account::ChangeEmailBody;
use http::HeaderMap;
use serde::{Deserialize, de::IgnoredAny};
use time::Duration;

/// What was typed while a login ended: it stands there again after the next.
const TYPED: Kind = Kind("__Host-typed-email");

const KEPT: Duration = Duration::minutes(10);

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

fn page(email: &str) -> FormPage {
    let form = Form::new("change", "/account/email", t!("change-address"))
        .with(Field::email(t!("new-email"), "email").typed(email))
        .with(Field::password("password", t!("password")).refused_by("wrong_password"));
    FormPage::new(t!("change-email"), form).lead(t!("change-email-text")).way("/account", t!("your-account"))
}

pub(crate) async fn ask(_member: Member, State(app): State<App>, headers: HeaderMap) -> Response {
    match app.cookies.read::<String>(TYPED, &headers) {
        Some(typed) => {
            let mut answer = page(&typed).shown();
            cookies::remove(&mut answer, TYPED);
            answer
        }
        None => page("").shown(),
    }
}

pub(crate) async fn change(
    member: Result<Member, Response>,
    State(app): State<App>,
    Filled(Filling { email, password }): Filled<Filling>,
) -> Response {
    let body = ChangeEmailBody { email, password };
    let changed = match member {
        Ok(member) => member.ask::<IgnoredAny>(Call::post("/auth/change-email", &body)).await,
        Err(no_login) => Err(Stopped::LoginOver(no_login)),
    };
    match changed {
        Ok(_) => mailed::sent(&app, &t!("change-email-sent"), vec![("/account", t!("your-account"))]),
        Err(Stopped::LoginOver(mut answer)) => {
            app.cookies.set_for(&mut answer, TYPED, &body.email, KEPT);
            answer
        }
        Err(Stopped::Failed(cause)) => page(&body.email).refused(cause),
    }
}
