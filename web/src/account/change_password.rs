//! `/account/password`: another password, by who knows the one before.

use crate::{
    asked::Filled,
    form::{Field, Form, FormPage},
    layout::{self, Done},
    member::{Member, Stopped},
    upstream::Call,
};
use axum::response::Response;
use contracts::api::account::ChangePasswordBody;
use http::StatusCode;
use serde::{Deserialize, de::IgnoredAny};

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    password: String,
    #[serde(default)]
    new_password: String,
}

fn page() -> FormPage {
    let form = Form::new("change", "/account/password", t!("change-password"))
        .with(Field::password("password", t!("password-until-now")).refused_by("wrong_password"))
        .with(Field::new_password("new_password", t!("new-password")));
    FormPage::new(t!("change-password"), form)
        .lead(t!("change-password-text"))
        .way("/forgot-password", t!("password-forgotten"))
        .way("/account", t!("your-account"))
}

pub(crate) async fn ask(_member: Member) -> Response {
    page().shown()
}

pub(crate) async fn change(member: Member, Filled(Filling { password, new_password }): Filled<Filling>) -> Response {
    let body = ChangePasswordBody { password, new_password };
    match member.ask::<IgnoredAny>(Call::post("/auth/change-password", &body)).await {
        Ok(_) => {
            let ways = &[("/account", t!("your-account"))];
            let (title, text) = (&t!("password-changed"), &t!("password-changed-text"));
            layout::page(StatusCode::OK, &Done { title, text, ways })
        }
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => page().refused(cause),
    }
}
