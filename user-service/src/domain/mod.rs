//! What a valid account is made of. Pure: no HTTP, no SQL.

mod api_key;
mod device;
mod device_token;
mod email;
mod export_signature;
mod export_text;
mod guessable;
mod guest;
mod link;
mod names;
mod passkey_key;
mod password;
mod person;
mod random_text;
mod recovery_code;
mod refresh_token;
mod role_name;
mod totp;

pub(crate) use api_key::{ApiKey, OVERLAP};
pub(crate) use device::device;
pub(crate) use device_token::DeviceToken;
pub use email::key_of_stored;
pub(crate) use email::{Email, canonical, known_keys, login_name};
pub(crate) use export_signature::ExportSignature;
pub(crate) use export_text::ExportText;
pub(crate) use guest::{GUEST_VALID, Guest, GuestSecret, counted_as};
pub(crate) use link::{LinkToken, TRIES, VALID};
pub(crate) use names::{Name, OptionalText};
pub(crate) use passkey_key::PasskeyKey;
pub(crate) use password::{Password, enforced, forms};
pub(crate) use person::{Own, Person};
pub(crate) use random_text::random_text;
pub(crate) use recovery_code::{HOW_MANY, mac as recovery_code_mac, new as new_recovery_code};
pub(crate) use refresh_token::{GRACE, IDLE, LONGEST, RefreshToken};
pub(crate) use role_name::role_name;
pub(crate) use totp::TotpSecret;
