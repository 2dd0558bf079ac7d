//! Staff changes what is on hand, by movements.

use crate::{
    domain::{Adjustment, Level},
    error::Error,
    store::{
        movements::NewMovement,
        stock::{self, Move},
    },
};
use contracts::ProductId;
use service_kit::By;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) product_id: ProductId,
    pub(crate) adjustment: Adjustment,
    /// Who of the staff.
    pub(crate) by: By,
}

/// The level after each, in their order. Never below what is reserved.
pub(crate) async fn adjust(
    connection: &mut PgConnection,
    wishes: &[Wish],
    at: OffsetDateTime,
) -> Result<Vec<Result<Level, Error>>, Error> {
    let ids: Vec<Uuid> = wishes.iter().map(|wish| wish.product_id.uuid()).collect();
    let levels = stock::lock(connection, &ids).await?;
    let mut levels: BTreeMap<ProductId, Level> = levels.into_iter().map(|level| (level.product_id, level)).collect();
    let answers: Vec<Result<Level, Error>> = wishes.iter().map(|wish| decide(&mut levels, wish)).collect();
    record(connection, wishes, &answers, at).await?;
    Ok(answers)
}

fn decide(levels: &mut BTreeMap<ProductId, Level>, wish: &Wish) -> Result<Level, Error> {
    let level = levels.get_mut(&wish.product_id).ok_or(Error::NoSuchProduct)?;
    let &mut Level { on_hand, reserved, .. } = level;
    let change = wish.adjustment.quantity;
    *level = level.adjusted(&wish.adjustment).ok_or(Error::BelowReserved { on_hand, reserved, change })?;
    Ok(level.clone())
}

async fn record(
    connection: &mut PgConnection,
    wishes: &[Wish],
    answers: &[Result<Level, Error>],
    at: OffsetDateTime,
) -> Result<(), Error> {
    let (mut moves, mut movements) = (Vec::new(), Vec::new());
    for (wish, answer) in wishes.iter().zip(answers) {
        let Ok(Level { variant_id, location, .. }) = answer else { continue };
        let Wish { product_id, adjustment, by } = wish;
        let (variant_id, location, quantity) = (*variant_id, location.clone(), adjustment.quantity);
        moves.push(Move { variant_id, location: location.clone(), on_hand: quantity, reserved: 0 });
        let reason = adjustment.reason.as_str();
        movements.push(NewMovement {
            variant_id,
            location,
            kind: adjustment.kind(),
            quantity,
            reason: Some(reason),
            note: adjustment.note.clone(),
            account_id: Some(by.actor.uuid()),
            order_id: None,
            at,
        });
        tracing::info!(product.id = %product_id, quantity, reason, "stock adjusted");
    }
    stock::write(connection, &moves, &movements).await?;
    Ok(())
}
