//! What can go wrong in user-service. Knows nothing of HTTP.

mod guest;

pub use guest::GuestError;

use crate::outside::OutsideError;
use serde_json::{Map, Value, json};
use service_kit::{Fault, Kind, KitError, Problem, mail_bounds::TooManyMails};
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("address or password is wrong")]
    WrongCredentials,
    #[error("too many logins with this address failed")]
    TooManyFailures { wait: Duration },
    #[error("too many mails were asked for")]
    TooManyMails { wait: Duration },
    #[error("the address is not verified")]
    EmailNotVerified,
    #[error("the account is suspended")]
    Suspended,
    #[error("the refresh token is unknown, used or over")]
    UnknownRefreshToken,
    #[error("no such session")]
    NoSuchSession,
    #[error("the password is not the account's")]
    WrongPassword,
    #[error("the link is unknown")]
    UnknownLink,
    #[error("the link was used, or has expired")]
    LinkOver,
    #[error("another account has the address")]
    AddressTaken,
    #[error("no such request")]
    NoSuchRequest,
    #[error("no such role")]
    NoSuchRole,
    #[error("there is a role of that name")]
    RoleExists,
    #[error("somebody has the role")]
    RoleInUse,
    #[error("what the role permits is fixed")]
    FixedRole,
    #[error("the role was changed meanwhile")]
    StaleRole,
    #[error("it needs permissions that whoever asks does not have")]
    BeyondOwn,
    #[error("nobody suspends themselves")]
    NotOneself,
    #[error("it is the last administrator")]
    LastAdministrator,
    #[error("the account has a second factor already")]
    SecondFactorExists,
    #[error("the account has no second factor")]
    NoSecondFactor,
    #[error("the code is wrong, or was used")]
    WrongCode,
    #[error("a second factor is needed")]
    SecondFactorRequired { ticket: String, methods: Vec<&'static str> },
    #[error("the pages are reached by an IP address")]
    PasskeysOff,
    #[error("no such passkey")]
    NoSuchPasskey,
    #[error("the account has too many passkeys")]
    TooManyPasskeys,
    #[error("the passkey is somebody's already")]
    PasskeyExists,
    #[error("the passkey is not known, or did not answer what was asked")]
    UnknownPasskey,
    #[error("the passkey is none of the account's, or did not answer what was asked")]
    WrongPasskey,
    #[error("the passkey's counter went back")]
    PasskeyCopied,
    #[error("the account's second factor is a passkey")]
    PasskeyRequired,
    #[error("too many logins by passkey were begun")]
    TooManyQuestions { wait: Duration },
    #[error("passkeys failed: {0}")]
    Passkeys(String),
    #[error("the login took too long, or too many codes were wrong")]
    TicketOver,
    #[error("no such address")]
    NoSuchAddress,
    #[error("the account has too many addresses")]
    TooManyAddresses,
    #[error("no outside provider is named")]
    NoProvider,
    #[error("the login by the outside provider is over, or another browser's")]
    OutsideLoginOver,
    #[error("the outside provider does not say that the address is confirmed")]
    ProviderEmail,
    #[error(transparent)]
    Outside(#[from] OutsideError),
    #[error("nobody wants the account erased")]
    NoSuchErasure,
    #[error("the account is being erased")]
    ErasureBegun,
    #[error("no such export")]
    NoSuchExport,
    #[error("no such API key")]
    NoSuchKey,
    #[error("the API key is unknown or works no more")]
    UnknownKey,
    #[error("the verification token is unknown")]
    UnknownToken,
    #[error("the verification token has expired")]
    TokenExpired,
    #[error("the address has an account")]
    TokenUsed,
    #[error("too many passwords were tried with the verification token")]
    TokenEnded,
    #[error("the password is not the registration's")]
    WrongRegistrationPassword { left: i32 },
    #[error("too many passwords are being checked")]
    Busy,
    #[error("no such account")]
    NoSuchAccount,
    #[error("no such verification")]
    NoSuchVerification,
    #[error("no such registration")]
    NoSuchRegistration,
    #[error(transparent)]
    Guest(#[from] GuestError),
    #[error("hashing failed: {0}")]
    Hashing(String),
    #[error(transparent)]
    Kit(#[from] KitError),
}

impl From<sqlx::Error> for Error {
    fn from(cause: sqlx::Error) -> Self {
        Self::Kit(cause.into())
    }
}

impl From<TooManyMails> for Error {
    fn from(TooManyMails { wait }: TooManyMails) -> Self {
        Self::TooManyMails { wait }
    }
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::WrongCredentials => "invalid_credentials",
            Self::TooManyFailures { .. } => "too_many_failed_logins",
            Self::TooManyMails { .. } => "too_many_mails",
            Self::EmailNotVerified => "email_not_verified",
            Self::Suspended => "account_suspended",
            Self::UnknownRefreshToken => "invalid_refresh_token",
            Self::NoSuchSession => "session_not_found",
            Self::WrongPassword => "wrong_password",
            Self::UnknownLink => "invalid_link",
            Self::LinkOver => "link_over",
            Self::AddressTaken => "address_taken",
            Self::NoSuchRequest => "request_not_found",
            Self::NoSuchRole => "role_not_found",
            Self::RoleExists => "role_exists",
            Self::RoleInUse => "role_in_use",
            Self::FixedRole => "fixed_role",
            Self::StaleRole => "version_stale",
            Self::BeyondOwn => "beyond_own_permissions",
            Self::NotOneself => "not_oneself",
            Self::LastAdministrator => "last_administrator",
            Self::SecondFactorExists => "second_factor_exists",
            Self::NoSecondFactor => "no_second_factor",
            Self::WrongCode => "wrong_code",
            Self::SecondFactorRequired { .. } => "second_factor_required",
            Self::PasskeysOff => "passkeys_off",
            Self::NoSuchPasskey => "passkey_not_found",
            Self::TooManyPasskeys => "too_many_passkeys",
            Self::PasskeyExists => "passkey_exists",
            Self::UnknownPasskey => "invalid_passkey",
            Self::WrongPasskey => "wrong_passkey",
            Self::PasskeyCopied => "passkey_copied",
            Self::PasskeyRequired => "passkey_required",
            Self::TooManyQuestions { .. } => "too_many_passkey_logins",
            Self::Passkeys(_) => "passkeys_failed",
            Self::TicketOver => "login_over",
            Self::NoSuchAddress => "address_not_found",
            Self::TooManyAddresses => "too_many_addresses",
            Self::NoProvider => "provider_not_found",
            Self::OutsideLoginOver => "provider_login_over",
            Self::ProviderEmail => "provider_email_not_verified",
            Self::Outside(OutsideError::Away(_)) => "provider_unavailable",
            Self::Outside(_) => "provider_refused",
            Self::NoSuchErasure => "erasure_not_found",
            Self::ErasureBegun => "erasure_begun",
            Self::NoSuchExport => "export_not_found",
            Self::NoSuchKey => "api_key_not_found",
            Self::UnknownKey => "invalid_api_key",
            Self::UnknownToken => "invalid_verification_token",
            Self::TokenExpired => "verification_token_expired",
            Self::TokenUsed => "verification_token_used",
            Self::TokenEnded => "verification_token_ended",
            Self::WrongRegistrationPassword { .. } => "wrong_registration_password",
            Self::Busy => "busy",
            Self::NoSuchAccount => "account_not_found",
            Self::NoSuchVerification => "verification_not_found",
            Self::NoSuchRegistration => "registration_not_found",
            Self::Hashing(_) => "hashing_failed",
            Self::Guest(cause) => cause.code(),
            Self::Kit(cause) => cause.code(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::WrongCredentials
            | Self::UnknownRefreshToken
            | Self::SecondFactorRequired { .. }
            | Self::TicketOver
            | Self::UnknownPasskey
            | Self::OutsideLoginOver
            | Self::Outside(OutsideError::CodeRefused | OutsideError::UnknownKey | OutsideError::Untrue(_)) => {
                Kind::Unauthenticated
            }
            Self::TooManyFailures { .. } | Self::TooManyMails { .. } | Self::TooManyQuestions { .. } => Kind::TooMany,
            Self::EmailNotVerified
            | Self::Suspended
            | Self::WrongPassword
            | Self::WrongCode
            | Self::WrongPasskey
            | Self::PasskeyCopied
            | Self::PasskeyRequired
            | Self::BeyondOwn
            | Self::ProviderEmail => Kind::Forbidden,
            Self::AddressTaken
            | Self::RoleExists
            | Self::RoleInUse
            | Self::FixedRole
            | Self::NotOneself
            | Self::TooManyAddresses
            | Self::TooManyPasskeys
            | Self::PasskeyExists
            | Self::ErasureBegun
            | Self::SecondFactorExists
            | Self::NoSecondFactor
            | Self::LastAdministrator => Kind::Conflict,
            Self::StaleRole => Kind::PreconditionFailed,
            Self::UnknownToken
            | Self::TokenExpired
            | Self::TokenUsed
            | Self::TokenEnded
            | Self::UnknownLink
            | Self::LinkOver
            | Self::UnknownKey
            | Self::WrongRegistrationPassword { .. } => Kind::Unprocessable,
            Self::Busy | Self::Outside(OutsideError::Away(_)) => Kind::Unavailable,
            Self::NoSuchAccount
            | Self::NoSuchVerification
            | Self::NoSuchRegistration
            | Self::NoSuchSession
            | Self::NoSuchRequest
            | Self::NoSuchRole
            | Self::NoSuchAddress
            | Self::NoSuchPasskey
            | Self::PasskeysOff
            | Self::NoProvider
            | Self::NoSuchErasure
            | Self::NoSuchExport
            | Self::NoSuchKey => Kind::NotFound,
            Self::Hashing(_) | Self::Passkeys(_) => Kind::Internal,
            Self::Guest(cause) => cause.kind(),
            Self::Kit(cause) => cause.kind(),
        }
    }

    fn public(&self) -> String {
        let text = match self {
            Self::WrongCredentials => "The e-mail address or the password is wrong.",
            Self::TooManyFailures { wait } => {
                return format!("Too many logins with this address failed: try again in {} s.", seconds(*wait));
            }
            Self::TooManyMails { wait } => {
                return format!(
                    "Too many mails were asked for, by you or to this address: try again in {} s. Nothing was kept.",
                    seconds(*wait)
                );
            }
            Self::WrongRegistrationPassword { left } => {
                return format!(
                    "This is not the password this address was registered with; tries left: {left}. If it was not you who \
                     registered, choose a password of your own."
                );
            }
            Self::EmailNotVerified => {
                "Confirm your e-mail address first: open the link in the mail we sent you, or ask for a new one with \
                 POST /auth/resend-verification."
            }
            Self::Suspended => "This account is suspended: write to the shop.",
            Self::UnknownRefreshToken => "The session is over: log in again.",
            Self::WrongPassword => "This is not your password.",
            Self::UnknownLink => "This link is not valid: open the one in the newest mail, or ask for a new one.",
            Self::LinkOver => "This link was used already, or has expired: ask for a new one.",
            Self::AddressTaken => "Another account has this address.",
            Self::NoSuchRequest => "Nothing like that was asked for.",
            Self::NoSuchRole => "There is no such role: GET /users/roles lists them.",
            Self::RoleExists => "There is a role of that name already: change it, or choose another name.",
            Self::RoleInUse => "Somebody has this role: give them another first.",
            Self::FixedRole => "This role came with the platform: it stays, and what it permits is fixed.",
            Self::StaleRole => "Somebody changed the role meanwhile: look at it again.",
            Self::BeyondOwn => "This would give, or touch, permissions that you do not have yourself.",
            Self::NotOneself => "You cannot suspend your own account.",
            Self::LastAdministrator => "This is the last administrator: make another one first.",
            Self::SecondFactorExists => "Your account has a second factor already: give it up first.",
            Self::NoSecondFactor => "Your account has no second factor: begin with POST /auth/second-factor/totp.",
            Self::WrongCode => "The code is wrong, or was used already: wait for the next one.",
            Self::SecondFactorRequired { .. } => {
                "Your password is right; now a code of your second factor: POST /auth/login/second-factor with this ticket; or \
                 a passkey: POST /auth/login/second-factor/passkey/begin."
            }
            Self::TicketOver => "This took too long, or too many codes were wrong: give your password again.",
            Self::PasskeysOff => {
                "There are no passkeys here: browsers take none from a shop that is reached by an IP address."
            }
            Self::NoSuchPasskey => "You have no such passkey.",
            Self::TooManyPasskeys => "You have 20 passkeys, which is as many as are kept: remove one first.",
            Self::PasskeyExists => "This passkey opens an account already.",
            Self::UnknownPasskey => "The passkey is not known here, or it took too long: begin again.",
            Self::WrongPasskey => "This is none of your passkeys, or it took too long: begin again.",
            Self::PasskeyCopied => {
                "This passkey counts back, as a copy of it would: it is not taken. Log in another way, and remove it."
            }
            Self::PasskeyRequired => "Your second factor is a passkey: POST /auth/step-up/passkey.",
            Self::TooManyQuestions { wait } => {
                return format!("Too many logins by passkey were begun: try again in {} s.", seconds(*wait));
            }
            Self::NoSuchAddress => "You have no such address.",
            Self::TooManyAddresses => "You have 50 addresses, which is as many as are kept: delete one first.",
            Self::NoProvider => "Nobody signs in with another provider here.",
            Self::OutsideLoginOver => "This took too long, or was begun in another browser: begin again.",
            Self::ProviderEmail => {
                "The provider does not say that your e-mail address is confirmed: confirm it there, or register here."
            }
            Self::Outside(OutsideError::Away(_)) => {
                "The provider does not answer at this moment: try again, or log in by password."
            }
            Self::Outside(_) => "The provider did not confirm who you are: begin again.",
            Self::NoSuchErasure => "Nobody wants this account erased.",
            Self::ErasureBegun => "It is too late: the account is being erased.",
            Self::NoSuchExport => "There is no such copy of anybody's data, or this link to it works no more.",
            Self::NoSuchKey => "There is no such API key that works.",
            Self::UnknownKey => "This API key is unknown, or works no more.",
            Self::NoSuchSession => "You have no such session: perhaps it is over.",
            Self::UnknownToken => "This link is not valid: open the one in the newest mail, or ask for a new one.",
            Self::TokenExpired => "This link has expired, and what was registered with it: register again.",
            Self::TokenUsed => "Your address has an account already: log in.",
            Self::TokenEnded => {
                "Too many passwords were tried with this link: ask for a new one with POST /auth/resend-verification."
            }
            Self::Busy => "Too many passwords are being checked at this moment: try again in a few seconds.",
            Self::NoSuchAccount => "There is no such account.",
            Self::NoSuchVerification => "There is no such verification.",
            Self::NoSuchRegistration => "There is no such registration.",
            Self::Hashing(_) | Self::Passkeys(_) => "Something went wrong on our side. It has been logged.",
            Self::Guest(cause) => return cause.public(),
            Self::Kit(cause) => return cause.public(),
        };
        text.to_owned()
    }

    fn members(&self) -> Map<String, Value> {
        match self {
            Self::SecondFactorRequired { ticket, methods } => {
                Map::from_iter([("ticket".to_owned(), json!(ticket)), ("methods".to_owned(), json!(methods))])
            }
            _ => Map::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyFailures { wait } | Self::TooManyMails { wait } | Self::TooManyQuestions { wait } => {
                Some(*wait)
            }
            Self::Guest(cause) => cause.retry_after(),
            _ => None,
        }
    }
}

/// Whole seconds, rounded up.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

#[cfg(test)]
mod tests;
