//! `/account/passkeys/{id}`: another name.

use super::one_of;
use crate::{
    asked::{Filled, Named},
    form::{Field, Form, FormPage},
    layout,
    member::{Member, Stopped},
    upstream::Call,
};
use axum::response::{IntoResponse, Redirect, Response};
use contracts::api::passkey::RenamePasskeyBody;
use serde::{Deserialize, de::IgnoredAny};

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    name: String,
}

fn page(id: &str, name: &str) -> FormPage {
    let name = Field::text("name", t!("passkey-name"), "off").typed(name);
    let form = Form::new("rename", format!("/account/passkeys/{id}"), t!("save")).with(name);
    FormPage::new(t!("rename-passkey"), form).way("/account/passkeys", t!("passkeys"))
}

pub(crate) async fn ask(member: Member, Named(id): Named) -> Response {
    match one_of(&member, &id).await {
        Ok(Some(passkey)) => page(&id, &passkey.name).shown(),
        Ok(None) => layout::not_found().await,
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn rename(member: Member, Named(id): Named, Filled(Filling { name }): Filled<Filling>) -> Response {
    // An id that was made up leads nowhere else.
    let passkey = match one_of(&member, &id).await {
        Ok(Some(passkey)) => passkey,
        Ok(None) => return layout::not_found().await,
        Err(stopped) => return stopped.page(),
    };
    let body = RenamePasskeyBody { name };
    match member.ask::<IgnoredAny>(Call::patch(&format!("/auth/passkeys/{}", passkey.id), &body)).await {
        Ok(_) => Redirect::to("/account/passkeys?done=renamed").into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => page(&id, &body.name).refused(cause),
    }
}
