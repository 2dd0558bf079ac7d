//! `/account/data/copy`: a copy of all that is kept of one is made.

use crate::{
    account::step_up::{self, Asks, Proof, Way},
    asked::{Asked, Filled},
    form::{Form, FormPage},
    member::{Member, Stopped},
    refusal::Refusal,
    upstream::Call,
};
use axum::response::{IntoResponse, Redirect, Response};
use contracts::api::personal_data::ExportView;

fn page(asks: Asks) -> FormPage {
    let form = step_up::asked_in(Form::new("copy", "/account/data/copy", t!("make-copy")), asks);
    FormPage::new(t!("copy"), form).lead(t!("copy-text")).way("/account/data", t!("your-data"))
}

pub(crate) async fn ask(member: Member, Asked(way): Asked<Way>) -> Response {
    match Asks::of(&member, &way).await {
        Ok(asks) => page(asks).shown(),
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn copy(member: Member, Filled(proof): Filled<Proof>) -> Response {
    let asked = proof.asked();
    match proof.ask::<ExportView>(&member, Call::post("/auth/exports", &())).await {
        // Whoever asks again soon is given the one there is.
        Ok(ExportView { ready_at: Some(_), .. }) => Redirect::to("/account/data?done=copied").into_response(),
        Ok(_) => Redirect::to("/account/data?done=copy").into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => {
            let refusal = Refusal::from(cause);
            page(asked.again(&refusal)).refused(refusal)
        }
    }
}
