//! `POST /auth/register`: keeps what somebody registers with, and asks for the mail to the owner of the address.
//!
//! Whether the address has an account is not looked at here: nothing that happens can tell. It is at the moment the mail
//! is sent.

use crate::{
    Error,
    changes::register::{self, Wish},
    domain::{Email, Name, OptionalText, Password, Person},
    state::App,
};
use axum::{Json, extract::State};
use contracts::{AccountId, api::account::RegisterBody};
use http::StatusCode;
use serde::Serialize;
use service_kit::{Cause, ClientAddress, Problem, auth::Anybody, extract::Body, one, problem::Fields};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = RegisterAnswer)]
pub(crate) struct RegisteredView {
    message: &'static str,
    /// The registration's id, and the account's once the address is confirmed.
    user_id: AccountId,
}

/// Keeps a registration for 24 hours, beside any others of the address. The answer is the same for an address that has an
/// account: its owner gets a mail that says so.
#[utoipa::path(
    post, path = "/auth/register", tag = "accounts", request_body = RegisterBody,
    responses(
        (status = 201, description = "Taken; a mail follows.", body = RegisteredView),
        (status = 429, description = "`too_many_mails`: so many were asked for lately.")
    )
)]
pub(crate) async fn register(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<RegisterBody>,
) -> Result<(StatusCode, Json<RegisteredView>), Problem> {
    let new = New::parse(&request)?;
    let client = app.counted(client);
    app.mails.count(client, &new.email).map_err(Error::from)?;
    let place = app.passwords.place(client).inspect_err(|_| app.mails.give_back(client, &new.email))?;
    let password_hash = app.passwords.hash(place, &new.password).await?;
    let wish = Wish { person: new.person(password_hash), cause: Cause::current() };
    let user_id = one(register::register(&app, vec![wish]).await)?;
    let message = "Almost done: open the link in the mail we sent you and give your password there, then log in.";
    Ok((StatusCode::CREATED, Json(RegisteredView { message, user_id })))
}

/// What is acceptable of a body.
pub(crate) struct New {
    first_name: Name,
    last_name: Name,
    email: Email,
    phone: OptionalText,
    address: OptionalText,
    password: Password,
}

impl New {
    pub(crate) fn parse(request: &RegisterBody) -> Result<Self, Problem> {
        let mut fields = Fields::default();
        let first_name = fields.check("/first_name", Name::parse(&request.first_name));
        let last_name = fields.check("/last_name", Name::parse(&request.last_name));
        let email = fields.check("/email", Email::parse(&request.email));
        let phone = fields.check("/phone", OptionalText::parse(request.phone.as_deref()));
        let address = fields.check("/address", OptionalText::parse(request.address.as_deref()));
        let about = [
            first_name.as_ref().map(Name::as_str),
            last_name.as_ref().map(Name::as_str),
            email.as_ref().map(Email::as_str),
            phone.as_ref().and_then(OptionalText::as_deref),
            address.as_ref().and_then(OptionalText::as_deref),
        ];
        let about: Vec<&str> = about.into_iter().flatten().collect();
        let password = fields.check("/password", Password::parse(&request.password, &about));
        let (Some(first_name), Some(last_name), Some(email), Some(phone), Some(address), Some(password)) =
            (first_name, last_name, email, phone, address, password)
        else {
            return Err(fields.into_problem());
        };
        Ok(Self { first_name, last_name, email, phone, address, password })
    }

    fn person(self, password_hash: String) -> Person {
        Person {
            first_name: self.first_name.as_str().to_owned(),
            last_name: self.last_name.as_str().to_owned(),
            email: self.email.as_str().to_owned(),
            email_key: self.email.key(),
            phone: self.phone.as_deref().map(str::to_owned),
            address: self.address.as_deref().map(str::to_owned),
            password_hash,
        }
    }
}
