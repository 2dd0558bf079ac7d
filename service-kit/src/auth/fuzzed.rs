//! Doors for the fuzzers (`fuzz/`): what reads tokens, without the keys' ways.

use super::{
    AccessClaims, AuthError, PLATFORM, callers,
    claims::ACCESS_TYPE,
    verifier::{in_its_time, key_id, read},
};
use crate::Problem;
use contracts::ServiceName;
use http::request::Parts;
use jsonwebtoken::DecodingKey;

/// What an access token says at this time, if it is signed by the only key there is.
///
/// # Errors
/// It is none, or good no more.
pub fn access(token: &str, (kid, x): (&str, &str), now: i64) -> Result<AccessClaims, Problem> {
    let claims = || {
        if key_id(token, ACCESS_TYPE)? != kid {
            return Err(AuthError::Invalid("unknown key id"));
        }
        let key = DecodingKey::from_ed_components(x).map_err(|_| AuthError::Invalid("no key"))?;
        let claims = read(token, &key, ServiceName::User, PLATFORM)?;
        in_its_time(&claims, now)?;
        Ok(claims)
    };
    claims().map_err(Problem::from)
}

/// The token that a request brings.
///
/// # Errors
/// It brings none.
pub fn bearer(head: &Parts) -> Result<&str, Problem> {
    Ok(callers::bearer(head)?)
}
