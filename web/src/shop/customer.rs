//! Whose an order is that somebody looks at: a member's, or that of a guest who ordered it in this browser.

use super::guests::{Guests, Secret};
use crate::{
    member::{Member, Stopped},
    next::Next,
    upstream::{Call, UpstreamError},
};
use axum::response::Response;
use contracts::{OrderId, api::order::OrderView};
use http::Method;
use serde::de::DeserializeOwned;

pub(crate) enum Customer {
    Member(Member),
    Guest { guests: Guests, secret: Secret, order: OrderId },
}

impl Customer {
    /// Who ordered it here without an account; else who is logged in.
    ///
    /// # Errors
    /// Neither: the answer leads to the log-in.
    pub(crate) fn of(order: OrderId, member: Result<Member, Response>, guests: Guests) -> Result<Self, Response> {
        match guests.of(order) {
            Some(secret) => Ok(Self::Guest { guests, secret, order }),
            None => Ok(Self::Member(member?)),
        }
    }

    pub(crate) fn is_guest(&self) -> bool {
        matches!(self, Self::Guest { .. })
    }

    /// Asks a service in their name.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, Stopped> {
        match self {
            Self::Member(member) => member.ask(call).await,
            Self::Guest { guests, secret, .. } => self.still(guests.ask(secret, call).await),
        }
    }

    /// The order, and the token that showed it.
    pub(crate) async fn look(&self, order: OrderId) -> Result<(OrderView, String), Stopped> {
        let path = format!("/orders/{order}");
        let call = Call::order(Method::GET, &path);
        match self {
            Self::Member(member) => Ok((member.ask(call).await?, member.token()?)),
            Self::Guest { guests, secret, .. } => {
                let looked = async {
                    let token = guests.token(secret).await?;
                    Ok((guests.ask_with(&token, call).await?, token))
                };
                self.still(looked.await)
            }
        }
    }

    /// What a guest is answered, if they still are one.
    fn still<T>(&self, answer: Result<T, Stopped>) -> Result<T, Stopped> {
        match (self, answer) {
            // It is in the account of the address by now: that opens it.
            (Self::Guest { guests, secret, order }, Err(Stopped::Failed(UpstreamError::Refused(refused))))
                if matches!(&*refused.code, "guest_joined" | "token_revoked") =>
            {
                guests.forget(secret);
                Err(Stopped::LoginOver(guests.told(Next::or_account(&format!("/orders/{order}")).by_login())))
            }
            (_, answer) => answer,
        }
    }
}
