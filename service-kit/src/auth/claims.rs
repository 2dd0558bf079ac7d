//! What tokens say, of people and of services.

use contracts::AccountId;
use serde::{Deserialize, Serialize};

/// The audience of people's tokens: the whole platform.
pub const PLATFORM: &str = "ecom-micro";

/// A person's access token lives this long.
pub const ACCESS_TOKEN_SECONDS: i64 = 900;

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Buys, and sees what is theirs.
    Customer,
    /// Staff: sees and changes what everybody has.
    Admin,
}

impl Role {
    /// As on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Admin => "admin",
        }
    }
}

/// What a person's access token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Who issued it: user-service (RFC 7519, 4.1.1).
    pub iss: String,
    /// Whom it is for: [`PLATFORM`].
    pub aud: String,
    /// Whose it is.
    pub sub: AccountId,
    /// What they may do.
    pub role: Role,
    /// Issued at, in seconds since 1970.
    pub iat: i64,
    /// Not valid before, in seconds since 1970.
    pub nbf: i64,
    /// Not valid from then on, in seconds since 1970.
    pub exp: i64,
    /// The token's own id.
    pub jti: uuid::Uuid,
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
