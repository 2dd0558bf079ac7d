//! `/account/passkeys/{id}/remove`: it opens the account no more.

use super::one_of;
use crate::{
    account::step_up::{self, Asks, Proof, Way},
    asked::{Asked, Filled, Named},
    form::{Form, FormPage},
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    upstream::Call,
};
use axum::response::{IntoResponse, Redirect, Response};
use contracts::api::passkey::PasskeyView;
use serde::de::IgnoredAny;

fn page(passkey: &PasskeyView, asks: Asks) -> FormPage {
    let form = Form::new("remove", format!("/account/passkeys/{}/remove", passkey.id), t!("remove-it"));
    FormPage::new(t!("remove-passkey"), step_up::asked_in(form, asks))
        .lead(t!("remove-passkey-text", name = passkey.name))
        .way("/account/passkeys", t!("passkeys"))
}

pub(crate) async fn ask(member: Member, Named(id): Named, Asked(way): Asked<Way>) -> Response {
    let passkey = match one_of(&member, &id).await {
        Ok(Some(passkey)) => passkey,
        Ok(None) => return layout::not_found().await,
        Err(stopped) => return stopped.page(),
    };
    match Asks::of(&member, &way).await {
        Ok(asks) => page(&passkey, asks).shown(),
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn remove(member: Member, Named(id): Named, Filled(proof): Filled<Proof>) -> Response {
    let passkey = match one_of(&member, &id).await {
        Ok(Some(passkey)) => passkey,
        Ok(None) => return layout::not_found().await,
        Err(stopped) => return stopped.page(),
    };
    let asked = proof.asked();
    match proof.ask::<IgnoredAny>(&member, Call::delete(&format!("/auth/passkeys/{}", passkey.id))).await {
        Ok(_) => Redirect::to("/account/passkeys?done=removed").into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => {
            let refusal = Refusal::from(cause);
            page(&passkey, asked.again(&refusal)).refused(refusal)
        }
    }
}
