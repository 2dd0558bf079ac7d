//! `/auth/second-factor`: codes by time (RFC 6238) with recovery codes; and `POST /auth/login/second-factor`.

use super::{login::session, tokens::NO_STORE};
use crate::{
    Error,
    changes::{log_in, second_factor as change},
    domain::LinkToken,
    proof,
    state::App,
    store::{accounts, second_factors},
};
use axum::{Json, extract::State};
use contracts::api::{
    account::{LoginSecondFactorBody, LoginView},
    second_factor::{CodeBody, RecoveryCodesView, SecondFactorView, TotpSecretView},
};
use http::{HeaderMap, HeaderName, StatusCode};
use service_kit::{
    ClientAddress, Problem,
    auth::{Anybody, Fresh, SignedIn},
    extract::Body,
};

type NoStore<T> = ([(HeaderName, &'static str); 1], Json<T>);

/// Whether a second factor is asked for at a login.
#[utoipa::path(
    get, path = "/auth/second-factor", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "How it is.", body = SecondFactorView))
)]
pub(crate) async fn show_second_factor(
    person: SignedIn,
    State(app): State<App>,
) -> Result<Json<SecondFactorView>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let account = accounts::find(&mut connection, person.account_id).await.map_err(Error::from)?;
    let required = account.ok_or(Error::NoSuchAccount)?.needs_second_factor();
    let methods = second_factors::methods(&mut connection, person.account_id).await.map_err(Error::from)?;
    let second_factors::Methods { totp: enrolled, recovery_codes: recovery_codes_left, passkeys } = methods;
    Ok(Json(SecondFactorView { enrolled, recovery_codes_left, passkeys, required }))
}

/// Gives a secret for an authenticator app. Nothing changes until a code of it was shown.
#[utoipa::path(
    post, path = "/auth/second-factor/totp", tag = "accounts", security(("bearer" = [])),
    responses(
        (status = 201, description = "The secret.", body = TotpSecretView),
        (status = 401, description = "As everywhere; and `step_up_required`."),
        (status = 409, description = "`second_factor_exists`: give it up first.")
    )
)]
pub(crate) async fn begin_totp(
    Fresh(person): Fresh<SignedIn>,
    State(app): State<App>,
) -> Result<(StatusCode, NoStore<TotpSecretView>), Problem> {
    let mut tx = app.kit.database.begin("begin_totp").await?;
    let account = accounts::find(&mut tx, person.account_id).await.map_err(Error::from)?;
    let email = account.ok_or(Error::NoSuchAccount)?.person.email;
    let secret = change::begin(&app, &mut tx, person.account_id).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    let issuer = app.kit.settings.public_url.host_str().unwrap_or("Ecom-Micro").to_owned();
    let view = TotpSecretView { secret: secret.base32(), url: secret.url(&issuer, &email)? };
    Ok((StatusCode::CREATED, (NO_STORE, Json(view))))
}

/// Shows a first code: from now on a login asks for one. The session that asks counts as begun with a second factor; its
/// next access token says so.
#[utoipa::path(
    post, path = "/auth/second-factor/totp/confirm", tag = "accounts", security(("bearer" = [])),
    request_body = CodeBody,
    responses(
        (status = 200, description = "The recovery codes.", body = RecoveryCodesView),
        (status = 403, description = "`wrong_code`."),
        (status = 409, description = "`second_factor_exists`, `no_second_factor`."),
        (status = 429, description = "`too_many_failed_logins`.")
    )
)]
pub(crate) async fn confirm_totp(
    person: SignedIn,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<CodeBody>,
) -> Result<NoStore<RecoveryCodesView>, Problem> {
    let counted = proof::count(&app, person.account_id)?;
    let mut tx = app.kit.database.begin("confirm_totp").await?;
    let recovery_codes = change::confirm(&app, &mut tx, person.account_id, &request.code, client).await?;
    if let Some(session_id) = person.session_id {
        log_in::strengthened(&app, &mut tx, session_id).await?;
    }
    let _committed = tx.commit().await.map_err(Error::from)?;
    app.logins.forgive(&counted);
    Ok((NO_STORE, Json(RecoveryCodesView { recovery_codes })))
}

/// Ten other recovery codes; those before work no more.
#[utoipa::path(
    post, path = "/auth/second-factor/recovery-codes", tag = "accounts", security(("bearer" = [])),
    responses(
        (status = 200, description = "The codes.", body = RecoveryCodesView),
        (status = 401, description = "As everywhere; and `step_up_required`."),
        (status = 409, description = "`no_second_factor`.")
    )
)]
pub(crate) async fn renew_recovery_codes(
    Fresh(person): Fresh<SignedIn>,
    client: ClientAddress,
    State(app): State<App>,
) -> Result<NoStore<RecoveryCodesView>, Problem> {
    let mut tx = app.kit.database.begin("renew_recovery_codes").await?;
    let recovery_codes = change::renew_recovery_codes(&app, &mut tx, person.account_id, client).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok((NO_STORE, Json(RecoveryCodesView { recovery_codes })))
}

/// A login asks for no code any more.
#[utoipa::path(
    delete, path = "/auth/second-factor", tag = "accounts", security(("bearer" = [])),
    responses(
        (status = 204, description = "It is given up."),
        (status = 401, description = "As everywhere; and `step_up_required`."),
        (status = 409, description = "`no_second_factor`.")
    )
)]
pub(crate) async fn give_up_second_factor(
    Fresh(person): Fresh<SignedIn>,
    client: ClientAddress,
    State(app): State<App>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.kit.database.begin("give_up_second_factor").await?;
    change::give_up(&app, &mut tx, person.account_id, client).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a login that asked for a second factor. Five tries to a ticket.
#[utoipa::path(
    post, path = "/auth/login/second-factor", tag = "accounts", request_body = LoginSecondFactorBody,
    responses(
        (status = 200, description = "The tokens, and whose they are.", body = LoginView),
        (status = 401, description = "`login_over`: give the password again."),
        (status = 403, description = "`wrong_code`, `account_suspended`."),
        (status = 429, description = "`too_many_failed_logins`.")
    )
)]
pub(crate) async fn log_in_with_second_factor(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    headers: HeaderMap,
    Body(request): Body<LoginSecondFactorBody>,
) -> Result<NoStore<LoginView>, Problem> {
    let ticket = LinkToken::given(&request.ticket);
    let account_id = change::try_ticket(&app, &ticket).await?;
    let counted = proof::count(&app, account_id)?;
    let mut tx = app.kit.database.begin("log_in_with_second_factor").await?;
    // The account first, as everybody.
    let account = accounts::lock(&mut tx, account_id).await.map_err(Error::from)?.ok_or(Error::TicketOver)?;
    change::show(&app, &mut tx, account_id, &request.code, client).await?;
    change::use_ticket(&mut tx, &ticket).await?;
    if account.suspended_at.is_some() {
        return Err(Error::Suspended.into());
    }
    let view = session(&app, &mut tx, account, (true, None), (client, &headers)).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    app.logins.forgive(&counted);
    Ok((NO_STORE, Json(view)))
}
