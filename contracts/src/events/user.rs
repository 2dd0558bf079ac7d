//! What user-service announces. No personal data: who needs a contact asks user-service when it needs it.

use crate::AccountId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserRegistered)]
pub struct Registered {
    pub account_id: AccountId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserVerificationRequested)]
pub struct VerificationRequested {
    pub account_id: AccountId,
}

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
