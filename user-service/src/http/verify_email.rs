//! `POST /auth/verify-email`: confirms an account's address with the token of the mailed link.

use crate::{
    Error,
    app::App,
    domain::LinkToken,
    metrics,
    store::{accounts, verifications},
};
use axum::{Json, extract::State};
use contracts::events::user::Verified;
use serde::{Deserialize, Serialize};
use service_kit::{Problem, extract::Body};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyRequest {
    /// From the link in the mail.
    token: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct VerifyAnswer {
    message: &'static str,
}

/// Confirms the address and puts what was registered into force. A link works once and for 24 hours.
#[utoipa::path(
    post, path = "/auth/verify-email", tag = "accounts", request_body = VerifyRequest,
    responses((status = 200, description = "The address is confirmed.", body = VerifyAnswer))
)]
pub(crate) async fn verify_email(
    State(app): State<App>,
    Body(request): Body<VerifyRequest>,
) -> Result<Json<VerifyAnswer>, Problem> {
    let now = app.kit.clock.now();
    let token_hash = LinkToken::given(&request.token).hash();
    let mut tx = app.kit.database.begin().await?;
    let Some(link) = verifications::find(&mut tx, &token_hash).await? else {
        tracing::info!("a verification failed: unknown token");
        return Err(Error::UnknownToken.into());
    };
    let account_id = link.account_id.into();
    // Of two links or clicks at once, one comes second.
    let verified = accounts::lock_verified(&mut tx, account_id).await?.ok_or(Error::UnknownToken)?;
    if verified {
        return Err(Error::TokenUsed.into());
    }
    if link.expires_at <= now {
        return Err(Error::TokenExpired.into());
    }
    accounts::confirm(&mut tx, link.event_id, now).await?;
    verifications::settle(&mut tx, account_id).await?;
    let version = accounts::next_version(&mut tx, account_id).await?;
    app.kit.announce(&mut tx, version, Verified { account_id }).await?;
    metrics::verified(&mut tx);
    let _committed = tx.commit().await?;
    tracing::info!(account.id = %account_id, "an address was verified");
    Ok(Json(VerifyAnswer { message: "Your address is confirmed: you can log in now." }))
}
