//! What user-service announces. No personal data: who needs a contact asks user-service when it needs it.

use crate::{AccountId, AccountRequestId, ErasureId, ExportId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

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

/// Somebody asked for a new password for an address that has an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserPasswordResetRequested)]
pub struct PasswordResetRequested {
    /// The account.
    pub account_id: AccountId,
    /// What was asked for.
    pub request_id: AccountRequestId,
}

/// An account has another password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserPasswordChanged)]
pub struct PasswordChanged {
    /// The account.
    pub account_id: AccountId,
}

/// The owner of an account wants another address: whoever has its mailbox confirms that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserEmailChangeRequested)]
pub struct EmailChangeRequested {
    /// The account.
    pub account_id: AccountId,
    /// What was asked for.
    pub request_id: AccountRequestId,
}

/// An account has another address: that is told at the old one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserEmailChanged)]
pub struct EmailChanged {
    /// The account.
    pub account_id: AccountId,
    /// What was asked for.
    pub request_id: AccountRequestId,
}

/// Somebody is invited to work for the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserInvited)]
pub struct Invited {
    /// The invitation.
    pub request_id: AccountRequestId,
}

/// Somebody tries passwords of an account; its owner is told, once a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserLoginsSlowedDown)]
pub struct LoginsSlowedDown {
    /// The account.
    pub account_id: AccountId,
}

/// An account is to be erased: its owner is told, and how to keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserErasureRequested)]
pub struct ErasureRequested {
    /// The account.
    pub account_id: AccountId,
    /// The erasure.
    pub erasure_id: ErasureId,
}

/// An account is gone, and with it who it belonged to: whoever keeps anything of that person erases it, and announces that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserErased)]
pub struct Erased {
    /// The account that was.
    pub account_id: AccountId,
    /// Registrations, invitations and guests with the same address: mails, and what guests ordered, were filed under their
    /// ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Uuid>,
}

/// The owner of a mailbox has an account: what a guest ordered with that address belongs to it from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserGuestJoined)]
pub struct GuestJoined {
    /// The guest, by whose id orders were announced before and may be for a while.
    pub guest_id: AccountId,
    /// The account.
    pub account_id: AccountId,
}

/// A person wants to have all that is kept of them: each service hands its part to user-service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserExportRequested)]
pub struct ExportRequested {
    /// Whose data.
    pub account_id: AccountId,
    /// The export that the parts belong to.
    pub export_id: ExportId,
}

/// All parts of an export are there: its owner is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserExportReady)]
pub struct ExportReady {
    /// Whose data.
    pub account_id: AccountId,
    /// The export.
    pub export_id: ExportId,
}

/// Somebody signed in to an account with an outside provider for the first time: from now on that opens it, and its owner is
/// told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserProviderLinked)]
pub struct ProviderLinked {
    /// The account.
    pub account_id: AccountId,
    /// What people know the provider by.
    pub provider: String,
}

/// A passkey, which opens an account, was added to it or removed: its owner is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserPasskeysChanged)]
pub struct PasskeysChanged {
    /// The account.
    pub account_id: AccountId,
    /// What was done.
    pub change: PasskeyChange,
}

/// What was done with a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PasskeyChange {
    /// There is one more.
    Added,
    /// One is gone.
    Removed,
}

/// serde hands the field over by reference.
fn is_false(value: &bool) -> bool {
    !value
}
