//! How stock is answered.

use crate::{
    domain::{Level, Reason},
    store::movements::Movement,
};
use serde::{Deserialize, Serialize};
use service_kit::document::one_of;
use time::OffsetDateTime;
use utoipa::{ToSchema, openapi::Object};
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = StockLevel)]
pub(crate) struct LevelView {
    sku: String,
    location: String,
    on_hand: i64,
    /// Held for orders that are not shipped yet.
    reserved: i64,
    /// On hand less reserved.
    available: i64,
}

impl From<Level> for LevelView {
    fn from(level: Level) -> Self {
        Self {
            sku: level.sku,
            location: level.location,
            on_hand: level.on_hand,
            reserved: level.reserved,
            available: level.on_hand - level.reserved,
        }
    }
}

fn kinds() -> Object {
    one_of(&["initial", "restocked", "adjusted", "shipped"])
}

#[derive(Serialize, ToSchema)]
#[schema(as = StockMovement)]
pub(crate) struct MovementView {
    /// Counts up.
    position: i64,
    /// `initial`, `restocked`, `adjusted` or `shipped`.
    #[schema(schema_with = kinds)]
    kind: String,
    /// Pieces that came in; below 0 those that went.
    quantity: i64,
    #[schema(value_type = Option<AdjustmentReason>)]
    reason: Option<String>,
    note: Option<String>,
    /// Who of the staff.
    account_id: Option<Uuid>,
    /// For which order.
    order_id: Option<Uuid>,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
}

impl From<Movement> for MovementView {
    fn from(movement: Movement) -> Self {
        let Movement { position, kind, quantity, reason, note, account_id, order_id, at } = movement;
        Self { position, kind, quantity, reason, note, account_id, order_id, at }
    }
}

/// Why what is on hand changed.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AdjustmentReason {
    /// New goods came in.
    Restocked,
    /// A customer sent something back that can be sold again.
    Returned,
    /// The shelf was counted.
    Counted,
    /// Broken, to be thrown away.
    Damaged,
    /// Not to be found.
    Lost,
}

impl From<AdjustmentReason> for Reason {
    fn from(reason: AdjustmentReason) -> Self {
        match reason {
            AdjustmentReason::Restocked => Self::Restocked,
            AdjustmentReason::Returned => Self::Returned,
            AdjustmentReason::Counted => Self::Counted,
            AdjustmentReason::Damaged => Self::Damaged,
            AdjustmentReason::Lost => Self::Lost,
        }
    }
}
