//! `/account`: who one is.

use super::messages;
use crate::{layout, member::Member, upstream::Call};
use askama::Template;
use axum::response::Response;
use contracts::api::account::CurrentUserView;
use http::StatusCode;

#[derive(Template)]
#[template(path = "account/account.html")]
struct AccountPage {
    person: CurrentUserView,
    /// How many messages are not read yet; 0 where nobody can tell.
    unread: i64,
}

pub(crate) async fn show(member: Member) -> Response {
    match member.ask::<CurrentUserView>(Call::get("/auth/current-user")).await {
        Ok(person) => {
            let unread = messages::unread(&member).await.unwrap_or_default();
            layout::page(StatusCode::OK, &AccountPage { person, unread })
        }
        Err(stopped) => stopped.page(),
    }
}
