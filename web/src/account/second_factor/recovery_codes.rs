//! `/account/second-factor/recovery-codes`: ten other ones. They are shown once, as are the first.

use crate::{
    account::step_up::{self, Asks, Proof, Way},
    asked::{Asked, Filled},
    form::{Form, FormPage},
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    upstream::Call,
};
use askama::Template;
use axum::response::Response;
use contracts::api::second_factor::RecoveryCodesView;
use http::StatusCode;

#[derive(Template)]
#[template(path = "account/recovery_codes.html")]
struct CodesPage<'a> {
    title: &'a str,
    text: &'a str,
    codes: Vec<String>,
}

/// The one page that shows them.
pub(super) fn codes_page(
    title: &str,
    text: &str,
    RecoveryCodesView { recovery_codes: codes }: RecoveryCodesView,
) -> Response {
    layout::page(StatusCode::OK, &CodesPage { title, text, codes })
}

fn page(asks: Asks) -> FormPage {
    let form = Form::new("renew", "/account/second-factor/recovery-codes", t!("recovery-codes-button"));
    FormPage::new(t!("new-recovery-codes"), step_up::asked_in(form, asks.with_code(true)))
        .lead(t!("new-recovery-codes-text"))
        .way("/account/second-factor", t!("second-step"))
}

pub(crate) async fn ask(member: Member, Asked(way): Asked<Way>) -> Response {
    match Asks::of(&member, &way).await {
        Ok(asks) => page(asks).shown(),
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn renew(member: Member, Filled(proof): Filled<Proof>) -> Response {
    let asked = proof.asked();
    match proof.ask(&member, Call::post("/auth/second-factor/recovery-codes", &())).await {
        Ok(codes) => codes_page(&t!("your-recovery-codes"), &t!("your-recovery-codes-text"), codes),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => {
            let refusal = Refusal::from(cause);
            page(asked.again(&refusal)).refused(refusal)
        }
    }
}
