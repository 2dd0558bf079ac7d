//! What tokens say, of people and of services.

use contracts::{AccountId, ApiKeyId, access::Permissions};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The audience of people's tokens: the whole platform.
pub const PLATFORM: &str = "ecom-micro";

/// A person's access token lives this long.
pub const ACCESS_TOKEN_SECONDS: i64 = 900;

/// What versions before permissions told people apart by. Still said, since they run beside this one for a while: they know
/// of customers and administrators only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Buys, and sees what is theirs.
    Customer,
    /// May do everything.
    Admin,
}

/// What an access token says (RFC 9068), of a person or of a machine with an API key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Who issued it: user-service (RFC 7519, 4.1.1).
    pub iss: String,
    /// Whom it is for: [`PLATFORM`].
    pub aud: String,
    /// Whose it is: a person's account; a machine's key, which is then its `client_id` too (RFC 9068, 2.2).
    pub sub: Uuid,
    /// What it was given to: [`PEOPLE`], or a machine's key.
    #[serde(default = "people")]
    pub client_id: String,
    /// The session it belongs to, or the key: what is revoked. None in tokens of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<Uuid>,
    /// Which state of the session it is from: what was given before a change of it is refused.
    #[serde(default)]
    pub generation: i32,
    /// What they may do with what is not theirs. None in tokens of older versions, whose administrators may do everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Permissions>,
    /// For versions before permissions.
    pub role: Role,
    /// Of a guest's token alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<GuestClaims>,
    /// When they last proved who they are, in seconds since 1970 (RFC 9068, 2.2.1). None of machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// Issued at, in seconds since 1970.
    pub iat: i64,
    /// Not valid before, in seconds since 1970.
    pub nbf: i64,
    /// Not valid from then on, in seconds since 1970.
    pub exp: i64,
    /// The token's own id.
    pub jti: Uuid,
}

/// The `client_id` of people's tokens: they sign in to the platform itself.
pub const PEOPLE: &str = "ecom-micro";

/// The `client_id` of guests' tokens, who have no account. Another one than people's: versions that know of no guests take
/// such a token for a machine's that may do nothing.
pub const GUESTS: &str = "ecom-micro-guest";

/// What a guest's token is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestClaims {
    /// The one thing they may go on with: with no other of its kind.
    pub only: Uuid,
    /// As whom they count where it is bounded what strangers may hold: all who have one of these in common are counted
    /// together. It says nothing of who they are.
    pub counted_as: Vec<Uuid>,
}

fn people() -> String {
    PEOPLE.to_owned()
}

impl AccessClaims {
    /// What they may do with what is not theirs.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        match (self.scope, self.role) {
            _ if self.client_id == GUESTS => Permissions::NONE,
            (Some(scope), _) => scope,
            (None, Role::Admin) => Permissions::all(),
            (None, Role::Customer) => Permissions::NONE,
        }
    }

    /// Whom it speaks for.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match &*self.client_id {
            PEOPLE => Actor::Person(self.sub.into()),
            GUESTS => Actor::Guest(self.sub.into()),
            _ => Actor::Machine(self.sub.into()),
        }
    }
}

/// Whom a token speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Somebody with an account.
    Person(AccountId),
    /// Somebody without an account, under the id that theirs would have.
    Guest(AccountId),
    /// A program with an API key.
    Machine(ApiKeyId),
}

impl Actor {
    /// The account's id, or the key's.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Person(account) | Self::Guest(account) => account.uuid(),
            Self::Machine(key) => key.uuid(),
        }
    }
}

impl From<Actor> for Uuid {
    fn from(actor: Actor) -> Self {
        actor.uuid()
    }
}

/// What a service's token for a call to another says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ServiceClaims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) exp: i64,
}

/// The `typ` headers: a token of one kind is never taken for the other (RFC 8725, 3.11).
pub(crate) const ACCESS_TYPE: &str = "at+jwt";
pub(crate) const SERVICE_TYPE: &str = "service+jwt";
