//! `/account/profile`: what one is called, and one's phone.

use crate::{
    asked::Filled,
    form::{Field, Form, FormPage},
    layout::{self, Done},
    member::{Member, Stopped},
    upstream::Call,
};
use axum::response::Response;
use contracts::api::account::{ChangeProfileBody, CurrentUserView};
use http::StatusCode;
use serde::Deserialize;

/// As the form sends it.
#[derive(Deserialize)]
pub(crate) struct Profile {
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    /// Empty, there is none.
    #[serde(default)]
    phone: String,
}

impl Profile {
    /// All of it: the form holds what is so today.
    fn body(&self) -> ChangeProfileBody {
        let [first_name, last_name, phone] =
            [&self.first_name, &self.last_name, &self.phone].map(|text| Some(text.clone()));
        ChangeProfileBody { first_name, last_name, phone }
    }
}

fn page(profile: &Profile) -> FormPage {
    let form = Form::new("profile", "/account/profile", t!("change-it"))
        .with(Field::text("first_name", t!("first-name"), "given-name").typed(&profile.first_name))
        .with(Field::text("last_name", t!("last-name"), "family-name").typed(&profile.last_name))
        .with(Field::phone(t!("phone")).optional().hint(t!("may-be-left-out")).typed(&profile.phone));
    FormPage::new(t!("change-profile"), form)
        .lead(t!("change-profile-text"))
        .way("/account/addresses", t!("your-addresses"))
        .way("/account", t!("your-account"))
}

pub(crate) async fn ask(member: Member) -> Response {
    match member.ask::<CurrentUserView>(Call::get("/auth/current-user")).await {
        Ok(CurrentUserView { first_name, last_name, phone, .. }) => {
            page(&Profile { first_name, last_name, phone: phone.unwrap_or_default() }).shown()
        }
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn change(member: Member, Filled(profile): Filled<Profile>) -> Response {
    match member.ask::<CurrentUserView>(Call::patch("/auth/current-user", &profile.body())).await {
        Ok(person) => {
            // Every page's header calls them so.
            member.is_called(&person.first_name);
            let text = &t!("profile-changed-text", first = person.first_name, last = person.last_name);
            let ways = &[("/account", t!("your-account"))];
            layout::page(StatusCode::OK, &Done { title: &t!("profile-changed"), text, ways })
        }
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => page(&profile).refused(cause),
    }
}
