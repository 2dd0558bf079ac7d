//! What the gateway answers with in place of a service that is not there, or hangs.

use service_kit::{Kind, Problem};

/// 503 with `Retry-After`, as a service itself says of what it cannot reach.
pub(crate) async fn unavailable() -> Problem {
    let detail = "This part of the shop is away for a moment. Whether the request was done is unknown: send the same \
                  request again, under the same Idempotency-Key where it has one.";
    Problem::new(Kind::Unavailable, "service_away", detail)
}
