//! Doors for the fuzzers (`fuzz/`): what reads what comes over the network, without what surrounds it.

pub use crate::outside::{
    OutsideError,
    fuzzed::{Provider, Somebody},
};

use crate::{
    domain::{
        DeviceToken, Email, Name, Password, TotpSecret, canonical, device, enforced, forms, known_keys, login_name,
        recovery_code_mac, role_name,
    },
    http::{oauth::TokenForm, register::New},
};
use aws_lc_rs::hmac;
use axum::{
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use contracts::api::account::RegisterBody;
use service_kit::Problem;

/// An e-mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// As mail is sent to it.
    pub address: String,
    /// What accounts are told apart by.
    pub key: String,
    /// What mails to it are counted under.
    pub mailbox: String,
}

/// # Errors
/// It is none; why.
pub fn email(text: &str) -> Result<Address, &'static str> {
    let email = Email::parse(text)?;
    Ok(Address { address: email.as_str().to_owned(), key: email.key(), mailbox: email.mailbox() })
}

/// Under which keys an account may be found that somebody typed the address of.
#[must_use]
pub fn email_keys(typed: &str) -> Vec<String> {
    known_keys(typed)
}

/// Under which name attempts with it are counted.
#[must_use]
pub fn email_counted(typed: &str) -> String {
    login_name(typed)
}

/// A stored address by today's rules, and its key.
#[must_use]
pub fn email_stored(stored: &str) -> (String, String) {
    canonical(stored)
}

/// A new password, as it is compared.
///
/// # Errors
/// It is none; why.
pub fn password(text: &str, about: &[&str]) -> Result<String, &'static str> {
    Password::parse(text, about).map(|password| password.as_str().to_owned())
}

/// All that a typed password is compared as; the first is how it is kept.
#[must_use]
pub fn password_forms(typed: &str) -> (String, Vec<String>) {
    (enforced(typed), forms(typed))
}

/// A person's name.
#[must_use]
pub fn name(text: &str) -> Option<String> {
    Name::parse(text).ok().map(|name| name.as_str().to_owned())
}

/// Of which step of 30 seconds a code is, by one secret.
#[must_use]
pub fn totp(secret: &[u8; 20], code: &str, now: u64) -> Option<i64> {
    TotpSecret::kept(secret)?.step(code, now)
}

/// What a recovery code is known again by.
#[must_use]
pub fn recovery_code(typed: &str) -> Vec<u8> {
    recovery_code_mac(&hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]), typed)
}

/// A device's token, if it was given out for this name.
#[must_use]
pub fn device_token(name: &str, text: &str) -> Option<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
    DeviceToken::given(&key, name, text).map(|token| token.as_str().to_owned())
}

/// What a person sees of a device.
#[must_use]
pub fn device_named(user_agent: &str) -> String {
    device(Some(user_agent))
}

/// # Errors
/// It is no role's name; why.
pub fn role(text: &str) -> Result<String, &'static str> {
    role_name(text)
}

/// `POST /auth/register`, as far as the database.
///
/// # Errors
/// It is not acceptable.
pub fn registration(body: &RegisterBody) -> Result<(), Problem> {
    New::parse(body).map(drop)
}

/// The token of a form of OAuth's.
///
/// # Errors
/// It is none.
pub async fn form(request: Request) -> Result<String, Response> {
    TokenForm::from_request(request, &()).await.map(|form| form.token).map_err(IntoResponse::into_response)
}
