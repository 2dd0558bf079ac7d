//! `GET /notifications/audit`: what staff did to messages.

use crate::state::App;
use axum::{Json, extract::State};
use contracts::access::ReadAudit;
use service_kit::{
    Problem,
    audit::{self, AuditFilter, AuditView},
    auth::Staff,
    extract::Listed,
    paging::{Page, PageQuery},
};

/// The audit log of this service, newest first.
#[utoipa::path(
    get, path = "/notifications/audit", tag = "notifications", security(("bearer" = ["audit:read"])), params(PageQuery, AuditFilter),
    responses((status = 200, description = "A page of the log.", body = Page<AuditView>))
)]
pub(crate) async fn show_audit(
    _staff: Staff<ReadAudit>,
    State(app): State<App>,
    Listed { page, filter }: Listed<AuditFilter>,
) -> Result<Json<Page<AuditView>>, Problem> {
    Ok(Json(audit::page(&app.kit, &page, &filter).await?))
}
