//! Tokens. Every service signs its own calls with a key of its own and checks everybody's tokens by itself, with keys
//! fetched from the issuer and kept (RFC 7519, RFC 8725, RFC 9068; EdDSA only).

mod auth_error;
mod callers;
mod claims;
#[doc(hidden)]
pub mod counted;
#[doc(hidden)]
pub mod fuzzed;
mod gate;
mod guests;
mod keys;
mod remembered;
mod revoked;
mod verifier;

pub use auth_error::AuthError;
pub use callers::{Anybody, Caller, Callers, FRESH_SECONDS, Fresh, OwnOr, SignedIn, Staff, Viewer};
pub use claims::{ACCESS_TOKEN_SECONDS, AccessClaims, Actor, GUESTS, GuestClaims, PEOPLE, PLATFORM, Role};
pub use gate::{Gate, GateFirst, gate};
pub use guests::{Guest, GuestOr};
pub use keys::{Identity, Jwks, PublicKey, rotate as rotate_key};
pub use verifier::{API_KEY, TOKEN_SKEW_SECONDS, Verifier};
