//! `POST /auth/login`: a password against an access token.

use super::current_user::CurrentUser;
use crate::{
    Error,
    app::App,
    domain::Email,
    metrics,
    passwords::Place,
    store::accounts::{self, Account},
};
use axum::{Json, extract::State};
use contracts::ServiceName;
use http::{HeaderName, header::CACHE_CONTROL};
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
    responses(
        (status = 200, description = "The token, and whose it is.", body = LoginAnswer),
        (status = 401, description = "`invalid_credentials`."),
        (status = 403, description = "`email_not_verified`."),
        (status = 429, description = "`too_many_failed_logins`.")
    )
)]
pub(crate) async fn login(
    State(app): State<App>,
    Body(request): Body<LoginRequest>,
) -> Result<([(HeaderName, &'static str); 1], Json<LoginAnswer>), Problem> {
    let known = authenticate(&app, &request).await;
    metrics::logged_in(&known);
    let account = known?;
    renew_hash(&app, &account, &request.password).await;
    let token = app.kit.identity.sign_access(&claims(&app, &account))?;
    tracing::info!(account.id = %account.id, "logged in");
    let answer = LoginAnswer { token, token_type: "Bearer", expires_in: ACCESS_TOKEN_SECONDS, user: account.into() };
    // RFC 6749, 5.1: no cache keeps a token.
    Ok(([(CACHE_CONTROL, "no-store")], Json(answer)))
}

/// The account, when the password is its own and its address confirmed. A known and an unknown address cost the same
/// work.
async fn authenticate(app: &App, request: &LoginRequest) -> Result<Account, Error> {
    // First, so that no flood of logins gets further than the queue.
    let place = app.passwords.place()?;
    // What is no address has no account: nothing can be guessed under it.
    let email = Email::parse(&request.email).ok();
    let account = match &email {
        Some(email) => attempt(app, place, email, &request.password).await?,
        None => {
            app.passwords.check(place, &request.password, None).await?;
            None
        }
    };
    let account = account.ok_or(Error::WrongCredentials)?;
    // Said only to who knows the password.
    if account.verified_at.is_none() {
        return Err(Error::EmailNotVerified);
    }
    Ok(account)
}

async fn attempt(app: &App, place: Place, email: &Email, password: &str) -> Result<Option<Account>, Error> {
    let mut connection = app.kit.database.pool().acquire().await?;
    let account = accounts::find_by_email(&mut connection, email).await?;
    drop(connection);
    let name = email.key();
    // Counted before it is checked, so that many at once are no way around; forgiven when it was right. After the
    // database, so that its being away is nobody's failure.
    app.logins.attempt(&name).map_err(|wait| {
        tracing::warn!("a login was refused: too many failed with this address");
        Error::TooManyFailures { wait }
    })?;
    let hash = account.as_ref().map(|account| account.password_hash.as_str());
    if app.passwords.check(place, password, hash).await? {
        app.logins.forgive(&name);
        return Ok(account);
    }
    match account {
        Some(account) => tracing::info!(account.id = %account.id, "a login failed: wrong password"),
        None => tracing::info!("a login failed: unknown address"),
    }
    Ok(None)
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

/// The one moment we have the password: a hash of another cost is replaced. That it cannot be now is no reason to
/// refuse who knows the password; there will be another login.
async fn renew_hash(app: &App, account: &Account, password: &str) {
    if !app.passwords.is_outdated(&account.password_hash) {
        return;
    }
    match replace_hash(app, account, password).await {
        Ok(()) => tracing::info!(account.id = %account.id, "a password was hashed anew at today's cost"),
        Err(cause) => tracing::warn!(account.id = %account.id, %cause, "a password could not be hashed anew"),
    }
}

async fn replace_hash(app: &App, account: &Account, password: &str) -> Result<(), Error> {
    let hash = app.passwords.hash_again(app.passwords.place()?, password).await?;
    let mut connection = app.kit.database.pool().acquire().await?;
    Ok(accounts::replace_hash(&mut connection, account.id, &account.password_hash, &hash).await?)
}
