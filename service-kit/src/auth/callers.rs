//! Permissions as parameter types: a handler that takes one cannot be reached without it, and one that takes none does
//! not get into the route table ([`gated`](crate::gated)).

use super::{AccessClaims, Actor, AuthError};
use crate::{Kit, Problem, observe::Account};
use axum::extract::{FromRef, FromRequestParts};
use contracts::{
    AccountId, ServiceName, SessionId,
    access::{Permissions, Permit},
};
use http::{header, request::Parts};
use std::marker::PhantomData;

/// How long a proof of who one is counts as fresh, in seconds.
pub const FRESH_SECONDS: i64 = 300;

/// Whoever asks: what the route shows or takes is for everybody.
#[derive(Clone, Copy, Debug)]
pub struct Anybody;

/// A person with a valid access token, for what is theirs.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn {
    /// Whose token it is.
    pub account_id: AccountId,
    /// The session it belongs to; none in a token of an older version.
    pub session_id: Option<SessionId>,
}

/// A person who proved a moment ago who they are: for what a stolen session must not do. Who did not is asked to first
/// (RFC 9470).
#[derive(Clone, Copy, Debug)]
pub struct Fresh<G>(pub G);

/// A person or a machine with the permission `P`.
#[derive(Clone, Copy, Debug)]
pub struct Staff<P: Permit> {
    /// Whose token it is.
    pub actor: Actor,
    /// What else they may do.
    pub permissions: Permissions,
    permit: PhantomData<P>,
}

/// A person for what is theirs, or somebody with the permission `P` for what is everybody's. Ownership belongs into the
/// query's predicate ([`Viewer::owner`]), so that a forgotten check cannot show what is a stranger's.
///
/// Where anybody may look, a handler takes `Result<OwnOr<P>, Problem>`: a missing or expired token must not close the shop.
#[derive(Clone, Copy, Debug)]
pub struct OwnOr<P: Permit> {
    /// What they see.
    pub viewer: Viewer,
    /// Whose token it is.
    pub actor: Actor,
    /// What else they may do.
    pub permissions: Permissions,
    /// Whether they proved a moment ago who they are.
    pub fresh: bool,
    permit: PhantomData<P>,
}

/// Whose things somebody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Staff, who see everybody's.
    Staff,
    /// A customer, who sees what is theirs.
    Customer(AccountId),
}

impl Viewer {
    /// Whose the things shown must be; none for staff.
    #[must_use]
    pub fn owner(self) -> Option<AccountId> {
        match self {
            Self::Staff => None,
            Self::Customer(account_id) => Some(account_id),
        }
    }

    /// Whether it is staff.
    #[must_use]
    pub fn is_staff(self) -> bool {
        self == Self::Staff
    }

    /// For what only staff may see.
    ///
    /// # Errors
    /// A customer: 403.
    pub fn require_staff(self) -> Result<(), AuthError> {
        if self.is_staff() { Ok(()) } else { Err(AuthError::Forbidden) }
    }
}

/// Which services may call a route.
pub trait Callers: Send + Sync {
    /// All who may call.
    const ALLOWED: &'static [ServiceName];
}

/// A service that may call this route.
#[derive(Clone, Copy, Debug)]
pub struct Caller<C: Callers> {
    /// Which of them calls.
    pub service: ServiceName,
    allowed: PhantomData<C>,
}

impl<S: Send + Sync> FromRequestParts<S> for Anybody {
    type Rejection = Problem;

    async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Ok(Self)
    }
}

impl<S> FromRequestParts<S> for SignedIn
where
    Kit: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(signed_in(&claims(parts, &Kit::from_ref(state)).await?)?)
    }
}

impl<S> FromRequestParts<S> for Fresh<SignedIn>
where
    Kit: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let kit = Kit::from_ref(state);
        let claims = claims(parts, &kit).await?;
        fresh(&claims, &kit)?;
        Ok(Self(signed_in(&claims)?))
    }
}

