//! Work without input and output whose instructions the gate counts (`bench/counted`).

use crate::http::PlaceOrderBody;

/// Whether the body of `POST /orders` is a wish.
#[must_use]
pub fn a_request_is_read(body: &[u8]) -> bool {
    serde_json::from_slice::<PlaceOrderBody>(body).is_ok_and(|body| body.parse(i64::MAX).is_ok())
}
