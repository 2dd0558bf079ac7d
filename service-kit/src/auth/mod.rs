//! Tokens. Every service signs its own calls with a key of its own and checks everybody's tokens by itself, with keys
//! fetched from the issuer and kept (RFC 7519, RFC 8725, RFC 9068; EdDSA only).

mod callers;
mod claims;
#[doc(hidden)]
pub mod counted;
mod keys;
mod remembered;
mod verifier;

pub use callers::{Admin, Caller, Callers, SignedIn, Viewer};
pub use claims::{ACCESS_TOKEN_SECONDS, AccessClaims, PLATFORM, Role};
pub use keys::{Identity, Jwks, PublicKey};
pub use verifier::{AuthError, Verifier};