impl<S, P> FromRequestParts<S> for Fresh<Staff<P>>
where
    Kit: FromRef<S>,
    S: Send + Sync,
    P: Permit,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let kit = Kit::from_ref(state);
        let claims = claims(parts, &kit).await?;
        let staff = staff(&claims, &kit)?;
        fresh(&claims, &kit)?;
        Ok(Self(staff))
    }
}

impl<S, P> FromRequestParts<S> for Staff<P>
where
    Kit: FromRef<S>,
    S: Send + Sync,
    P: Permit,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let kit = Kit::from_ref(state);
        Ok(staff(&claims(parts, &kit).await?, &kit)?)
    }
}

impl<S, P> FromRequestParts<S> for OwnOr<P>
where
    Kit: FromRef<S>,
    S: Send + Sync,
    P: Permit,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let kit = Kit::from_ref(state);
        let claims = claims(parts, &kit).await?;
        let (actor, permissions) = (claims.actor(), claims.permissions());
        let viewer = match actor {
            _ if permissions.contains(P::PERMISSION) => Viewer::Staff,
            Actor::Person(account_id) => Viewer::Customer(account_id),
            Actor::Guest(_) => return Err(AuthError::Guest.into()),
            // A machine has nothing of its own.
            Actor::Machine(_) => return Err(AuthError::Forbidden.into()),
        };
        Ok(Self { viewer, actor, permissions, fresh: fresh(&claims, &kit).is_ok(), permit: PhantomData })
    }
}

impl<S, C> FromRequestParts<S> for Caller<C>
where
    Kit: FromRef<S>,
    S: Send + Sync,
    C: Callers,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let service = Kit::from_ref(state).verifier.call(bearer(parts)?).await?;
        if !C::ALLOWED.contains(&service) {
            return Err(AuthError::Forbidden.into());
        }
        Ok(Self { service, allowed: PhantomData })
    }
}

pub(super) async fn claims(parts: &Parts, kit: &Kit) -> Result<AccessClaims, AuthError> {
    let claims = kit.verifier.access(bearer(parts)?).await?;
    if let (Some(account), Actor::Person(id) | Actor::Guest(id)) = (parts.extensions.get::<Account>(), claims.actor()) {
        account.known(id);
    }
    Ok(claims)
}

fn signed_in(claims: &AccessClaims) -> Result<SignedIn, AuthError> {
    match claims.actor() {
        Actor::Person(account_id) => Ok(SignedIn { account_id, session_id: claims.sid.map(SessionId::from) }),
        Actor::Guest(_) => Err(AuthError::Guest),
        Actor::Machine(_) => Err(AuthError::Forbidden),
    }
}

fn staff<P: Permit>(claims: &AccessClaims, kit: &Kit) -> Result<Staff<P>, AuthError> {
    let permissions = claims.permissions();
    if matches!(claims.actor(), Actor::Guest(_)) {
        return Err(AuthError::Guest);
    }
    if !permissions.contains(P::PERMISSION) {
        kit.note_denied(claims.actor(), P::PERMISSION);
        return Err(AuthError::Forbidden);
    }
    Ok(Staff { actor: claims.actor(), permissions, permit: PhantomData })
}

/// A machine proves who it is with each request.
fn fresh(claims: &AccessClaims, kit: &Kit) -> Result<(), AuthError> {
    let proved_at = match (claims.actor(), claims.auth_time) {
        (Actor::Machine(_), _) => return Ok(()),
        (Actor::Person(_) | Actor::Guest(_), proved_at) => proved_at.ok_or(AuthError::NotFresh)?,
    };
    let age = kit.clock.now().unix_timestamp().saturating_sub(proved_at);
    if age <= FRESH_SECONDS { Ok(()) } else { Err(AuthError::NotFresh) }
}

pub(super) fn bearer(parts: &Parts) -> Result<&str, AuthError> {
    let value = parts.headers.get(header::AUTHORIZATION).ok_or(AuthError::Missing)?;
    let text = value.to_str().map_err(|_| AuthError::Invalid("not text"))?;
    let (scheme, token) = text.split_once(' ').ok_or(AuthError::Missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(AuthError::Missing);
    }
    Ok(token.trim())
}
