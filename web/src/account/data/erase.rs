//! `/account/data/erasure`: the account is to be erased. What that means is said before the button.

use crate::{
    account::step_up::{self, Asks, Proof, Way},
    asked::{Asked, Filled},
    form::{Field, Form, Trouble},
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    upstream::Call,
    words,
};
use askama::Template;
use axum::response::Response;
use contracts::api::personal_data::ErasureAskedView;
use http::StatusCode;
use serde::Deserialize;
use url::form_urlencoded;

#[derive(Deserialize)]
pub(crate) struct Filling {
    /// The box: what it holds says that it is ticked.
    #[serde(default)]
    understood: String,
    #[serde(flatten)]
    proof: Proof,
}

#[derive(Template)]
#[template(path = "account/erase.html")]
struct ErasePage {
    form: Form,
    trouble: Option<Trouble>,
}

impl ErasePage {
    fn of(understood: bool, asks: Asks) -> Self {
        let tick = Field::tick("understood", t!("erase-understood")).refused_by("not_understood").ticked(understood);
        let form = Form::new("erase", "/account/data/erasure", t!("erase-button")).with(tick);
        Self { form: step_up::asked_in(form, asks), trouble: None }
    }

    fn refused(mut self, refusal: &Refusal) -> Response {
        self.trouble = Some(self.form.refused(refusal));
        refusal.stamped(self.shown(refusal.status))
    }

    fn shown(&self, status: StatusCode) -> Response {
        layout::form_page(status, self.form.asks_for_passkey(), self)
    }
}

/// It is asked for, and can be undone still.
#[derive(Template)]
#[template(path = "account/erasure_asked.html")]
struct AskedPage {
    due: String,
    /// Where it is followed when there is no account any more.
    link: String,
}

impl From<ErasureAskedView> for AskedPage {
    fn from(ErasureAskedView { erasure, token }: ErasureAskedView) -> Self {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("token", &token).finish();
        Self { due: words::moment(&erasure.due_at), link: format!("/erasure?{query}") }
    }
}

pub(crate) async fn ask(member: Member, Asked(way): Asked<Way>) -> Response {
    match Asks::of(&member, &way).await {
        Ok(asks) => ErasePage::of(false, asks).shown(StatusCode::OK),
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn erase(member: Member, Filled(filling): Filled<Filling>) -> Response {
    let Filling { understood, proof } = filling;
    let (understood, asked) = (!understood.is_empty(), proof.asked());
    if !understood {
        let refusal = Refusal::ours(StatusCode::UNPROCESSABLE_ENTITY, "not_understood", t!("erase-not-understood"));
        return ErasePage::of(false, asked.again(&refusal)).refused(&refusal);
    }
    match proof.ask::<ErasureAskedView>(&member, Call::post("/auth/erasure", &())).await {
        Ok(asked) => layout::page(StatusCode::OK, &AskedPage::from(asked)),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => {
            let refusal = Refusal::from(cause);
            ErasePage::of(true, asked.again(&refusal)).refused(&refusal)
        }
    }
}
