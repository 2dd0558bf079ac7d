//! `/account/second-factor/begin`: the password against a secret for the authenticator app. Nothing changes until a
//! code of it was shown.

use super::confirm::{self, Begun};
use crate::{
    account::step_up::{self, Asks, Proof, Way},
    asked::{Asked, Filled},
    form::{Form, FormPage},
    member::{Member, Stopped},
    refusal::Refusal,
    state::App,
    upstream::Call,
};
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use contracts::api::second_factor::TotpSecretView;

fn page(asks: Asks) -> FormPage {
    let form =
        step_up::asked_in(Form::new("begin", "/account/second-factor/begin", t!("go-on")), asks.with_code(false));
    FormPage::new(t!("set-up-app"), form).lead(t!("set-up-app-text")).way("/account/second-factor", t!("second-step"))
}

pub(crate) async fn ask(member: Member, Asked(way): Asked<Way>) -> Response {
    match Asks::of(&member, &way).await {
        Ok(asks) => page(asks).shown(),
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn begin(member: Member, State(app): State<App>, Filled(proof): Filled<Proof>) -> Response {
    let asked = proof.asked();
    match proof.ask::<TotpSecretView>(&member, Call::post("/auth/second-factor/totp", &())).await {
        Ok(TotpSecretView { secret, url }) => {
            let mut answer = Redirect::to("/account/second-factor/confirm").into_response();
            confirm::remember(&app, &mut answer, &Begun { session: member.session_id(), secret, url });
            answer
        }
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => {
            let refusal = Refusal::from(cause);
            // There is one already, which is why a code is asked for.
            if refusal.is_about("code") {
                return Redirect::to("/account/second-factor").into_response();
            }
            page(asked.again(&refusal)).refused(refusal)
        }
    }
}
