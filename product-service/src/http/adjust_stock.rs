//! `POST /products/{id}/stock-adjustments`: goods came in, were counted, broke or got lost.

use super::keyed::once_where_keyed;
use crate::{
    changes::adjust_stock::{self as change, Wish},
    domain::{Adjustment, Level},
    error::Error,
    state::App,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use contracts::{
    ProductId, VariantId,
    access::WriteStock,
    api::product::{AdjustmentReason, LevelView},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service_kit::{
    By, ClientAddress, Problem, Tx,
    audit::Entry,
    auth::Staff,
    extract::{Body, Path},
    idempotency::{IdempotencyKey, Keyed, StoredAnswer, Work},
    one,
};
use std::sync::{Mutex, PoisonError};
use utoipa::ToSchema;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdjustStockRequest)]
pub(crate) struct AdjustStockBody {
    /// Pieces that came in; below 0 those that went.
    #[schema(minimum = -1_000_000, maximum = 1_000_000, examples(25))]
    quantity: i64,
    reason: AdjustmentReason,
    /// For colleagues; up to 300 characters.
    #[schema(max_length = 300, pattern = r"^[^\x00-\x1F\x7F-\x9F]*$")]
    note: Option<String>,
}

/// Changes what is on hand by a movement. Never below what is reserved. With an Idempotency-Key a repeat gets the
/// first answer and moves nothing.
#[utoipa::path(
    post, path = "/products/{id}/stock-adjustments", tag = "staff", security(("bearer" = ["stock:write"])),
    params(("id" = ProductId, Path), ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$")),
    request_body = AdjustStockBody,
    responses(
        (status = 201, description = "The stock as it is now.", body = LevelView),
        (status = 409, description = "`below_reserved`: so many pieces are promised.")
    )
)]
pub(crate) async fn adjust_stock(
    staff: Staff<WriteStock>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<ProductId>,
    key: Option<IdempotencyKey>,
    Body(body): Body<AdjustStockBody>,
) -> Result<Response, Problem> {
    let adjustment = Adjustment::parse(body.quantity, body.reason.into(), body.note.as_deref());
    let adjustment = adjustment.map_err(|(pointer, why)| Problem::field(pointer, why))?;
    // The same key for another product is another request.
    let keyed = key.map(|key| Keyed::new(staff.actor, "adjust_stock", key, &(id, &body))).transpose()?;
    let wish = Wish { product_id: id, adjustment, by: By { actor: staff.actor, client } };
    Ok(one(adjust(&app, vec![(keyed, wish)]).await)?.into_response())
}

const ADJUST: Work = Work { name: "adjust_stock", status: StatusCode::CREATED };

/// Each once where it has a key.
pub(crate) async fn adjust(app: &App, wishes: Vec<(Option<Keyed>, Wish)>) -> Vec<Result<StoredAnswer, Error>> {
    let adjusting = Adjusting { app, moved: Mutex::default() };
    let answers = once_where_keyed(app, &adjusting, ADJUST, wishes, |adjusting, tx, wishes| {
        Box::pin(adjusting.adjust(tx, wishes))
    })
    .await;
    // What was moved by a transaction that was rolled back in the end is looked at for nothing.
    app.stock_watch.mark(adjusting.moved.into_inner().unwrap_or_else(PoisonError::into_inner));
    app.answers.forget();
    answers
}

struct Adjusting<'a> {
    app: &'a App,
    /// Whose availability changes with the commit.
    moved: Mutex<Vec<VariantId>>,
}

impl Adjusting<'_> {
    async fn adjust(&self, tx: &mut Tx, wishes: Vec<Wish>) -> Result<Vec<Result<LevelView, Error>>, Error> {
        let levels = change::adjust(tx, &wishes, self.app.kit.clock.now()).await?;
        for (wish, level) in wishes.iter().zip(&levels) {
            if let Ok(level) = level {
                self.note(tx, wish, level);
            }
        }
        let moved = levels.iter().flatten().map(|level| level.variant_id);
        self.moved.lock().unwrap_or_else(PoisonError::into_inner).extend(moved);
        Ok(levels.into_iter().map(|level| level.map(LevelView::from)).collect())
    }

    fn note(&self, tx: &mut Tx, wish: &Wish, level: &Level) {
        let By { actor, client } = wish.by;
        let change = json!({ "quantity": wish.adjustment.quantity, "reason": wish.adjustment.reason.as_str() });
        let entry = Entry::new(actor, "stock.adjusted").on(level.variant_id).from(client);
        self.app.kit.audit(tx, entry.changed(Value::Null, change));
    }
}
