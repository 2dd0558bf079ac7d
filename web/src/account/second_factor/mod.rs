//! `/account/second-factor`: whether a log-in asks for a code too. What changes it has a page of its own each.

pub(super) mod begin;
pub(super) mod confirm;
pub(super) mod give_up;
mod qr_code;
pub(super) mod recovery_codes;

use crate::{
    asked::{Asked, Before},
    layout,
    member::{Member, Stopped},
    upstream::Call,
};
use askama::Template;
use axum::response::Response;
use contracts::api::second_factor::SecondFactorView;
use http::StatusCode;
use std::borrow::Cow;

#[derive(Template)]
#[template(path = "account/second_factor.html")]
struct SecondFactorPage {
    factor: SecondFactorView,
    done: Option<Cow<'static, str>>,
}

/// The member's.
pub(super) async fn of(member: &Member) -> Result<SecondFactorView, Stopped> {
    member.ask(Call::get("/auth/second-factor")).await
}

pub(crate) async fn show(member: Member, Asked(before): Asked<Before>) -> Response {
    match of(&member).await {
        Ok(factor) => {
            let given_up = before.done == "given-up" && !factor.enrolled;
            let done = given_up.then(|| t!("given-up"));
            layout::page(StatusCode::OK, &SecondFactorPage { factor, done })
        }
        Err(stopped) => stopped.page(),
    }
}
