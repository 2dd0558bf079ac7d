//! `POST /auth/login`: a password against an access token.

use super::current_user::CurrentUserView;
use crate::{
    Error,
    domain::{known_keys, login_name},
    metrics,
    passwords::{Found, Place},
    state::App,
    store::{
        accounts::{self, Account},
        registrations,
    },
};
use axum::{Json, extract::State};
use contracts::{AccountId, ServiceName};
use http::{HeaderName, header::CACHE_CONTROL};
use serde::{Deserialize, Serialize};
use service_kit::{
    ClientAddress, Problem,
    auth::{ACCESS_TOKEN_SECONDS, AccessClaims, PLATFORM},
    client_address::ClientGroup,
    extract::Body,
};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LoginRequest)]
pub(crate) struct LoginBody {
    email: String,
    password: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoginAnswer)]
pub(crate) struct LoginView {
    /// Send it as `Authorization: Bearer …`.
    token: String,
    #[schema(examples("Bearer"))]
    token_type: &'static str,
    /// Seconds until the token ends.
    expires_in: i64,
    user: CurrentUserView,
}

/// Gives an access token. A wrong address and a wrong password get the same answer.
#[utoipa::path(
    post, path = "/auth/login", tag = "accounts", request_body = LoginBody,
    responses(
        (status = 200, description = "The token, and whose it is.", body = LoginView),
        (status = 401, description = "`invalid_credentials`."),
        (status = 403, description = "`email_not_verified`."),
        (status = 429, description = "`too_many_failed_logins`.")
    )
)]
pub(crate) async fn login(
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<LoginBody>,
) -> Result<([(HeaderName, &'static str); 1], Json<LoginView>), Problem> {
    let client = app.counted(client);
    let known = authenticate(&app, client, &request).await;
    metrics::logged_in(&known);
    let (account, found) = known?;
    renew_hash(&app, client, &account, &request.password, found).await;
    let token = app.kit.identity.sign_access(&claims(&app, &account))?;
    tracing::info!(account.id = %account.id, "logged in");
    let answer = LoginView { token, token_type: "Bearer", expires_in: ACCESS_TOKEN_SECONDS, user: account.into() };
    // RFC 6749, 5.1: no cache keeps a token.
    Ok(([(CACHE_CONTROL, "no-store")], Json(answer)))
}

/// The account, when the password is its own, and whether its hash should be made anew. A known and an unknown address
/// cost the same work and get the same answers.
async fn authenticate(app: &App, client: Option<ClientGroup>, request: &LoginBody) -> Result<(Account, Found), Error> {
    // Counted before anything is looked at, so that many at once are no way around; forgiven when it was right.
    let name = login_name(&request.email);
    app.logins.attempt(&name).map_err(|wait| {
        tracing::warn!("a login was refused: too many failed with this address");
        Error::TooManyFailures { wait }
    })?;
    // A full queue and a database that is away are nobody's failure.
    let (place, known) = prepare(app, client, request).await.inspect_err(|_| app.logins.give_back(&name))?;
    let Known { account, registration } = known;
    // Both, always: were an account's registration left out, whoever registers an address and logs in would learn whether
    // it has an account.
    let hashes = [
        account.as_ref().map(|account| account.person.password_hash.as_str()),
        registration.as_ref().map(|(_, hash)| hash.as_str()),
    ];
    match (app.passwords.check(place, &request.password, hashes).await?, account, registration) {
        (Some(found @ Found { which: 0, .. }), Some(account), _) => {
            app.logins.forgive(&name);
            Ok((account, found))
        }
        // Said only to who knows the password. It forgives nothing: whoever registered an address would have as many
        // guesses at its account as they like.
        (Some(_), _, Some((id, _))) => {
            tracing::info!(registration.id = %id, "a login was refused: the address is not confirmed");
            Err(Error::EmailNotVerified)
        }
        (_, Some(account), _) => {
            tracing::info!(account.id = %account.id, "a login failed: wrong password");
            Err(Error::WrongCredentials)
        }
        (_, None, _) => {
            tracing::info!("a login failed: unknown address");
            Err(Error::WrongCredentials)
        }
    }
}

/// Whose password it may be.
struct Known {
    account: Option<Account>,
    /// Id and hash of the newest one: two hashes are checked, however many registered.
    registration: Option<(AccountId, String)>,
}

async fn prepare(app: &App, client: Option<ClientGroup>, request: &LoginBody) -> Result<(Place, Known), Error> {
    // First, so that no flood of logins gets further than the queue.
    let place = app.passwords.place(client)?;
    let keys = known_keys(&request.email);
    let mut connection = app.kit.database.acquire().await?;
    let account = accounts::find_by_keys(&mut connection, &keys).await?;
    let registration = registrations::newest_hash(&mut connection, &keys, app.kit.clock.now()).await?;
    Ok((place, Known { account, registration }))
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

/// The one moment we have the password: a hash of another cost, or of a password not in its enforced form, is replaced.
/// That it cannot be now is no reason to refuse who knows the password; there will be another login.
async fn renew_hash(app: &App, client: Option<ClientGroup>, account: &Account, password: &str, found: Found) {
    if !found.as_typed && !app.passwords.is_outdated(&account.person.password_hash) {
        return;
    }
    match replace_hash(app, client, account, password).await {
        Ok(()) => tracing::info!(account.id = %account.id, "a password was hashed anew, as it is done today"),
        Err(cause) => tracing::warn!(account.id = %account.id, %cause, "a password could not be hashed anew"),
    }
}

async fn replace_hash(app: &App, client: Option<ClientGroup>, account: &Account, password: &str) -> Result<(), Error> {
    let hash = app.passwords.hash_again(app.passwords.place(client)?, password).await?;
    let mut connection = app.kit.database.acquire().await?;
    Ok(accounts::replace_hash(&mut connection, account.id, &account.person.password_hash, &hash).await?)
}
