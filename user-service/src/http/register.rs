//! `POST /auth/register`: makes an account and asks for its verification mail.

use crate::{
    app::App,
    domain::{Email, LinkToken, Name, OptionalText, Password},
    store::{
        accounts::{self, NewAccount},
        verifications,
    },
};
use axum::{Json, extract::State};
use contracts::{
    AccountId,
    events::user::{Registered, RegistrationRepeated, VerificationRequested},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service_kit::{Problem, auth::Role, extract::Body, problem::Fields};
use time::Duration;
use utoipa::ToSchema;

/// A mailed link works for this long.
pub(crate) const LINK_VALID: Duration = Duration::hours(24);

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterRequest {
    #[schema(examples("Ada"))]
    first_name: String,
    #[schema(examples("Lovelace"))]
    last_name: String,
    /// Where parcels usually go; may be left out.
    address: Option<String>,
    #[schema(examples("ada@example.com"))]
    email: String,
    phone: Option<String>,
    /// 8 to 256 characters; 15 or more are better.
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
    responses((status = 201, body = RegisterAnswer))
)]
pub(crate) async fn register(
    State(app): State<App>,
    Body(request): Body<RegisterRequest>,
) -> Result<(StatusCode, Json<RegisterAnswer>), Problem> {
    let (mut account, password) = parse(&app, &request)?;
    // Always hashed, so that a known address takes as long as a new one.
    account.password_hash = app.passwords.hash(&password).await?;
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
    let password = fields.check("/password", Password::parse(&request.password));
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

async fn store(app: &App, account: &NewAccount) -> Result<(), Problem> {
    let mut tx = app.kit.database.begin().await?;
    if accounts::insert(&mut tx, account).await? {
        let version = accounts::next_version(&mut tx, account.id).await?;
        let event_id = app.kit.announce(&mut tx, version, Registered { account_id: account.id }).await?;
        let token = LinkToken::derive(&app.link_key, event_id);
        let expires_at = account.created_at + LINK_VALID;
        verifications::insert(&mut tx, event_id, account.id, &token.hash(), expires_at).await?;
    } else if let Some(known) = accounts::find_by_email(&mut tx, &account.email).await? {
        let account_id = known.id;
        let version = accounts::next_version(&mut tx, account_id).await?;
        if known.verified_at.is_some() {
            app.kit.announce(&mut tx, version, RegistrationRepeated { account_id }).await?;
        } else {
            // Perhaps the first mail was lost. The password of the first registration stays.
            let event_id = app.kit.announce(&mut tx, version, VerificationRequested { account_id }).await?;
            let token = LinkToken::derive(&app.link_key, event_id);
            let expires_at = account.created_at + LINK_VALID;
            verifications::insert(&mut tx, event_id, account_id, &token.hash(), expires_at).await?;
        }
    }
    let _committed = tx.commit().await?;
    tracing::info!("a registration was taken");
    Ok(())
}
