//! `/account/password`: another password, by who knows the one before.

use crate::{
    asked::Filled,
    form::{Field, Form, FormPage},
    layout::{self, Done},
    member::{Member, Stopped},
    upstream::Call,
};
use axum::response::Response;
use contracts::api::account::{ChangePasswordBody, DoneView};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    password: String,
    #[serde(default)]
    new_password: String,
}

fn page() -> FormPage {
    let form = Form::new("change", "/account/password", "Change the password")
        .with(Field::password("password", "Password until now").refused_by("wrong_password"))
        .with(Field::new_password("new_password", "New password"));
    FormPage::new("Change the password", form)
        .lead("All other sessions end with it.")
        .way("/forgot-password", "The password is forgotten")
        .way("/account", "Your account")
}

pub(crate) async fn ask(_member: Member) -> Response {
    page().shown()
}

pub(crate) async fn change(member: Member, Filled(Filling { password, new_password }): Filled<Filling>) -> Response {
    let body = ChangePasswordBody { password, new_password };
    match member.ask::<DoneView>(Call::post("/auth/change-password", &body)).await {
        Ok(done) => {
            let ways = &[("/account", "Your account")];
            layout::page(StatusCode::OK, &Done { title: "Your password is changed", text: &done.message, ways })
        }
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => page().refused(cause),
    }
}
