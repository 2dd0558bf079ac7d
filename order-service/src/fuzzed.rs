//! Doors for the fuzzers (`fuzz/`): what reads what comes over the network, without what surrounds it.

use crate::{
    domain::NewOrder,
    http::{OrderFilter, PlaceOrderBody},
};
use axum::extract::{FromRequest, Request};
use service_kit::{
    Problem,
    extract::{Body, Listed},
    postal_address::PostalAddress,
};

/// `POST /orders`, as far as the database: how many pieces, how they are paid for, and where they go.
///
/// # Errors
/// It is none.
pub async fn place(request: Request, most_pieces: i64) -> Result<(i64, String, PostalAddress), Problem> {
    let Body(body) = Body::<PlaceOrderBody>::from_request(request, &()).await?;
    let new = body.parse(most_pieces)?;
    let pieces = new.pieces();
    let NewOrder { payment_method, shipping_address, .. } = new;
    Ok((pieces, payment_method, shipping_address))
}

/// The query of `GET /orders`.
///
/// # Errors
/// It cannot be asked for so.
pub fn list(query: &str) -> Result<(), Problem> {
    Listed::<OrderFilter>::read(query).map(drop)
}
