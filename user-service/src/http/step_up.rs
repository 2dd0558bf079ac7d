//! `POST /auth/step-up`: who is signed in proves anew who they are, for what a stolen session must not do (RFC 9470).

use super::tokens::NO_STORE;
use crate::{
    Error,
    changes::{log_in, second_factor},
    proof,
    state::App,
};
use axum::{Json, extract::State};
use contracts::api::account::{StepUpBody, SteppedUpView};
use http::HeaderName;
use service_kit::{
    ClientAddress, Problem,
    auth::{ACCESS_TOKEN_SECONDS, FRESH_SECONDS, SignedIn},
    extract::Body,
};

/// An access token of the same session that says that its owner proved a moment ago who they are.
#[utoipa::path(
    post, path = "/auth/step-up", tag = "sessions", security(("bearer" = [])), request_body = StepUpBody,
    responses(
        (status = 200, description = "The token.", body = SteppedUpView),
        (status = 403, description = "`wrong_password`, `wrong_code`; `passkey_required`: `POST /auth/step-up/passkey`."),
        (status = 429, description = "`too_many_failed_logins`.")
    )
)]
pub(crate) async fn step_up(
    person: SignedIn,
    address: ClientAddress,
    State(app): State<App>,
    Body(request): Body<StepUpBody>,
) -> Result<([(HeaderName, &'static str); 1], Json<SteppedUpView>), Problem> {
    let account = proof::by_password(&app, app.counted(address), person.account_id, &request.password).await?;
    let session_id = person.session_id.ok_or(Error::NoSuchSession)?;
    let mut tx = app.kit.database.begin("step_up").await?;
    let asked_for = second_factor::asked_for(&mut tx, &account).await?;
    let second_factor = asked_for.contains(&second_factor::CODE);
    if !second_factor && !asked_for.is_empty() {
        return Err(Error::PasskeyRequired.into());
    }
    if second_factor {
        let code =
            request.code.ok_or_else(|| Problem::field("/code", "is missing: your account has a second factor"))?;
        let counted = proof::count(&app, account.id)?;
        second_factor::show(&app, &mut tx, account.id, &code, address).await?;
        app.logins.forgive(&counted);
    }
    let token = log_in::proved(&app, &mut tx, &account, session_id, second_factor).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok((NO_STORE, Json(stepped_up(token))))
}

/// What somebody goes on with who proved that it is them.
pub(super) fn stepped_up(token: String) -> SteppedUpView {
    let (expires_in, fresh_for) = (ACCESS_TOKEN_SECONDS, FRESH_SECONDS);
    SteppedUpView { token, token_type: "Bearer".to_owned(), expires_in, fresh_for }
}
