//! Paid orders left the warehouse. One that is fulfilled already stays as it is.

use super::slice::Slice;
use crate::{
    domain::Status,
    error::Error,
    state::App,
    store::order_lists::{self, OrderRow},
};
use contracts::OrderId;
use service_kit::{Cause, Tx};

/// Each as it stands then, in the order of `orders`.
pub(crate) async fn fulfil(
    app: &App,
    tx: &mut Tx,
    orders: Vec<(Cause, OrderId)>,
) -> Result<Vec<Result<OrderRow, Error>>, Error> {
    let now = app.kit.clock.now();
    let mut slice = Slice::load(tx, orders.iter().map(|(_, id)| *id)).await?;
    let mut fulfil = |(cause, id): (Cause, OrderId)| {
        let order = slice.find(id, None).ok_or(Error::NotFound)?;
        if !matches!(order.status, Status::Fulfilled { .. }) {
            slice.decide(cause, order.fulfil(now)?);
        }
        Ok(id)
    };
    let fulfilled: Vec<Result<OrderId, Error>> = orders.into_iter().map(&mut fulfil).collect();
    slice.record(app, tx).await?;
    order_lists::shown(tx, fulfilled).await
}
