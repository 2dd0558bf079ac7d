//! What user-service announces. No personal data: who needs a contact asks user-service when it needs it.

use crate::AccountId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An account was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserRegistered)]
pub struct Registered {
    /// The account.
    pub account_id: AccountId,
    /// The address is confirmed. Older versions, which kept registrations among the accounts, announced this type without
    /// the field: the mail that asks for the confirmation is due then.
    #[serde(default, skip_serializing_if = "is_false")]
    pub confirmed: bool,
}

/// Somebody registered, or asked for the mail again: the owner of the address is written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserVerificationRequested)]
pub struct VerificationRequested {
    /// The registration's id: the one its account will have, if it ever becomes one.
    pub account_id: AccountId,
}

/// Announced by older versions only, which kept registrations among the accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserRegistrationRepeated)]
pub struct RegistrationRepeated {
    /// The account whose address it was.
    pub account_id: AccountId,
}

/// The owner of an account confirmed its address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserVerified)]
pub struct Verified {
    /// The account.
    pub account_id: AccountId,
}

/// serde hands the field over by reference.
fn is_false(value: &bool) -> bool {
    !value
}
