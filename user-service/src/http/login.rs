//! `POST /auth/login`: a password against an access token.

use super::current_user::CurrentUser;
use crate::{
    Error,
    app::App,
    domain::{Email, Password},
    store::accounts::{self, Account},
};
use axum::{Json, extract::State};
use contracts::ServiceName;
use serde::{Deserialize, Serialize};
use service_kit::{
    Problem,
    auth::{ACCESS_TOKEN_SECONDS, AccessClaims, PLATFORM},
    extract::Body,
};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginRequest {
    email: String,
    password: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LoginAnswer {
    /// Send it as `Authorization: Bearer …`.
    token: String,
    #[schema(examples("Bearer"))]
    token_type: &'static str,
    /// Seconds until the token ends.
    expires_in: i64,
    user: CurrentUser,
}

/// Gives an access token. A wrong address and a wrong password get the same answer.
#[utoipa::path(
    post, path = "/auth/login", tag = "accounts", request_body = LoginRequest,
    responses((status = 200, body = LoginAnswer))
)]
pub(crate) async fn login(
    State(app): State<App>,
    Body(request): Body<LoginRequest>,
) -> Result<Json<LoginAnswer>, Problem> {
    let account = match Email::parse(&request.email) {
        Ok(email) => accounts::find_by_email(&mut *app.kit.database.pool().acquire().await?, &email).await?,
        Err(_) => None,
    };
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let right = app.passwords.check(&request.password, hash).await?;
    let Some(account) = account.filter(|_| right) else {
        tracing::info!("a login failed");
        return Err(Error::WrongCredentials.into());
    };
    // Said only to who knows the password.
    if account.verified_at.is_none() {
        return Err(Error::EmailNotVerified.into());
    }
    renew_hash(&app, &account, &request.password).await?;
    let token = app.kit.identity.sign_access(&claims(&app, &account))?;
    tracing::info!(account.id = %account.id, "logged in");
    Ok(Json(LoginAnswer { token, token_type: "Bearer", expires_in: ACCESS_TOKEN_SECONDS, user: account.into() }))
}

fn claims(app: &App, account: &Account) -> AccessClaims {
    let now = app.kit.clock.now().unix_timestamp();
    AccessClaims {
        iss: ServiceName::User.to_string(),
        aud: PLATFORM.to_owned(),
        sub: account.id,
        role: account.role,
        iat: now,
        nbf: now,
        exp: now + ACCESS_TOKEN_SECONDS,
        jti: app.kit.clock.new_id(),
    }
}

/// The one moment we have the password: a hash of another cost is replaced.
async fn renew_hash(app: &App, account: &Account, password: &str) -> Result<(), Problem> {
    if !app.passwords.is_outdated(&account.password_hash) {
        return Ok(());
    }
    let Ok(password) = Password::parse(password) else { return Ok(()) };
    let hash = app.passwords.hash(&password).await?;
    let mut connection = app.kit.database.pool().acquire().await?;
    Ok(accounts::replace_hash(&mut connection, account.id, &hash).await?)
}
