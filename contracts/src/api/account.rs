//! What people say to user-service about their own account, and what it answers: read by the pages too.

use crate::{AccountId, SessionId, access::Permissions};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Body of `POST /auth/verify-email`.
// Without `Debug`: it would end up in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VerifyRequest)]
pub struct VerifyEmailBody {
    /// From the link in the mail.
    pub token: String,
    /// The one that was registered with. Five wrong ones end the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// In place of `password`, from the owner of the mailbox who does not know it: a password of their own, as when
    /// registering. Nothing of what was registered is kept then but the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 8, max_length = 256)]
    pub new_password: Option<String>,
    /// With `new_password`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// With `new_password`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
}

/// Its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = VerifyAnswer)]
pub struct VerifiedView {
    /// A sentence for whoever confirmed it.
    pub message: String,
}

/// Body of `POST /auth/register`.
// Without `Debug`, as all that follow with a password or a token: it would end up in a log.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RegisterRequest)]
pub struct RegisterBody {
    /// Given name.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        examples("Ada")
    )]
    pub first_name: String,
    /// Family name.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        examples("Lovelace")
    )]
    pub last_name: String,
    /// Where parcels usually go; may be left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300, pattern = r"^[^\x00-\x1F\x7F-\x9F]*$")]
    pub address: Option<String>,
    /// Where the link to confirm it is sent.
    #[schema(format = "idn-email", min_length = 3, max_length = 254, examples("ada@example.com"))]
    pub email: String,
    /// May be left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300, pattern = r"^[^\x00-\x1F\x7F-\x9F]*$")]
    pub phone: Option<String>,
    /// 8 to 256 characters, 15 or more are better; none of the passwords that are tried first. Keep it until the
    /// address is confirmed: the link in the mail asks for it.
    #[schema(min_length = 8, max_length = 256, examples("correct horse battery"))]
    pub password: String,
}

/// Body of `POST /auth/login`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LoginRequest)]
pub struct LoginBody {
    /// The account's address.
    pub email: String,
    /// Its password.
    pub password: String,
    /// From an earlier login on this device: strangers' wrong passwords do not slow it down then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_token: Option<String>,
}

/// Body of `POST /auth/login/second-factor`, which is answered as a login is.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LoginSecondFactorRequest)]
pub struct LoginSecondFactorBody {
    /// From the problem `second_factor_required` that the password was answered with.
    pub ticket: String,
    /// Six digits from the app, or a recovery code.
    #[schema(max_length = 40)]
    pub code: String,
}

/// Body of `POST /auth/step-up`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StepUpRequest)]
pub struct StepUpBody {
    /// The account's.
    pub password: String,
    /// With a second factor: six digits from the app, or a recovery code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40)]
    pub code: Option<String>,
}

/// Its answer.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = SteppedUp)]
pub struct SteppedUpView {
    /// Send it as `Authorization: Bearer …`.
    pub token: String,
    /// How it is sent.
    #[schema(examples("Bearer"))]
    pub token_type: String,
    /// Seconds until the token ends.
    pub expires_in: i64,
    /// Seconds for which the proof counts.
    pub fresh_for: i64,
}

/// Answer of `GET /auth/provider`: whom one can sign in with elsewhere.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Provider)]
pub struct ProviderView {
    /// What people know it by.
    pub name: String,
}

/// Answer of `POST /auth/provider/begin`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ProviderBegun)]
pub struct ProviderBegunView {
    /// What the browser keeps, to show that it is the one which began.
    pub token: String,
    /// Where it goes.
    pub url: String,
}

/// Body of `POST /auth/provider/finish`, which is answered as a login is.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProviderFinishRequest)]
pub struct ProviderFinishBody {
    /// As the login was begun.
    pub token: String,
    /// What the browser came back with.
    pub state: String,
    /// As with `state`.
    #[schema(max_length = 4096)]
    pub code: String,
    /// As with `state`, where the provider names itself (RFC 9207).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
}

/// Body of `POST /auth/refresh`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RefreshRequest)]
pub struct RefreshBody {
    /// The one given last.
    pub refresh_token: String,
}

/// Answer of `POST /auth/refresh`, and part of a login's: what a person goes on with.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Tokens)]
pub struct TokensView {
    /// Send it as `Authorization: Bearer …`.
    pub token: String,
    /// How it is sent.
    #[schema(examples("Bearer"))]
    pub token_type: String,
    /// Seconds until the token ends.
    pub expires_in: i64,
    /// For `POST /auth/refresh`, once: the answer holds the next.
    pub refresh_token: String,
    /// Until then, unless it is used before.
    #[serde(with = "time::serde::rfc3339")]
    pub refresh_expires_at: OffsetDateTime,
    /// Which session they belong to.
    pub session_id: SessionId,
    /// What the token permits with what is not its owner's (RFC 6749, 5.1): names with spaces between, none for a customer.
    #[serde(default)]
    #[schema(value_type = String, examples("orders:read orders:fulfil"))]
    pub scope: Permissions,
}

