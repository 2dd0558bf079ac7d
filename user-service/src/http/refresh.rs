//! `POST /auth/refresh`: a session goes on.

use super::tokens::NO_STORE;
use crate::{
    Error,
    changes::refresh::{self as change, Refreshed},
    domain::RefreshToken,
    state::App,
};
use axum::{Json, extract::State};
use contracts::api::account::{RefreshBody, TokensView};
use http::HeaderName;
use service_kit::{ClientAddress, Problem, auth::Anybody, extract::Body};

/// The next refresh token and an access token for what the account may do now. A token that was used up to 30 seconds ago
/// gives the same successor once more: two tabs that refresh at once both go on. Later it counts as stolen, and the
/// session ends.
#[utoipa::path(
    post, path = "/auth/refresh", tag = "sessions", request_body = RefreshBody,
    responses(
        (status = 200, description = "The next tokens.", body = TokensView),
        (status = 401, description = "`invalid_refresh_token`: the session is over."),
        (status = 403, description = "`account_suspended`.")
    )
)]
pub(crate) async fn refresh(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<RefreshBody>,
) -> Result<([(HeaderName, &'static str); 1], Json<TokensView>), Problem> {
    let mut tx = app.kit.database.begin("refresh").await?;
    let refreshed = change::refresh(&app, &mut tx, &RefreshToken::given(&request.refresh_token), client).await?;
    // That a session ended is kept, too.
    let _committed = tx.commit().await.map_err(Error::from)?;
    match refreshed {
        Refreshed::GoesOn(tokens) => Ok((NO_STORE, Json((*tokens).into()))),
        Refreshed::Reused => Err(Error::UnknownRefreshToken.into()),
    }
}
