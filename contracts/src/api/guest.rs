//! What somebody without an account says to user-service, and what it answers: read by the pages too.

use crate::{AccountId, CartId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Body of `POST /auth/guests`.
// Without `Debug`, as all that follow with a token: it would end up in a log.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MakeGuestRequest)]
pub struct MakeGuestBody {
    /// Where mails about the order go.
    #[schema(format = "idn-email", min_length = 3, max_length = 254, examples("ada@example.com"))]
    pub email: String,
    /// The one cart that they may order.
    pub cart_id: CartId,
    /// Chosen by whoever asks, and kept: with it they are the same guest again. 256 random bits in base64url.
    #[schema(min_length = 43, max_length = 128, pattern = "^[A-Za-z0-9_-]+$")]
    pub secret: String,
}

/// Body of `POST /auth/guests/token`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GuestTokenRequest)]
pub struct GuestTokenBody {
    /// Of the guest.
    pub secret: String,
}

/// Answer of both.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = GuestTokens)]
pub struct GuestTokensView {
    /// The customer of what they order.
    pub guest_id: AccountId,
    /// For that cart, and what was ordered of it, alone.
    pub token: String,
    /// `Bearer`.
    pub token_type: String,
    /// In seconds.
    pub expires_in: i64,
}

/// Who orders without an account, as staff see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Guest)]
pub struct GuestView {
    /// The guest, who is the customer of what they ordered.
    pub id: AccountId,
    /// As it was typed; nobody has confirmed it.
    pub email: String,
    /// Whether a mail about an order was sent there.
    pub ordered: bool,
    /// The account that has what they ordered; null where they have joined none.
    pub account_id: Option<AccountId>,
    /// When they were made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// Body of what is done by the link of a mail about a guest's order.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GuestLinkRequest)]
pub struct GuestLinkBody {
    /// From the link in the mail.
    pub token: String,
}

/// What the link leads to, for the owner of the mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = GuestLink)]
pub struct GuestLinkView {
    /// Whether the address has an account.
    pub has_account: bool,
    /// Whether what was ordered is in it.
    pub joined: bool,
}
