//! `POST /auth/register`: keeps what somebody registers with, and asks for the mail to the owner of the address.
//!
//! Whether the address has an account is not looked at here: nothing that happens can tell. It is at the moment the mail
//! is sent.

use crate::{
    Error,
    app::App,
    domain::{Email, Name, OptionalText, Password},
    metrics,
    registration::{self, VALID},
    store::registrations::{self, NewRegistration},
};
use axum::{Json, extract::State};
use contracts::AccountId;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service_kit::{ClientAddress, Problem, extract::Body, problem::Fields};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterRequest {
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        examples("Ada")
    )]
    first_name: String,
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        examples("Lovelace")
    )]
    last_name: String,
    /// Where parcels usually go; may be left out.
    #[schema(max_length = 300, pattern = r"^[^\x00-\x1F\x7F-\x9F]*$")]
    address: Option<String>,
    #[schema(format = "idn-email", min_length = 3, max_length = 254, examples("ada@example.com"))]
    email: String,
    #[schema(max_length = 300, pattern = r"^[^\x00-\x1F\x7F-\x9F]*$")]
    phone: Option<String>,
    /// 8 to 256 characters, 15 or more are better; none of the passwords that are tried first. Keep it until the address
    /// is confirmed: the link in the mail asks for it.
    #[schema(min_length = 8, max_length = 256, examples("correct horse battery"))]
    password: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RegisterAnswer {
    message: &'static str,
    /// The registration's id, and the account's once the address is confirmed.
    user_id: AccountId,
}

/// Keeps a registration for 24 hours, beside any others of the address. The answer is the same for an address that has an
/// account: its owner gets a mail that says so.
#[utoipa::path(
    post, path = "/auth/register", tag = "accounts", request_body = RegisterRequest,
    responses(
        (status = 201, description = "Taken; a mail follows.", body = RegisterAnswer),
        (status = 429, description = "`too_many_mails`: so many were asked for lately.")
    )
)]
pub(crate) async fn register(
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<RegisterRequest>,
) -> Result<(StatusCode, Json<RegisterAnswer>), Problem> {
    let (mut new, password) = parse(&app, &request)?;
    let client = app.counted(client);
    app.count_mail(client, &new.email)?;
    let place = app.passwords.place(client).inspect_err(|_| app.give_mail_back(client, &new.email))?;
    new.password_hash = app.passwords.hash(place, &password).await?;
    store(&app, &new).await?;
    let message = "Almost done: open the link in the mail we sent you and give your password there, then log in.";
    Ok((StatusCode::CREATED, Json(RegisterAnswer { message, user_id: new.id })))
}

fn parse(app: &App, request: &RegisterRequest) -> Result<(NewRegistration, Password), Problem> {
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
    let new = NewRegistration {
        id: app.kit.clock.new_id(),
        first_name,
        last_name,
        email,
        phone,
        address,
        password_hash: String::new(),
        created_at: app.kit.clock.now(),
    };
    Ok((new, password))
}

async fn store(app: &App, new: &NewRegistration) -> Result<(), Error> {
    let expires_at = new.created_at + VALID;
    let mut tx = app.kit.database.begin("register").await?;
    registrations::insert(&mut tx, new, expires_at).await?;
    registration::ask(app, &mut tx, new.id, 1, expires_at).await?;
    metrics::registered(&mut tx);
    let _committed = tx.commit().await?;
    tracing::info!(registration.id = %new.id, "a registration was taken");
    Ok(())
}
