//! What user-service announces. No personal data: who needs a contact asks user-service when it needs it.

use crate::AccountId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserRegistered)]
pub struct Registered {
    pub account_id: AccountId,
    /// The address is confirmed. Older versions, which kept registrations among the accounts, announced this type without
    /// the field: the mail that asks for the confirmation is due then.
    #[serde(default, skip_serializing_if = "is_false")]
    pub confirmed: bool,
}

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
    pub account_id: AccountId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserVerified)]
pub struct Verified {
    pub account_id: AccountId,
}

/// serde hands the field over by reference.
fn is_false(value: &bool) -> bool {
    !value
}
