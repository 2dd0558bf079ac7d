//! What the provider says of a person, once it is believed (OpenID Connect Core 1.0, 3.1.3.7).

use super::{
    OutsideError, OutsideSettings,
    keys::{ALGORITHMS, Keys},
};
use aws_lc_rs::constant_time;
use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;
use std::{collections::HashSet, slice};

/// Clocks that differ, in seconds.
const SKEW: i64 = 30;
/// A subject is no longer (Core, 2).
const LONGEST_SUBJECT: usize = 255;

/// Somebody whom the provider knows. Without `Debug`: it would end up in a log.
pub(crate) struct Person {
    pub(crate) subject: String,
    /// Only where the provider says that it is confirmed.
    pub(crate) email: Option<String>,
    pub(crate) given_name: Option<String>,
    pub(crate) family_name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct IdClaims {
    pub(super) sub: String,
    nonce: Option<String>,
    azp: Option<String>,
    aud: Audience,
    iat: i64,
    exp: i64,
    pub(super) email: Option<String>,
    #[serde(default, deserialize_with = "truth")]
    pub(super) email_verified: bool,
    given_name: Option<String>,
    family_name: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct UserInfo {
    pub(super) sub: String,
    email: Option<String>,
    #[serde(default, deserialize_with = "truth")]
    email_verified: bool,
    given_name: Option<String>,
    family_name: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn all(&self) -> &[String] {
        match self {
            Self::One(one) => slice::from_ref(one),
            Self::Several(all) => all,
        }
    }
}

/// Some write it as a text.
fn truth<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Truth {
        Plain(bool),
        Text(String),
    }
    Ok(match Truth::deserialize(deserializer)? {
        Truth::Plain(truth) => truth,
        Truth::Text(text) => text == "true",
    })
}

/// # Errors
/// It is not the issuer's, not for us, over, or not of the login that was begun.
pub(super) fn verify(
    token: &str,
    keys: &Keys,
    settings: &OutsideSettings,
    nonce: &str,
    now: i64,
) -> Result<IdClaims, OutsideError> {
    let untrue = OutsideError::Untrue;
    let header = decode_header(token).map_err(|_| untrue("its token cannot be read"))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(untrue("its token is signed by an algorithm that is not taken"));
    }
    let key = keys.find(header.kid.as_deref(), header.alg)?;
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[&settings.client_id]);
    validation.set_issuer(&[&settings.issuer]);
    validation.required_spec_claims = HashSet::from(["exp", "iss", "aud", "sub"].map(str::to_owned));
    // By our own clock, below.
    validation.validate_exp = false;
    let claims = decode::<IdClaims>(token, &key, &validation);
    let claims = claims.map_err(|_| untrue("its token is not signed by it, or not for us"))?.claims;
    let is_ours = claims
        .nonce
        .as_deref()
        .is_some_and(|said| constant_time::verify_slices_are_equal(said.as_bytes(), nonce.as_bytes()).is_ok());
    if !is_ours {
        return Err(untrue("its token is not of this login"));
    }
    // That we are among them was checked; nobody else is trusted.
    let others = claims.aud.all().iter().any(|one| *one != settings.client_id);
    if others || claims.azp.as_ref().is_some_and(|azp| *azp != settings.client_id) {
        return Err(untrue("its token was made for another client"));
    }
    if claims.exp.saturating_add(SKEW) < now || claims.iat > now + SKEW {
        return Err(untrue("its token is over, or from the future"));
    }
    if claims.sub.is_empty() || claims.sub.len() > LONGEST_SUBJECT {
        return Err(untrue("its token names nobody"));
    }
    Ok(claims)
}

impl IdClaims {
    /// Whether there is nothing left to ask for.
    pub(super) fn is_enough(&self) -> bool {
        self.email.is_some() && self.email_verified && (self.given_name.is_some() || self.name.is_some())
    }

    /// With what the second question was answered.
    pub(super) fn with(self, info: UserInfo) -> Person {
        let UserInfo { email, email_verified, given_name, family_name, name, .. } = info;
        Person {
            subject: self.sub,
            email: email.filter(|_| email_verified).or(self.email.filter(|_| self.email_verified)),
            given_name: given_name.or(name).or(self.given_name).or(self.name),
            family_name: family_name.or(self.family_name),
        }
    }
}

impl From<IdClaims> for Person {
    fn from(claims: IdClaims) -> Self {
        Self {
            subject: claims.sub,
            email: claims.email.filter(|_| claims.email_verified),
            given_name: claims.given_name.or(claims.name),
            family_name: claims.family_name,
        }
    }
}
