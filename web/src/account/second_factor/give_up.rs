//! `/account/second-factor/give-up`: a log-in asks for the password alone again.

use crate::{
    account::step_up::{self, Asks, Proof, Way},
    asked::{Asked, Filled},
    form::{Form, FormPage},
    member::{Member, Stopped},
    refusal::Refusal,
    upstream::Call,
};
use axum::response::{IntoResponse, Redirect, Response};
use serde::de::IgnoredAny;

fn page(asks: Asks) -> FormPage {
    let form = Form::new("give-up", "/account/second-factor/give-up", t!("give-up-button"));
    FormPage::new(t!("give-up"), step_up::asked_in(form, asks.with_code(true)))
        .lead(t!("give-up-text"))
        .way("/account/second-factor", t!("second-step"))
}

pub(crate) async fn ask(member: Member, Asked(way): Asked<Way>) -> Response {
    match Asks::of(&member, &way).await {
        Ok(asks) => page(asks).shown(),
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn give_up(member: Member, Filled(proof): Filled<Proof>) -> Response {
    let asked = proof.asked();
    match proof.ask::<IgnoredAny>(&member, Call::delete("/auth/second-factor")).await {
        Ok(_) => Redirect::to("/account/second-factor?done=given-up").into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => {
            let refusal = Refusal::from(cause);
            page(asked.again(&refusal)).refused(refusal)
        }
    }
}
