//! `/account/passkeys/new`: a name and a proof; then the browser makes the passkey, and `/account/passkeys/add` keeps it.

use crate::{
    account::{
        shown_passkey::ShownPasskey,
        step_up::{self, Asks, Proof, Way},
    },
    asked::{Asked, Filled},
    form::{Field, Form, FormPage},
    member::{Member, Stopped},
    refusal::Refusal,
    upstream::Call,
};
use axum::response::{IntoResponse, Redirect, Response};
use contracts::api::passkey::{AddPasskeyBody, PasskeyQuestionView};
use serde::{Deserialize, de::IgnoredAny};

const HERE: &str = "/account/passkeys/new";

#[derive(Deserialize)]
pub(crate) struct Beginning {
    #[serde(default)]
    name: String,
    #[serde(flatten)]
    proof: Proof,
}

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    name: String,
    #[serde(flatten)]
    passkey: ShownPasskey,
}

fn page(name: &str, asks: Asks) -> FormPage {
    let name = Field::text("name", t!("passkey-name"), "off").hint(t!("passkey-name-hint")).typed(name);
    let form = step_up::asked_in(Form::new("new", HERE, t!("go-on")).with(name), asks);
    FormPage::new(t!("add-passkey"), form).lead(t!("add-passkey-text")).way("/account/passkeys", t!("passkeys"))
}

pub(crate) async fn ask(member: Member, Asked(way): Asked<Way>) -> Response {
    match Asks::of(&member, &way).await {
        Ok(asks) => page("", asks).shown(),
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn begin(member: Member, Filled(Beginning { name, proof }): Filled<Beginning>) -> Response {
    let asked = proof.asked();
    match proof.ask::<PasskeyQuestionView>(&member, Call::post("/auth/passkeys/begin", &())).await {
        Ok(question) => {
            let name = Some(name.trim())
                .filter(|name| !name.is_empty())
                .map_or_else(|| t!("passkey"), |name| name.to_owned().into());
            let form = Form::new("add", "/account/passkeys/add", t!("make-passkey")).hidden("name", &name);
            FormPage::new(t!("make-passkey"), form.making_passkey(question))
                .lead(t!("make-passkey-text"))
                .way("/account/passkeys", t!("leave-it"))
                .shown()
        }
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => {
            let refusal = Refusal::from(cause);
            page(&name, asked.again(&refusal)).refused(refusal)
        }
    }
}

/// Of who asks for the page that is no page.
pub(crate) async fn begin_again(_member: Member) -> Response {
    Redirect::to(HERE).into_response()
}

pub(crate) async fn finish(member: Member, Filled(Filling { name, passkey }): Filled<Filling>) -> Response {
    let added = async {
        let credential = passkey.credential().map_err(Stopped::Failed)?;
        let body = AddPasskeyBody { token: passkey.token, credential, name };
        member.ask::<IgnoredAny>(Call::post("/auth/passkeys", &body)).await
    };
    match added.await {
        Ok(_) => {
            // The session counts as begun with a second factor, but only its next token says so.
            member.renew().await;
            Redirect::to("/account/passkeys?done=added").into_response()
        }
        Err(stopped) => stopped.page(),
    }
}
