//! `/account/addresses/{id}`: one of them is another now.

use super::{Filling, one_of, page};
use crate::{
    asked::{Filled, Named},
    form::{Form, FormPage},
    layout,
    member::{Member, Stopped},
    upstream::Call,
};
use axum::response::{IntoResponse, Redirect, Response};
use contracts::AddressId;
use serde::de::IgnoredAny;

fn form(id: AddressId, filling: &Filling) -> FormPage {
    page(t!("change-an-address"), Form::new("address", format!("/account/addresses/{id}"), t!("change-it")), filling)
}

pub(crate) async fn ask(member: Member, Named(id): Named) -> Response {
    let Ok(id) = id.parse() else { return layout::not_found().await };
    match one_of(&member, id).await {
        Ok(Some(address)) => form(id, &address.into()).shown(),
        Ok(None) => layout::not_found().await,
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn change(member: Member, Named(id): Named, Filled(filling): Filled<Filling>) -> Response {
    let Ok(id) = id.parse::<AddressId>() else { return layout::not_found().await };
    match member.ask::<IgnoredAny>(Call::put(&format!("/auth/addresses/{id}"), &filling.body())).await {
        Ok(_) => Redirect::to("/account/addresses?done=changed").into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => form(id, &filling).refused(cause),
    }
}
