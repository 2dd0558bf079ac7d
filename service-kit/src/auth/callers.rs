//! Permissions as parameter types: a handler that takes one cannot be reached without it.

use super::{AuthError, Role};
use crate::{Kit, Problem, observe::Account};
use axum::extract::{FromRef, FromRequestParts};
use contracts::{AccountId, ServiceName};
use http::{header, request::Parts};
use std::marker::PhantomData;

/// Anybody with a valid access token.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn {
    /// Whose token it is.
    pub account_id: AccountId,
    /// What they may do.
    pub role: Role,
}

impl SignedIn {
    /// Whether they are staff.
    #[must_use]
    pub fn is_admin(self) -> bool {
        self.role == Role::Admin
    }
}

/// Staff: an account with the role admin.
#[derive(Clone, Copy, Debug)]
pub struct Admin {
    /// Whose token it is.
    pub account_id: AccountId,
}

/// Who looks, with a valid access token: staff see everything, a customer what is theirs. Ownership belongs into the query's
/// predicate ([`Self::owner`]), so that a forgotten check cannot show what is a stranger's.
///
/// Where anybody may look, a handler takes `Result<Viewer, Problem>`: a missing or expired token must not close the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Staff, who see everything.
    Staff,
    /// A customer, who sees what is theirs.
    Customer(AccountId),
}

impl Viewer {
    /// Whose the things shown must be; none for staff: for `$n::uuid IS NULL OR customer_id = $n`.
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

impl From<SignedIn> for Viewer {
    fn from(person: SignedIn) -> Self {
        if person.is_admin() { Self::Staff } else { Self::Customer(person.account_id) }
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

impl<S> FromRequestParts<S> for SignedIn
where
    Kit: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let claims = Kit::from_ref(state).verifier.access(bearer(parts)?).await?;
        if let Some(account) = parts.extensions.get::<Account>() {
            account.known(claims.sub);
        }
        Ok(Self { account_id: claims.sub, role: claims.role })
    }
}

impl<S> FromRequestParts<S> for Admin
where
    Kit: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let person = SignedIn::from_request_parts(parts, state).await?;
        if !person.is_admin() {
            return Err(AuthError::Forbidden.into());
        }
        Ok(Self { account_id: person.account_id })
    }
}

impl<S> FromRequestParts<S> for Viewer
where
    Kit: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        SignedIn::from_request_parts(parts, state).await.map(Self::from)
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

fn bearer(parts: &Parts) -> Result<&str, AuthError> {
    let value = parts.headers.get(header::AUTHORIZATION).ok_or(AuthError::Missing)?;
    let text = value.to_str().map_err(|_| AuthError::Invalid("not text"))?;
    let (scheme, token) = text.split_once(' ').ok_or(AuthError::Missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(AuthError::Missing);
    }
    Ok(token.trim())
}
