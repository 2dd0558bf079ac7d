//! `POST /products/{id}/stock-adjustments`: goods came in, were counted, broke or got lost.

use super::show_stock::LevelAnswer;
use crate::{
    Error,
    app::App,
    domain::{Adjustment, Reason},
    store::stock,
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use contracts::ProductId;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service_kit::{
    Problem,
    auth::Admin,
    extract::{Body, Path},
    idempotency::{self, IdempotencyKey, Keyed},
};
use utoipa::ToSchema;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdjustStockRequest {
    /// Pieces that came in; below 0 those that went.
    #[schema(minimum = -1_000_000, maximum = 1_000_000, examples(25))]
    quantity: i64,
    reason: Reason,
    /// For colleagues; up to 300 characters.
    #[schema(max_length = 300, pattern = r"^[^\x00-\x1F\x7F-\x9F]*$")]
    note: Option<String>,
}

/// Changes what is on hand by a movement. Never below what is reserved. With an Idempotency-Key a repeat gets the
/// first answer and moves nothing.
#[utoipa::path(
    post, path = "/products/{id}/stock-adjustments", tag = "staff", security(("bearer" = ["admin"])),
    params(("id" = ProductId, Path), ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$")),
    request_body = AdjustStockRequest,
    responses(
        (status = 201, description = "The stock as it is now.", body = LevelAnswer),
        (status = 409, description = "`below_reserved`: so many pieces are promised.")
    )
)]
pub(crate) async fn adjust_stock(
    staff: Admin,
    State(app): State<App>,
    Path(id): Path<ProductId>,
    key: Option<IdempotencyKey>,
    Body(request): Body<AdjustStockRequest>,
) -> Result<Response, Problem> {
    let adjustment = Adjustment::parse(request.quantity, request.reason, request.note.as_deref());
    let adjustment = adjustment.map_err(|(pointer, why)| Problem::field(pointer, why))?;
    // The same key for another product is another request.
    let keyed = key.map(|key| Keyed::new(staff.account_id, "adjust_stock", key, &(id, &request))).transpose()?;
    let now = app.kit.clock.now();
    let mut tx = app.kit.database.begin("adjust_stock").await?;
    let level = stock::lock(&mut tx, id).await?.ok_or(Error::NoSuchProduct)?;
    // Behind the lock, so that of two with one key the second finds the first one's answer.
    if let Some(keyed) = &keyed
        && let Some(answer) = idempotency::find(&mut tx, keyed).await?
    {
        return Ok(answer.into_response());
    }
    let variant_id = level.variant_id;
    let level = stock::adjust(&mut tx, level, &adjustment, staff.account_id, now).await?;
    let answer = LevelAnswer::from(level);
    if let Some(keyed) = &keyed
        && !idempotency::store(&mut tx, keyed, StatusCode::CREATED, &answer, now).await?
    {
        // Used for another product at the same moment: `find` refuses it.
        tx.rollback().await?;
        let stored = idempotency::find(&mut *app.kit.database.pool().acquire().await?, keyed).await?;
        return Ok(stored.map(IntoResponse::into_response).ok_or(Error::NoSuchProduct)?);
    }
    let _committed = tx.commit().await?;
    app.stock_watch.mark([variant_id]);
    tracing::info!(product.id = %id, quantity = adjustment.quantity, reason = adjustment.reason.as_str(), "stock adjusted");
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}
