//! `POST /auth/oauth/introspect` (RFC 7662) and `POST /auth/oauth/revoke` (RFC 7009): for programs that speak OAuth 2.0 and
//! nothing of ours. They send forms, and what is wrong with one they are told as RFC 6749, 5.2 has it.

use super::{
    introspect::{IntrospectionView, worth},
    tokens::NO_STORE,
};
use crate::{Error, changes::end_sessions, domain::RefreshToken, state::App, store};
use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request, State},
    response::{IntoResponse, Response},
};
use contracts::{SessionId, access::IntrospectTokens};
use http::{HeaderName, StatusCode, header};
use serde::Serialize;
use service_kit::{
    ClientAddress, Problem,
    auth::{Actor, Anybody, Staff},
};
use utoipa::ToSchema;

const FORM: &str = "application/x-www-form-urlencoded";

/// What both take.
#[derive(ToSchema)]
#[schema(as = OAuthTokenForm)]
pub(crate) struct TokenForm {
    /// An access token or a refresh token.
    #[schema(min_length = 1)]
    pub(crate) token: String,
    /// Which of the two it is; not needed.
    #[expect(dead_code, reason = "in the document; both kinds are looked for, as RFC 7009, 2.1 allows")]
    #[schema(examples("refresh_token"))]
    token_type_hint: Option<String>,
}

/// RFC 6749, 5.2.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub(crate) struct OAuthError {
    /// `invalid_request` or `unsupported_token_type`.
    error: &'static str,
    /// What was wrong and what to do.
    error_description: String,
}

impl OAuthError {
    fn invalid(why: impl Into<String>) -> Refusal {
        Refusal::Form(Self { error: "invalid_request", error_description: why.into() })
    }
}

/// Of a form, in OAuth's words; of all else, in ours.
pub(crate) enum Refusal {
    Form(OAuthError),
    Other(Problem),
}

impl<E: Into<Problem>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Form(error) => (StatusCode::BAD_REQUEST, NO_STORE, Json(error)).into_response(),
            Self::Other(problem) => problem.into_response(),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for TokenForm {
    type Rejection = Refusal;

    /// Each parameter once; one without a value is as one left out, and those that are not known are passed over (RFC 6749,
    /// 3.1).
    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(FORM) {
            return Err(OAuthError::invalid(format!("Send the parameters as a form: `Content-Type: {FORM}`.")));
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|_| OAuthError::invalid("The body ended before it was complete: send it again."))?;
        let (mut token, mut token_type_hint) = (None, None);
        for (name, value) in url::form_urlencoded::parse(&bytes) {
            let place = match &*name {
                "token" => &mut token,
                "token_type_hint" => &mut token_type_hint,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(OAuthError::invalid(format!("`{name}` is there more than once.")));
            }
        }
        match token.filter(|token| !token.is_empty()) {
            Some(token) => Ok(Self { token, token_type_hint }),
            None => Err(OAuthError::invalid("`token` is missing: the token this is about.")),
        }
    }
}

/// For staff and machines: what a token is worth, as RFC 7662 has it.
#[utoipa::path(
    post, path = "/auth/oauth/introspect", tag = "accounts", security(("bearer" = ["tokens:introspect"])),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "What the token is worth.", body = IntrospectionView),
        (status = 400, description = "The form is none (RFC 6749, 5.2).",
            content((OAuthError = "application/json"), (Problem = "application/problem+json")))
    )
)]
pub(crate) async fn introspect_by_form(
    _staff: Staff<IntrospectTokens>,
    State(app): State<App>,
    form: TokenForm,
) -> Result<([(HeaderName, &'static str); 1], Json<IntrospectionView>), Refusal> {
    Ok((NO_STORE, Json(worth(&app, &form.token).await?)))
}

/// Ends the session of a refresh token or an access token, as RFC 7009 has it. Whoever has the token may; of one that is
/// not known, or over already, nothing is told.
#[utoipa::path(
    post, path = "/auth/oauth/revoke", tag = "sessions",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token is good for nothing."),
        (status = 400, description = "The form is none, or the token is of an API key (RFC 6749, 5.2; RFC 7009, 2.2.1).",
            content((OAuthError = "application/json"), (Problem = "application/problem+json")))
    )
)]
pub(crate) async fn revoke(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    form: TokenForm,
) -> Result<StatusCode, Refusal> {
    let claims = app.kit.verifier.access(form.token.trim()).await.ok();
    if claims.as_ref().is_some_and(|claims| matches!(claims.actor(), Actor::Machine(_))) {
        let why = "This token is an API key's, and ends by itself: revoke the key by `DELETE /users/api-keys/{id}`.";
        return Err(Refusal::Form(OAuthError { error: "unsupported_token_type", error_description: why.to_owned() }));
    }
    let mut tx = app.kit.database.begin("revoke_token").await?;
    let hash = RefreshToken::given(&form.token).hash();
    let of_refresh = store::refresh_tokens::find(&mut tx, &hash).await.map_err(Error::from)?;
    let of_access = claims.and_then(|claims| claims.sid).map(SessionId::from);
    let session = of_refresh.map(|known| known.session_id).or(of_access);
    if let Some(id) = session
        && let Some(session) = store::sessions::lock(&mut tx, id, app.kit.clock.now()).await.map_err(Error::from)?
    {
        end_sessions::by_owner(&app, &mut tx, session.account_id, &[id.uuid()], client).await?;
        tracing::info!(account.id = %session.account_id, session.id = %id, "a token was revoked: its session has ended");
    }
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(StatusCode::OK)
}
