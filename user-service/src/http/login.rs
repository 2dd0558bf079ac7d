//! `POST /auth/login`: a password against an access token.

use super::tokens::{NO_STORE, user_agent};
use crate::{
    Error,
    changes::{
        log_in::{self, Proved},
        second_factor,
    },
    domain::{DeviceToken, known_keys, login_name},
    metrics,
    passwords::{Found, Place},
    state::App,
    store::{
        accounts::{self, Account},
        registrations,
    },
};
use axum::{Json, extract::State};
use contracts::{
    AccountId,
    api::account::{LoginBody, LoginView},
};
use http::{HeaderMap, HeaderName};
use service_kit::{ClientAddress, Problem, Tx, auth::Anybody, client_address::ClientGroup, extract::Body};
use tracing::Instrument;

/// Begins a session: gives an access token and a refresh token. A wrong address and a wrong password get the same answer.
#[utoipa::path(
    post, path = "/auth/login", tag = "accounts", request_body = LoginBody,
    responses(
        (status = 200, description = "The token, and whose it is.", body = LoginView),
        (status = 401, description = "`invalid_credentials`; `second_factor_required` with a `ticket` to go on with."),
        (status = 403, description = "`email_not_verified`, `account_suspended`."),
        (status = 429, description = "`too_many_failed_logins`.")
    )
)]
pub(crate) async fn login(
    _anybody: Anybody,
    address: ClientAddress,
    State(app): State<App>,
    headers: HeaderMap,
    Body(request): Body<LoginBody>,
) -> Result<([(HeaderName, &'static str); 1], Json<LoginView>), Problem> {
    let client = app.counted(address);
    let known = authenticate(&app, client, &request).await;
    metrics::logged_in(&known);
    let (account, found) = known?;
    renew_hash(&app, client, &account, &request.password, found).await;
    let device = known_device(&app, &request);
    Ok((NO_STORE, Json(begin_session(&app, account, device, (address, &headers)).await?)))
}

/// The session of who showed a first factor.
///
/// # Errors
/// A second one is asked for.
pub(super) async fn begin_session(
    app: &App,
    account: Account,
    device: Option<DeviceToken>,
    from: (ClientAddress, &HeaderMap),
) -> Result<LoginView, Error> {
    let mut tx = app.kit.database.begin("log_in").await?;
    // It may have been erased or suspended while its password was checked.
    let account = accounts::lock(&mut tx, account.id).await?.ok_or(Error::WrongCredentials)?;
    if account.suspended_at.is_some() {
        return Err(Error::Suspended);
    }
    let methods = second_factor::asked_for(&mut tx, &account).await?;
    if !methods.is_empty() {
        let ticket = second_factor::ticket(app, &mut tx, account.id).await?.as_str().to_owned();
        let _committed = tx.commit().await?;
        return Err(Error::SecondFactorRequired { ticket, methods });
    }
    let view = session(app, &mut tx, account, (false, device), from).await?;
    let _committed = tx.commit().await?;
    Ok(view)
}

/// Begins a session, and says what its owner goes on with.
pub(super) async fn session(
    app: &App,
    tx: &mut Tx,
    account: Account,
    (second_factor, device): (bool, Option<DeviceToken>),
    (client, headers): (ClientAddress, &HeaderMap),
) -> Result<LoginView, Error> {
    let device = match device {
        Some(known) => known,
        None => DeviceToken::new(&app.link_key, &login_name(&account.person.email))?,
    };
    let proved = Proved { account: &account, second_factor, user_agent: user_agent(headers), client };
    let tokens = log_in::log_in(app, tx, proved).await?;
    tracing::info!(account.id = %account.id, session.id = %tokens.session.id, "logged in");
    Ok(LoginView { tokens: tokens.into(), device_token: device.as_str().to_owned(), user: account.into() })
}

/// The account, when the password is its own, and whether its hash should be made anew. A known and an unknown address
/// cost the same work and get the same answers.
async fn authenticate(app: &App, client: Option<ClientGroup>, request: &LoginBody) -> Result<(Account, Found), Error> {
    // Counted before anything is looked at, so that many at once are no way around; forgiven when it was right.
    let name = login_name(&request.email);
    let device = known_device(app, request);
    let counted = app.logins.count(&name, device.as_ref(), client).inspect_err(|_| {
        tracing::warn!(device.known = device.is_some(), "a login was refused: too many failed");
        if device.is_none() && app.logins.is_to_be_told(&name) {
            tell_owner(app, &request.email);
        }
    })?;
    // A full queue and a database that is away are nobody's failure.
    let (place, known) = prepare(app, client, request).await.inspect_err(|_| app.logins.give_back(&counted))?;
    let Known { account, registration } = known;
    // Both, always: were an account's registration left out, whoever registers an address and logs in would learn whether
    // it has an account.
    let hashes = [
        account.as_ref().map(|account| account.person.password_hash.as_str()),
        registration.as_ref().map(|(_, hash)| hash.as_str()),
    ];
    match (app.passwords.check(place, &request.password, hashes).await?, account, registration) {
        (Some(found @ Found { which: 0, .. }), Some(account), _) => {
            app.logins.forgive(&counted);
            // Said only to who knows the password.
            if account.suspended_at.is_some() { Err(Error::Suspended) } else { Ok((account, found)) }
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

fn known_device(app: &App, request: &LoginBody) -> Option<DeviceToken> {
    let text = request.device_token.as_deref()?;
    DeviceToken::given(&app.link_key, &login_name(&request.email), text)
}

/// Behind the back of whoever tries, so that no answer's time tells whether there is an account.
fn tell_owner(app: &App, email: &str) {
    let (app, keys) = (app.clone(), known_keys(email));
    let telling = async move {
        if let Err(cause) = log_in::slowed_down(&app, &keys).await {
            tracing::warn!(%cause, "an owner could not be told that logins are slowed down");
        }
    };
    tokio::spawn(telling.in_current_span());
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
