//! `/auth/provider`: signing in with the outside OpenID provider that the operator named.

use super::{login::begin_session, tokens::NO_STORE};
use crate::{
    Error,
    changes::outside_login::{self, Back},
    state::App,
    store::accounts,
};
use axum::{Json, extract::State};
use contracts::api::account::{LoginView, ProviderBegunView, ProviderFinishBody, ProviderView};
use http::{HeaderMap, HeaderName};
use service_kit::{ClientAddress, Problem, auth::Anybody, extract::Body};

/// Which provider people can sign in with.
#[utoipa::path(
    get, path = "/auth/provider", tag = "accounts",
    responses(
        (status = 200, description = "The provider.", body = ProviderView),
        (status = 404, description = "`provider_not_found`: there is none.")
    )
)]
pub(crate) async fn show_provider(_anybody: Anybody, State(app): State<App>) -> Result<Json<ProviderView>, Problem> {
    Ok(Json(ProviderView { name: outside_login::provider(&app)?.name().to_owned() }))
}

/// Begins a login there. The browser keeps the token, and goes to the address; it comes back to `/login/provider` of the shop's
/// pages with a `code` and a `state`.
#[utoipa::path(
    post, path = "/auth/provider/begin", tag = "accounts",
    responses(
        (status = 200, description = "Where the browser goes.", body = ProviderBegunView),
        (status = 404, description = "`provider_not_found`."),
        (status = 503, description = "As everywhere; and `provider_unavailable`.")
    )
)]
pub(crate) async fn begin_provider_login(
    _anybody: Anybody,
    State(app): State<App>,
) -> Result<([(HeaderName, &'static str); 1], Json<ProviderBegunView>), Problem> {
    let (token, url) = outside_login::begin(&app).await?;
    Ok((NO_STORE, Json(ProviderBegunView { token: token.as_str().to_owned(), url: url.into() })))
}

/// Ends it, in the browser that began it: begins a session, as a login does. Who comes for the first time is linked to the
/// account with the address that the provider says is confirmed, or gets one.
#[utoipa::path(
    post, path = "/auth/provider/finish", tag = "accounts", request_body = ProviderFinishBody,
    responses(
        (status = 200, description = "The token, and whose it is.", body = LoginView),
        (status = 401, description = "`provider_login_over`, `provider_refused`; `second_factor_required` with a `ticket`."),
        (status = 403, description = "`provider_email_not_verified`, `account_suspended`."),
        (status = 404, description = "`provider_not_found`."),
        (status = 409, description = "`address_taken`: somebody made an account with the address in this very moment."),
        (status = 503, description = "As everywhere; and `provider_unavailable`.")
    )
)]
pub(crate) async fn finish_provider_login(
    _anybody: Anybody,
    address: ClientAddress,
    State(app): State<App>,
    headers: HeaderMap,
    Body(request): Body<ProviderFinishBody>,
) -> Result<([(HeaderName, &'static str); 1], Json<LoginView>), Problem> {
    let ProviderFinishBody { token, state, code, iss } = &request;
    let back = Back { token, state, code, issuer: iss.as_deref() };
    let person = outside_login::person(&app, &back).await.inspect_err(|cause| {
        tracing::warn!(%cause, "a login by an outside provider failed");
    })?;
    let mut tx = app.kit.database.begin("find_outside_account").await?;
    let known = outside_login::known(&app, &mut tx, &person).await?;
    let account = match known {
        Some(account) if account.suspended_at.is_some() => return Err(Error::Suspended.into()),
        Some(account) => {
            // It may have been erased meanwhile.
            let account = accounts::lock(&mut tx, account.id).await.map_err(Error::from)?;
            let account = account.ok_or(Error::OutsideLoginOver)?;
            outside_login::link(&app, &mut tx, &person, account.id, address).await?;
            let _committed = tx.commit().await.map_err(Error::from)?;
            account
        }
        None => {
            tx.rollback().await.map_err(Error::from)?;
            let place = app.passwords.place(app.counted(address))?;
            outside_login::make(&app, &person, place, address).await?
        }
    };
    let view = begin_session(&app, account, None, (address, &headers)).await?;
    Ok((NO_STORE, Json(view)))
}
