//! That somebody withdraws from a contract (directive 2011/83/EU, article 11a): what they say, what staff see of it, and what
//! its receipt is made of.

use crate::{AccountId, OrderId, WithdrawalId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// Body of `POST /orders/withdrawals`.
// Without `Debug`, as all that follow with what a person typed: it would end up in a log.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DeclareWithdrawal)]
pub struct DeclareWithdrawalBody {
    /// From which contract: the order's number, as they have it.
    #[schema(min_length = 1, max_length = 64, examples("1001"))]
    pub order_number: String,
    /// Who withdraws.
    #[schema(min_length = 1, max_length = 200, examples("Ada Lovelace"))]
    pub name: String,
    /// Where the receipt goes.
    #[schema(format = "idn-email", min_length = 3, max_length = 254, examples("ada@example.com"))]
    pub email: String,
    /// Nobody need give one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
}

/// Its answer, which does not depend on whether there is such an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WithdrawalReceived)]
pub struct WithdrawalReceivedView {
    /// The declaration.
    pub id: WithdrawalId,
    /// When it was received.
    #[serde(with = "time::serde::rfc3339")]
    pub received_at: OffsetDateTime,
}

/// A declaration, as staff see it. What somebody typed is empty once they are erased.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Withdrawal)]
pub struct WithdrawalView {
    /// The declaration.
    pub id: WithdrawalId,
    /// As it was typed.
    pub order_number: String,
    /// The order, where there is one of that number.
    #[schema(required)]
    pub order_id: Option<OrderId>,
    /// Whose order it is.
    #[schema(required)]
    pub customer_id: Option<AccountId>,
    /// As it was typed.
    pub name: String,
    /// As it was typed.
    pub email: String,
    /// As it was typed, if it was.
    #[schema(required)]
    pub reason: Option<String>,
    /// When it was received.
    #[serde(with = "time::serde::rfc3339")]
    pub received_at: OffsetDateTime,
    /// When somebody had seen to it; null while it is open.
    #[serde(with = "time::serde::rfc3339::option")]
    pub closed_at: Option<OffsetDateTime>,
    /// Who had: an account, or an API key.
    #[schema(required)]
    pub closed_by: Option<Uuid>,
    /// What came of it, in their words.
    #[schema(required)]
    pub outcome: Option<String>,
}

/// Body of `POST /orders/withdrawals/{id}/close`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CloseWithdrawal)]
pub struct CloseWithdrawalBody {
    /// What came of it, for other staff.
    #[schema(min_length = 1, max_length = 500, examples("Cancelled, the money goes back."))]
    pub outcome: String,
}

/// Answer of `GET /internal/withdrawals/{id}`: what its receipt is made of. Personal data: never stored by the asker, never
/// logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WithdrawalReceipt {
    /// Where it goes.
    pub email: String,
    /// As it was typed: not for the mailbox of anybody but the order's customer.
    pub name: String,
    /// Likewise.
    #[schema(required)]
    pub reason: Option<String>,
}
