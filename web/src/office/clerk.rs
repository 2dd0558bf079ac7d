//! Somebody of the staff, as a page's handler is handed them: forgetting to ask for a permission leaves it without anybody to
//! ask the services as.

use crate::{
    layout::{self, Notice},
    member::Member,
    state::App,
};
use axum::{extract::FromRequestParts, response::Response};
use contracts::access::{Permissions, Permit};
use http::{StatusCode, request::Parts};
use std::{marker::PhantomData, ops::Deref};

/// Somebody with this permission.
pub(crate) struct Clerk<P> {
    member: Member,
    permit: PhantomData<P>,
}

impl<P> Deref for Clerk<P> {
    type Target = Member;

    fn deref(&self) -> &Member {
        &self.member
    }
}

impl<P: Permit> FromRequestParts<App> for Clerk<P> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let wanted = P::PERMISSION;
        let lacks = format!(
            "This page is for whoever may “{}” ({wanted}), which your account may not. Ask whoever gives roles.",
            wanted.meaning().trim_end_matches('.'),
        );
        let member = permitted(parts, app, |permissions| permissions.contains(wanted), &lacks).await?;
        Ok(Self { member, permit: PhantomData })
    }
}

/// Somebody with any permission.
pub(crate) struct Colleague(Member);

impl Deref for Colleague {
    type Target = Member;

    fn deref(&self) -> &Member {
        &self.0
    }
}

impl FromRequestParts<App> for Colleague {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let lacks = "The back office is for staff. Ask whoever gives roles.";
        permitted(parts, app, |permissions| !permissions.is_empty(), lacks).await.map(Self)
    }
}

async fn permitted(
    parts: &mut Parts,
    app: &App,
    suffice: impl Fn(Permissions) -> bool,
    lacks: &str,
) -> Result<Member, Response> {
    let member = Member::from_request_parts(parts, app).await?;
    if !suffice(member.permissions()) {
        // A role may have been given since the token was made, or a second factor shown.
        member.renew().await;
    }
    if suffice(member.permissions()) {
        return Ok(member);
    }
    let text = format!("{lacks} If your role wants a second factor, set it up and log in with it.");
    Err(layout::page(StatusCode::FORBIDDEN, &Notice { title: "Not for your account", text: &text }))
}
