//! `POST /auth/register`: makes an account and asks for its verification mail.

use crate::{
    Error,
    app::App,
    domain::{Email, Name, OptionalText, Password},
    metrics,
    store::accounts::{self, Account, NewAccount},
    verification,
};
use axum::{Json, extract::State};
use contracts::{
    AccountId,
    events::user::{Registered, RegistrationRepeated, VerificationRequested},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service_kit::{Problem, Tx, auth::Role, extract::Body, problem::Fields};
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
    /// 8 to 256 characters, 15 or more are better; none of the passwords that are tried first.
    #[schema(min_length = 8, max_length = 256, examples("correct horse battery"))]
    password: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RegisterAnswer {
    message: &'static str,
    user_id: AccountId,
}

/// Makes an account. The answer is the same for an address that has one already: its owner gets a mail instead.
#[utoipa::path(
    post, path = "/auth/register", tag = "accounts", request_body = RegisterRequest,
    responses((status = 201, description = "Taken; a mail follows.", body = RegisterAnswer))
)]
pub(crate) async fn register(
    State(app): State<App>,
    Body(request): Body<RegisterRequest>,
) -> Result<(StatusCode, Json<RegisterAnswer>), Problem> {
    let (mut account, password) = parse(&app, &request)?;
    // Always hashed, so that a known address takes as long as a new one.
    account.password_hash = app.passwords.hash(app.passwords.place()?, &password).await?;
    store(&app, &account).await?;
    let message = "Almost done: open the link in the mail we sent you, then log in.";
    Ok((StatusCode::CREATED, Json(RegisterAnswer { message, user_id: account.id })))
}

fn parse(app: &App, request: &RegisterRequest) -> Result<(NewAccount, Password), Problem> {
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
    let account = NewAccount {
        id: app.kit.clock.new_id(),
        first_name,
        last_name,
        email,
        phone,
        address,
        password_hash: String::new(),
        role: Role::Customer,
        verified_at: None,
        created_at: app.kit.clock.now(),
    };
    Ok((account, password))
}

async fn store(app: &App, new: &NewAccount) -> Result<(), Error> {
    let mut tx = app.kit.database.begin().await?;
    if accounts::insert(&mut tx, new).await? {
        verification::ask(app, &mut tx, new.id, Registered { account_id: new.id }).await?;
        metrics::registered(&mut tx, "new");
    } else if let Some(known) = accounts::lock_by_email(&mut tx, &new.email).await? {
        register_again(app, &mut tx, &known, new).await?;
        metrics::registered(&mut tx, "repeated");
    }
    let _committed = tx.commit().await?;
    tracing::info!("a registration was taken");
    Ok(())
}

/// The owner of the address gets a mail; nobody else learns anything.
async fn register_again(app: &App, tx: &mut Tx, known: &Account, new: &NewAccount) -> Result<(), Error> {
    let account_id = known.id;
    if app.mails.attempt(&account_id.to_string()).is_err() {
        tracing::info!(account.id = %account_id, "a repeated registration was left out: enough mails were sent lately");
        return Ok(());
    }
    if known.verified_at.is_some() {
        let version = accounts::next_version(tx, account_id).await?;
        app.kit.announce(tx, version, RegistrationRepeated { account_id }).await?;
        return Ok(());
    }
    // Perhaps the first mail was lost, perhaps the first was somebody else: the mail that is opened decides whose
    // password it will be.
    accounts::replace_registration(tx, account_id, new).await?;
    verification::ask(app, tx, account_id, VerificationRequested { account_id }).await
}
