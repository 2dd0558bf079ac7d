//! `/account/addresses/new`: one more.

use super::{Filling, page};
use crate::{
    asked::Filled,
    form::{Form, FormPage},
    member::{Member, Stopped},
    upstream::Call,
};
use axum::response::{IntoResponse, Redirect, Response};
use serde::de::IgnoredAny;

fn form(filling: &Filling) -> FormPage {
    page(t!("add-address"), Form::new("address", "/account/addresses/new", t!("add-it")), filling)
}

pub(crate) async fn ask(_member: Member) -> Response {
    form(&Filling::default()).shown()
}

pub(crate) async fn add(member: Member, Filled(filling): Filled<Filling>) -> Response {
    match member.ask::<IgnoredAny>(Call::post("/auth/addresses", &filling.body())).await {
        Ok(_) => Redirect::to("/account/addresses?done=added").into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => form(&filling).refused(cause),
    }
}
