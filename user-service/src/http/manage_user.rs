//! What staff do to an account: suspend and restore it, end its sessions, give it a role.

use crate::{
    Error,
    changes::staff::{self, By},
    state::App,
};
use axum::{Json, extract::State};
use contracts::{
    AccountId,
    access::{ManageRoles, ManageUsers, Permit},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service_kit::{
    ClientAddress, Problem,
    auth::{Fresh, Staff},
    extract::{Body, Path},
    text,
};
use utoipa::ToSchema;

pub(super) fn by<P: Permit>(staff: &Staff<P>, client: ClientAddress) -> By {
    By { actor: staff.actor, permissions: staff.permissions, client }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SuspendRequest)]
pub(crate) struct SuspendBody {
    /// For colleagues, in the audit log; no name and no address.
    #[schema(min_length = 1, max_length = 300)]
    reason: String,
}

/// Suspends an account: nobody gets in with it, and whoever is in is out within seconds.
#[utoipa::path(
    post, path = "/users/{id}/suspend", tag = "staff", security(("bearer" = ["users:manage"])),
    params(("id" = AccountId, Path)), request_body = SuspendBody,
    responses(
        (status = 204, description = "It is suspended."),
        (status = 403, description = "`forbidden`; `beyond_own_permissions`: it may do what you may not."),
        (status = 409, description = "`last_administrator`, `not_oneself`.")
    )
)]
pub(crate) async fn suspend_user(
    staff: Staff<ManageUsers>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<AccountId>,
    Body(request): Body<SuspendBody>,
) -> Result<StatusCode, Problem> {
    let reason = text::line(&request.reason, 300).map_err(|why| Problem::field("/reason", why.to_string()))?;
    let mut tx = app.kit.database.begin("suspend_user").await?;
    staff::suspend(&app, &mut tx, by(&staff, client), id, &reason).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Restores a suspended account; one that is not suspended stays as it is.
#[utoipa::path(
    post, path = "/users/{id}/restore", tag = "staff", security(("bearer" = ["users:manage"])),
    params(("id" = AccountId, Path)),
    responses(
        (status = 204, description = "They get in again."),
        (status = 403, description = "`forbidden`, `beyond_own_permissions`.")
    )
)]
pub(crate) async fn restore_user(
    staff: Staff<ManageUsers>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<AccountId>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.kit.database.begin("restore_user").await?;
    staff::restore(&app, &mut tx, by(&staff, client), id).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoggedOut)]
pub(crate) struct LoggedOutView {
    /// How many sessions there were.
    ended: usize,
}

/// Ends all sessions of somebody.
#[utoipa::path(
    delete, path = "/users/{id}/sessions", tag = "staff", security(("bearer" = ["users:manage"])),
    params(("id" = AccountId, Path)),
    responses(
        (status = 200, description = "They have ended.", body = LoggedOutView),
        (status = 403, description = "`forbidden`, `beyond_own_permissions`.")
    )
)]
pub(crate) async fn end_user_sessions(
    staff: Staff<ManageUsers>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<AccountId>,
) -> Result<Json<LoggedOutView>, Problem> {
    let mut tx = app.kit.database.begin("end_user_sessions").await?;
    let ended = staff::log_out(&app, &mut tx, by(&staff, client), id).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(Json(LoggedOutView { ended }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GiveRoleRequest)]
pub(crate) struct GiveRoleBody {
    #[schema(max_length = 50, pattern = "^[a-z0-9_-]*$", examples("support"))]
    role: String,
}

/// Gives an account another role, of those that permit nothing that you may not. Takes effect within seconds.
#[utoipa::path(
    put, path = "/users/{id}/role", tag = "staff", security(("bearer" = ["roles:manage"])),
    params(("id" = AccountId, Path)), request_body = GiveRoleBody,
    responses(
        (status = 204, description = "It is given."),
        (status = 401, description = "As everywhere; and `step_up_required`."),
        (status = 403, description = "`forbidden`, `beyond_own_permissions`."),
        (status = 409, description = "`last_administrator`.")
    )
)]
pub(crate) async fn give_role(
    Fresh(staff): Fresh<Staff<ManageRoles>>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<AccountId>,
    Body(request): Body<GiveRoleBody>,
) -> Result<StatusCode, Problem> {
    let role = crate::domain::role_name(&request.role).map_err(|why| Problem::field("/role", why))?;
    let mut tx = app.kit.database.begin("give_role").await?;
    staff::set_role(&app, &mut tx, by(&staff, client), id, &role).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(StatusCode::NO_CONTENT)
}
