//! What a page shows beside what it is about: it stands without it, and says so.

use crate::{
    member::{Member, Stopped},
    refusal::Refusal,
    upstream::Call,
};
use axum::response::Response;
use contracts::access::Permission;
use serde::de::DeserializeOwned;

pub(crate) enum Part<T> {
    There(T),
    /// They may not see it, or there is none.
    Left,
    /// The service did not answer.
    Away,
}

impl<T> Part<T> {
    pub(crate) fn there(self) -> Option<T> {
        match self {
            Self::There(part) => Some(part),
            Self::Left | Self::Away => None,
        }
    }

    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Part<U> {
        match self {
            Self::There(part) => Part::There(change(part)),
            Self::Left => Part::Left,
            Self::Away => Part::Away,
        }
    }

    pub(crate) const fn is_away(&self) -> bool {
        matches!(self, Self::Away)
    }
}

/// Asked only by who may ask; what is refused all the same is left out.
///
/// # Errors
/// The login is over.
pub(crate) async fn part<T: DeserializeOwned>(
    member: &Member,
    permission: Permission,
    call: Call<'_>,
) -> Result<Part<T>, Response> {
    if !member.permissions().contains(permission) {
        return Ok(Part::Left);
    }
    match member.ask(call).await {
        Ok(part) => Ok(Part::There(part)),
        Err(Stopped::LoginOver(answer)) => Err(answer),
        Err(Stopped::Failed(cause)) => Ok(if Refusal::from(cause).is_for_now() { Part::Away } else { Part::Left }),
    }
}
