//! `POST /internal/offers`: for order-service, which tells shoppers what became of the things in their carts.

use super::{product::picture_path, reserve::Shop};
use crate::{domain::Sku, state::App, store::stock};
use axum::{Json, extract::State};
use contracts::api::product::{Offer, Offers, OffersRequest};
use service_kit::{Problem, auth::Caller, extract::Body};

/// SKUs in one call.
const MOST: usize = 200;

/// What can be bought under each SKU now. Nothing is held by it.
#[utoipa::path(
    post, path = "/internal/offers", tag = "services", security(("service" = ["order-service"])),
    request_body = OffersRequest,
    responses((status = 200, description = "What is sold of them.", body = Offers))
)]
pub(crate) async fn show_offers(
    _caller: Caller<Shop>,
    State(app): State<App>,
    Body(OffersRequest { skus }): Body<OffersRequest>,
) -> Result<Json<Offers>, Problem> {
    if skus.len() > MOST {
        return Err(Problem::field("/skus", format!("must hold no more than {MOST}")));
    }
    // What cannot be a SKU is none of ours; the database must not see it (it refuses zero bytes).
    let skus: Vec<String> = skus.into_iter().filter(|sku| Sku::parse(sku).is_ok()).collect();
    let mut connection = app.kit.database.acquire().await?;
    let found = stock::offers(&mut connection, &skus).await?;
    let offers = found.into_iter().map(|(offer, picture)| {
        let shown = Offer {
            product_id: offer.product_id,
            name: offer.name,
            unit_price: offer.unit_price,
            available: offer.available.max(0),
            picture: picture.as_deref().map(picture_path),
        };
        (offer.sku, shown)
    });
    Ok(Json(Offers { offers: offers.collect() }))
}
