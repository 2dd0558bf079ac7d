//! What a person goes on with after a login, a refresh or a proof.

use crate::changes::log_in::Tokens;
use axum::Json;
use contracts::{
    access::Permission,
    api::account::{DoneView, TokensView},
};
use http::{HeaderMap, HeaderName, header};
use serde::Serialize;
use service_kit::auth::ACCESS_TOKEN_SECONDS;
use utoipa::ToSchema;

impl From<Tokens> for TokensView {
    fn from(tokens: Tokens) -> Self {
        let Tokens { access, refresh, session, scope } = tokens;
        Self {
            token: access,
            token_type: "Bearer".to_owned(),
            expires_in: ACCESS_TOKEN_SECONDS,
            refresh_token: refresh.into_string(),
            refresh_expires_at: session.expires_at,
            session_id: session.id,
            scope,
        }
    }
}

pub(crate) fn done(message: &'static str) -> Json<DoneView> {
    Json(DoneView { message: message.to_owned() })
}

/// What the program of whoever asks calls itself.
pub(crate) fn user_agent(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok())
}

/// RFC 6749, 5.1: tokens are kept out of every cache.
pub(crate) const NO_STORE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// What a permission is called and means.
#[derive(Serialize, ToSchema)]
#[schema(as = PermissionMeaning)]
pub(crate) struct PermissionView {
    name: Permission,
    meaning: &'static str,
}

impl From<Permission> for PermissionView {
    fn from(name: Permission) -> Self {
        Self { name, meaning: name.meaning() }
    }
}
