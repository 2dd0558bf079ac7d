//! `GET /orders/withdrawals`: what people declared, for staff.

use super::list_notes::All;
use crate::{
    error::Error,
    state::App,
    store::withdrawals::{self, WithdrawalRow},
};
use axum::{Json, extract::State};
use contracts::{access::ReadOrders, api::withdrawal::WithdrawalView};
use service_kit::{
    Problem,
    auth::Staff,
    extract::Listed,
    paging::{List, Page, PageQuery},
};
use sqlx::PgConnection;
use uuid::Uuid;

/// Where a page ends: among those that were closed or not, and behind which.
type Place = (bool, Uuid);

/// All declarations of withdrawal: those that nobody has closed, the oldest first, and then the others, the newest first.
#[utoipa::path(
    get, path = "/orders/withdrawals", tag = "withdrawals", security(("bearer" = ["orders:read"])), params(PageQuery),
    responses((status = 200, description = "A page of declarations.", body = Page<WithdrawalView>))
)]
pub(crate) async fn list_withdrawals(
    _staff: Staff<ReadOrders>,
    State(app): State<App>,
    Listed { page, filter: All {} }: Listed<All>,
) -> Result<Json<Page<WithdrawalView>>, Problem> {
    let limit = page.limit()?;
    let list = List::new("withdrawals", &());
    let after: Option<Place> = list.after(page.after.as_deref())?;
    let mut connection = app.kit.database.acquire().await?;
    let rows = read(&mut connection, after, limit + 1).await?;
    Ok(Json(list.page(rows, limit, |row| (row.closed_at.is_some(), row.id)).map(view)))
}

async fn read(connection: &mut PgConnection, after: Option<Place>, limit: i64) -> Result<Vec<WithdrawalRow>, Error> {
    let (open_after, closed_before) = match after {
        None => (Some(Uuid::nil()), Uuid::max()),
        Some((false, id)) => (Some(id), Uuid::max()),
        Some((true, id)) => (None, id),
    };
    let mut rows = match open_after {
        Some(after) => withdrawals::open(connection, after, limit).await?,
        None => Vec::new(),
    };
    let left = limit.saturating_sub(i64::try_from(rows.len()).unwrap_or(i64::MAX));
    if left > 0 {
        rows.extend(withdrawals::closed(connection, closed_before, left).await?);
    }
    Ok(rows)
}

pub(super) fn view(row: WithdrawalRow) -> WithdrawalView {
    WithdrawalView {
        id: row.id.into(),
        order_number: row.order_number,
        order_id: row.order_id.map(Into::into),
        customer_id: row.customer_id.map(Into::into),
        name: row.name,
        email: row.email,
        reason: row.reason,
        received_at: row.received_at,
        closed_at: row.closed_at,
        closed_by: row.closed_by,
        outcome: row.outcome,
    }
}