/// Answer of `POST /auth/login`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LoginAnswer)]
pub struct LoginView {
    /// What the person goes on with.
    #[serde(flatten)]
    pub tokens: TokensView,
    /// For the next login on this device.
    pub device_token: String,
    /// Whose they are.
    pub user: CurrentUserView,
}

/// Answer of `GET /auth/current-user`: the account of the token's owner. Personal data.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = CurrentUser)]
pub struct CurrentUserView {
    /// The account.
    pub id: AccountId,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Confirmed, where `verified` says so.
    pub email: String,
    /// As it was typed.
    pub phone: Option<String>,
    /// As it was typed.
    pub address: Option<String>,
    /// Its role's name.
    #[schema(examples("customer", "support", "admin"))]
    pub role: String,
    /// Whether the address is confirmed.
    pub verified: bool,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// Body of `PATCH /auth/current-user`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeProfileRequest)]
pub struct ChangeProfileBody {
    /// Left out, it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub first_name: Option<String>,
    /// Left out, it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub last_name: Option<String>,
    /// Left out, it stays; empty, there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub phone: Option<String>,
}

/// Of `GET /auth/sessions`: where one is logged in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// What it is ended by.
    pub id: SessionId,
    /// What it began on.
    #[schema(examples("Firefox on Linux"))]
    pub device: String,
    /// Where it was last seen: an IPv4 address, or the /64 of an IPv6 one.
    #[schema(examples("192.0.2.7", "2001:db8::/64"))]
    pub client: String,
    /// Where that is, in English; absent where the operator has no database of places, or it does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(examples("Berlin, Germany"))]
    pub place: Option<String>,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was used last.
    #[serde(with = "time::serde::rfc3339")]
    pub last_seen_at: OffsetDateTime,
    /// When it ends unless it is used before.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// Whether it began with a second factor.
    pub second_factor: bool,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// A sentence for whoever did something.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Done)]
pub struct DoneView {
    /// What was done, and what to do next.
    pub message: String,
}

/// Body of `POST /auth/resend-verification`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResendRequest)]
pub struct ResendBody {
    /// The address that was registered.
    #[schema(format = "idn-email", min_length = 3, max_length = 254)]
    pub email: String,
}

/// Body of `POST /auth/forgot-password`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ForgotPasswordRequest)]
pub struct ForgotPasswordBody {
    /// The account's address.
    #[schema(format = "idn-email", min_length = 3, max_length = 254)]
    pub email: String,
}

/// Body of `POST /auth/reset-password`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResetPasswordRequest)]
pub struct ResetPasswordBody {
    /// From the link in the mail.
    pub token: String,
    /// 8 to 256 characters, 15 or more are better; none of the passwords that are tried first.
    #[schema(min_length = 8, max_length = 256)]
    pub new_password: String,
}

/// Body of `POST /auth/change-password`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangePasswordRequest)]
pub struct ChangePasswordBody {
    /// The one until now.
    pub password: String,
    /// 8 to 256 characters, 15 or more are better; none of the passwords that are tried first.
    #[schema(min_length = 8, max_length = 256)]
    pub new_password: String,
}

/// Body of `POST /auth/change-email`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeEmailRequest)]
pub struct ChangeEmailBody {
    /// The new address.
    #[schema(format = "idn-email", min_length = 3, max_length = 254)]
    pub email: String,
    /// The account's.
    pub password: String,
}

/// Body of `POST /auth/confirm-email`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmEmailRequest)]
pub struct ConfirmEmailBody {
    /// From the link in the mail.
    pub token: String,
}

/// Body of `POST /auth/accept-invitation`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AcceptInvitationRequest)]
pub struct AcceptInvitationBody {
    /// From the link in the mail.
    pub token: String,
    /// Given name.
    #[schema(min_length = 1, max_length = 100)]
    pub first_name: String,
    /// Family name.
    #[schema(min_length = 1, max_length = 100)]
    pub last_name: String,
    /// 8 to 256 characters, 15 or more are better; none of the passwords that are tried first.
    #[schema(min_length = 8, max_length = 256)]
    pub password: String,
}
