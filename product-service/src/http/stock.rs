//! How stock is answered.

use crate::{
    domain::{Level, Reason, Status},
    error::Error,
    store::{movements::Movement, stock::Line},
};
use contracts::api::product::{AdjustmentReason, LevelView, MovementKind, MovementView, StockLineView};

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

impl TryFrom<Line> for StockLineView {
    type Error = Error;

    fn try_from(Line { level, name, status }: Line) -> Result<Self, Error> {
        let known = Status::parse(&status).ok_or(Error::Stored { what: "a product's status", value: status })?;
        Ok(Self { product_id: level.product_id, name, status: known.into(), level: level.into() })
    }
}

impl TryFrom<Movement> for MovementView {
    type Error = Error;

    fn try_from(movement: Movement) -> Result<Self, Error> {
        let Movement { position, kind, quantity, reason, note, account_id, order_id, at } = movement;
        let reason = reason.map(|text| Reason::parse(&text).ok_or(Error::Stored { what: "a reason", value: text }));
        let reason = reason.transpose()?.map(AdjustmentReason::from);
        let kind = match &*kind {
            "initial" => MovementKind::Initial,
            "restocked" => MovementKind::Restocked,
            "adjusted" => MovementKind::Adjusted,
            "shipped" => MovementKind::Shipped,
            _ => return Err(Error::Stored { what: "a movement's kind", value: kind }),
        };
        Ok(Self { position, kind, quantity, reason, note, account_id, order_id, at })
    }
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

impl From<Reason> for AdjustmentReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Restocked => Self::Restocked,
            Reason::Returned => Self::Returned,
            Reason::Counted => Self::Counted,
            Reason::Damaged => Self::Damaged,
            Reason::Lost => Self::Lost,
        }
    }
}
