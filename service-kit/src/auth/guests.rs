//! Guests: people without an account, whose token is for one thing. Every route refuses them that does not say that it
//! takes them.

use super::{Actor, AuthError, callers::claims};
use crate::{Kit, Problem};
use axum::extract::{FromRef, FromRequestParts};
use contracts::AccountId;
use http::request::Parts;
use uuid::Uuid;

/// A guest, with a valid token.
#[derive(Clone, Debug)]
pub struct Guest {
    /// The id under which they are the owner of what is theirs.
    pub id: AccountId,
    /// The one thing they may go on with.
    pub only: Uuid,
    /// As whom they count where it is bounded what strangers may hold.
    pub counted_as: Vec<Uuid>,
}

/// A guest, for what is theirs; or whom `G` lets.
#[derive(Clone, Debug)]
pub enum GuestOr<G> {
    /// Somebody without an account.
    Guest(Guest),
    /// Somebody with one, or staff.
    Other(G),
}

impl<S, G> FromRequestParts<S> for GuestOr<G>
where
    Kit: FromRef<S>,
    S: Send + Sync,
    G: FromRequestParts<S, Rejection = Problem>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // What is no good is refused by the other gate, in its words; a token is not verified twice.
        if let Ok(claims) = claims(parts, &Kit::from_ref(state)).await
            && let Actor::Guest(id) = claims.actor()
        {
            let theirs = claims.guest.ok_or(AuthError::Invalid("a guest's, and does not say what for"))?;
            return Ok(Self::Guest(Guest { id, only: theirs.only, counted_as: theirs.counted_as }));
        }
        Ok(Self::Other(G::from_request_parts(parts, state).await?))
    }
}
