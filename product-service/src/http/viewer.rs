//! Who looks at the catalogue. Everybody may; staff sees drafts too.

use crate::app::App;
use axum::extract::FromRequestParts;
use http::request::Parts;
use service_kit::{
    Problem,
    auth::{AuthError, SignedIn},
};
use std::convert::Infallible;

pub(crate) struct Viewer(Result<SignedIn, Problem>);

impl Viewer {
    pub(crate) fn is_staff(&self) -> bool {
        self.0.as_ref().is_ok_and(|person| person.is_admin())
    }

    /// For what only staff may see: why this viewer may not.
    pub(crate) fn require_staff(self) -> Result<(), Problem> {
        if self.0?.is_admin() { Ok(()) } else { Err(AuthError::Forbidden.into()) }
    }
}

/// A missing or expired token makes a shopper: it must not close the shop.
impl FromRequestParts<App> for Viewer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self(SignedIn::from_request_parts(parts, app).await))
    }
}
