//! `/users/roles`: what staff may do is data.

use super::{manage_user::by, tokens::PermissionView};
use crate::{
    Error,
    changes::roles::{self as change, Wanted},
    domain::role_name,
    state::App,
    store::roles::{self, Role},
};
use axum::{Json, extract::State};
use contracts::access::{ManageRoles, Permission, ReadUsers};
use http::{HeaderName, StatusCode, header};
use serde::{Deserialize, Serialize};
use service_kit::{
    ClientAddress, Problem,
    auth::{Fresh, Staff},
    extract::{Body, Path},
    if_match::IfMatch,
    text,
};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = Role)]
pub(crate) struct RoleView {
    name: String,
    title: String,
    permissions: Vec<Permission>,
    /// Whether it permits nothing in a session that began without a second factor.
    needs_second_factor: bool,
    /// Came with the platform and stays.
    built_in: bool,
    /// Name it in If-Match.
    version: i64,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        Self {
            name: role.name,
            title: role.title,
            permissions: role.permissions.iter().collect(),
            needs_second_factor: role.needs_second_factor,
            built_in: role.built_in,
            version: role.version,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Roles)]
pub(crate) struct RolesView {
    /// By name.
    roles: Vec<RoleView>,
    /// What roles are made of.
    permissions: Vec<PermissionView>,
}

/// All roles, and what they can be made of.
#[utoipa::path(
    get, path = "/users/roles", tag = "staff", security(("bearer" = ["users:read"])),
    responses((status = 200, description = "All of them.", body = RolesView))
)]
pub(crate) async fn list_roles(_staff: Staff<ReadUsers>, State(app): State<App>) -> Result<Json<RolesView>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let roles = roles::list(&mut connection).await.map_err(Error::from)?.into_iter().map(RoleView::from).collect();
    Ok(Json(RolesView { roles, permissions: Permission::ALL.iter().copied().map(PermissionView::from).collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MakeRoleRequest)]
pub(crate) struct MakeRoleBody {
    #[schema(min_length = 1, max_length = 50, pattern = "^[a-z][a-z0-9_-]*$", examples("night_shift"))]
    name: String,
    #[schema(min_length = 1, max_length = 100, examples("Night shift"))]
    title: String,
    permissions: Vec<Permission>,
    #[serde(default)]
    needs_second_factor: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeRoleRequest)]
pub(crate) struct ChangeRoleBody {
    #[schema(min_length = 1, max_length = 100, examples("Night shift"))]
    title: String,
    permissions: Vec<Permission>,
    #[serde(default)]
    needs_second_factor: bool,
}

impl ChangeRoleBody {
    fn wanted(self) -> Result<Wanted, Problem> {
        let title = text::line(&self.title, 100).map_err(|why| Problem::field("/title", why.to_string()))?;
        let permissions = self.permissions.into_iter().collect();
        Ok(Wanted { title, permissions, needs_second_factor: self.needs_second_factor })
    }
}

type Tagged = ([(HeaderName, String); 1], Json<RoleView>);

fn tagged(role: Role) -> Tagged {
    ([(header::ETAG, format!("\"{}\"", role.version))], Json(role.into()))
}

/// Makes a role, of permissions that you have yourself.
#[utoipa::path(
    post, path = "/users/roles", tag = "staff", security(("bearer" = ["roles:manage"])), request_body = MakeRoleBody,
    responses(
        (status = 201, description = "The role.", body = RoleView, headers(("ETag" = String, description = "Its version."))),
        (status = 401, description = "As everywhere; and `step_up_required`."),
        (status = 403, description = "`forbidden`, `beyond_own_permissions`."),
        (status = 409, description = "`role_exists`.")
    )
)]
pub(crate) async fn make_role(
    Fresh(staff): Fresh<Staff<ManageRoles>>,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<MakeRoleBody>,
) -> Result<(StatusCode, Tagged), Problem> {
    let name = role_name(&request.name).map_err(|why| Problem::field("/name", why))?;
    let MakeRoleBody { title, permissions, needs_second_factor, .. } = request;
    let wanted = ChangeRoleBody { title, permissions, needs_second_factor }.wanted()?;
    let mut tx = app.kit.database.begin("make_role").await?;
    let role = change::make(&app, &mut tx, by(&staff, client), &name, wanted).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok((StatusCode::CREATED, tagged(role)))
}

/// Changes what a role permits: takes effect for all who have it within seconds.
#[utoipa::path(
    put, path = "/users/roles/{name}", tag = "staff", security(("bearer" = ["roles:manage"])),
    params(("name" = String, Path, pattern = "^[a-z0-9_-]+$"), IfMatch), request_body = ChangeRoleBody,
    responses(
        (status = 200, description = "The role.", body = RoleView, headers(("ETag" = String, description = "Its version."))),
        (status = 401, description = "As everywhere; and `step_up_required`."),
        (status = 403, description = "`forbidden`, `beyond_own_permissions`."),
        (status = 409, description = "`fixed_role`: what customers and administrators may do is fixed.")
    )
)]
pub(crate) async fn change_role(
    Fresh(staff): Fresh<Staff<ManageRoles>>,
    client: ClientAddress,
    State(app): State<App>,
    Path(name): Path<String>,
    based_on: IfMatch,
    Body(request): Body<ChangeRoleBody>,
) -> Result<Tagged, Problem> {
    let name = role_name(&name).map_err(|_| Error::NoSuchRole)?;
    let wanted = request.wanted()?;
    let mut tx = app.kit.database.begin("change_role").await?;
    let role = change::change(&app, &mut tx, by(&staff, client), (&name, &based_on), wanted).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(tagged(role))
}

/// Takes a role away that nobody has.
#[utoipa::path(
    delete, path = "/users/roles/{name}", tag = "staff", security(("bearer" = ["roles:manage"])),
    params(("name" = String, Path, pattern = "^[a-z0-9_-]+$")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "As everywhere; and `step_up_required`."),
        (status = 403, description = "`forbidden`, `beyond_own_permissions`."),
        (status = 409, description = "`role_in_use`, `fixed_role`.")
    )
)]
pub(crate) async fn delete_role(
    Fresh(staff): Fresh<Staff<ManageRoles>>,
    client: ClientAddress,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let name = role_name(&name).map_err(|_| Error::NoSuchRole)?;
    let mut tx = app.kit.database.begin("delete_role").await?;
    change::delete(&app, &mut tx, by(&staff, client), &name).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(StatusCode::NO_CONTENT)
}
