//! `/account/passkeys`: keys on one's devices that open the account, and pages to add, rename and remove them.

pub(crate) mod add;
pub(crate) mod remove;
pub(crate) mod rename;

use crate::{
    asked::{Asked, Before},
    layout,
    member::{Member, Stopped},
    settings::Settings,
    state::App,
    upstream::{Call, Page},
};
use askama::Template;
use axum::{extract::State, response::Response};
use contracts::api::passkey::PasskeyView;
use http::StatusCode;
use std::borrow::Cow;

#[derive(Template)]
#[template(path = "account/passkeys.html")]
struct PasskeysPage {
    passkeys: Vec<PasskeyView>,
    /// Whether more can be added.
    possible: bool,
    done: Option<Cow<'static, str>>,
}

/// The member's.
async fn of(member: &Member) -> Result<Vec<PasskeyView>, Stopped> {
    Ok(member.ask::<Page<PasskeyView>>(Call::get("/auth/passkeys")).await?.items)
}

/// One of them by its id; none where there is no such.
async fn one_of(member: &Member, id: &str) -> Result<Option<PasskeyView>, Stopped> {
    Ok(of(member).await?.into_iter().find(|passkey| passkey.id.to_string() == id))
}

pub(crate) async fn list(member: Member, State(app): State<App>, Asked(before): Asked<Before>) -> Response {
    let done = match &*before.done {
        "added" => Some(t!("passkey-added")),
        "renamed" => Some(t!("passkey-renamed")),
        "removed" => Some(t!("passkey-removed")),
        _ => None,
    };
    let Settings { passkeys: possible, .. } = *app.settings;
    match of(&member).await {
        Ok(passkeys) => layout::page(StatusCode::OK, &PasskeysPage { passkeys, possible, done }),
        Err(stopped) => stopped.page(),
    }
}
