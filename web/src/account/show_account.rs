//! `/account`: who one is.

use crate::{layout, member::Member, upstream::Call};
use askama::Template;
use axum::response::Response;
use contracts::api::account::CurrentUserView;
use http::StatusCode;

#[derive(Template)]
#[template(path = "account/account.html")]
struct AccountPage {
    person: CurrentUserView,
}

pub(crate) async fn show(member: Member) -> Response {
    match member.ask(Call::get("/auth/current-user")).await {
        Ok(person) => layout::page(StatusCode::OK, &AccountPage { person }),
        Err(stopped) => stopped.page(),
    }
}
