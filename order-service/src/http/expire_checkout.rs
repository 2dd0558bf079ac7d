//! `POST /internal/checkouts/{checkout_id}/expire`: product-service asks before it lets a reservation expire.

use crate::{
    changes::expire::{self, LetGo},
    error::Error,
    state::App,
};
use axum::{Json, extract::State};
use contracts::{CheckoutId, ServiceName, api::order::CheckoutExpiry};
use service_kit::{
    Problem,
    auth::{Caller, Callers},
    each,
    extract::Path,
    one,
};

pub(crate) struct StockKeeper;

impl Callers for StockKeeper {
    const ALLOWED: &'static [ServiceName] = &[ServiceName::Product];
}

/// Whether the reservation of a checkout may expire: no live order holds it, and from this answer on none ever will.
///
/// A mere look would leave a gap: an order stored between the answer and the expiry would be paid for stock that was
/// given back. So the question claims the checkout, as an order would.
#[utoipa::path(
    post, path = "/internal/checkouts/{checkout_id}/expire", tag = "services",
    security(("service" = ["product-service"])),
    params(("checkout_id" = CheckoutId, Path)),
    responses((status = 200, description = "Whether it may.", body = CheckoutExpiry))
)]
pub(crate) async fn expire_checkout(
    _caller: Caller<StockKeeper>,
    State(app): State<App>,
    Path(id): Path<CheckoutId>,
) -> Result<Json<CheckoutExpiry>, Problem> {
    Ok(Json(one(let_go(&app, vec![id]).await)?))
}

pub(crate) async fn let_go(app: &App, ids: Vec<CheckoutId>) -> Vec<Result<CheckoutExpiry, Error>> {
    let done = async {
        let mut tx = app.kit.database.begin("expire_checkout").await?;
        let let_go = expire::let_go(&mut tx, &ids).await?;
        let _committed = tx.commit().await?;
        let told = |(id, let_go): (&CheckoutId, LetGo)| {
            Ok(CheckoutExpiry { checkout_id: *id, expired: let_go != LetGo::Never })
        };
        Ok(ids.iter().zip(let_go).map(told).collect())
    };
    each(done.await, ids.len())
}
