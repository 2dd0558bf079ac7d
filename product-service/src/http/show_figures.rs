//! `GET /products/figures`: how many SKUs ran out, by day, for a start page.

use crate::{error::Error, state::App, store::stock_outs};
use axum::{Json, extract::State};
use contracts::{
    access::ReadStock,
    api::product::{StockDayView, StockFiguresView},
};
use serde::Deserialize;
use service_kit::{Problem, auth::Staff, extract::Query};
use std::collections::HashMap;
use time::{Date, Duration, UtcOffset};
use utoipa::IntoParams;

/// As far back as can be asked for.
const MOST_DAYS: i64 = 90;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FiguresQuery {
    /// 1 to 90, 30 unless given. The last is today.
    #[param(minimum = 1, maximum = 90, default = 30)]
    days: Option<i64>,
}

/// How many SKUs ran out, by day (UTC). What there was before they were counted is 0.
#[utoipa::path(
    get, path = "/products/figures", tag = "staff", security(("bearer" = ["stock:read"])), params(FiguresQuery),
    responses((status = 200, description = "The figures.", body = StockFiguresView))
)]
pub(crate) async fn show_figures(
    _staff: Staff<ReadStock>,
    State(app): State<App>,
    Query(query): Query<FiguresQuery>,
) -> Result<Json<StockFiguresView>, Problem> {
    let days = query.days.unwrap_or(30);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Problem::field("days", format!("must be 1 to {MOST_DAYS}")));
    }
    let first = (app.kit.clock.now().to_offset(UtcOffset::UTC) - Duration::days(days - 1)).date();
    let mut connection = app.kit.database.acquire().await?;
    let counted = stock_outs::days(&mut connection, first).await.map_err(Error::from)?;
    let counted: HashMap<Date, i64> = counted.into_iter().collect();
    let day = |number| {
        let day = first + Duration::days(number);
        StockDayView { day: day.to_string(), ran_out: counted.get(&day).copied().unwrap_or_default() }
    };
    Ok(Json(StockFiguresView { days: (0..days).map(day).collect() }))
}
