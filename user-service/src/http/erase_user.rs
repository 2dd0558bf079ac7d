//! `/users/{id}/erasure`: staff have an account or a guest erased, for whom asked by mail or on the telephone, and see how far it is.

use super::{erasure::view, manage_user::by};
use crate::{Error, changes::erase, state::App, store::erasures};
use axum::{Json, extract::State};
use contracts::{
    AccountId,
    access::{ManageUsers, ReadUsers},
    api::personal_data::ErasureView,
};
use http::StatusCode;
use service_kit::{
    ClientAddress, Problem,
    auth::{Fresh, Staff},
    extract::Path,
};

/// Has an account erased, as its owner may: after some days, in which it can be kept. Its owner is told. A guest who has
/// joined no account is erased at once: what has not left is cancelled, and its money goes back.
#[utoipa::path(
    post, path = "/users/{id}/erasure", tag = "staff", security(("bearer" = ["users:manage"])),
    params(("id" = AccountId, Path)),
    responses(
        (status = 202, description = "It will be. Asked again, the same.", body = ErasureView),
        (status = 401, description = "As everywhere; and `step_up_required`."),
        (status = 403, description = "`forbidden`, `beyond_own_permissions`."),
        (status = 409, description = "`last_administrator`; `guest_joined`: what was ordered is in an account.")
    )
)]
pub(crate) async fn erase_user(
    Fresh(staff): Fresh<Staff<ManageUsers>>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<AccountId>,
) -> Result<(StatusCode, Json<ErasureView>), Problem> {
    let mut tx = app.kit.database.begin("erase_user").await?;
    let erasure = erase::ask_by(&app, &mut tx, id, by(&staff, client)).await?;
    let shown = view(&mut tx, &erasure).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok((StatusCode::ACCEPTED, Json(shown)))
}

/// How far the erasure of an account is, with the receipts of the services; also when the account is gone.
#[utoipa::path(
    get, path = "/users/{id}/erasure", tag = "staff", security(("bearer" = ["users:read"])),
    params(("id" = AccountId, Path)),
    responses(
        (status = 200, description = "Where it stands.", body = ErasureView),
        (status = 404, description = "`erasure_not_found`.")
    )
)]
pub(crate) async fn show_user_erasure(
    _staff: Staff<ReadUsers>,
    State(app): State<App>,
    Path(id): Path<AccountId>,
) -> Result<Json<ErasureView>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let erasure = erasures::find_of(&mut connection, id).await.map_err(Error::from)?;
    Ok(Json(view(&mut connection, &erasure.ok_or(Error::NoSuchErasure)?).await?))
}

/// Keeps an account that was to be erased.
#[utoipa::path(
    delete, path = "/users/{id}/erasure", tag = "staff", security(("bearer" = ["users:manage"])),
    params(("id" = AccountId, Path)),
    responses(
        (status = 204, description = "It is kept."),
        (status = 403, description = "`forbidden`, `beyond_own_permissions`."),
        (status = 404, description = "`erasure_not_found`."),
        (status = 409, description = "`erasure_begun`: it is too late.")
    )
)]
pub(crate) async fn keep_user(
    staff: Staff<ManageUsers>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<AccountId>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.kit.database.begin("keep_user").await?;
    let erasure = erasures::find_of(&mut tx, id).await.map_err(Error::from)?.ok_or(Error::NoSuchErasure)?;
    erase::keep_by(&app, &mut tx, &erasure, by(&staff, client)).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(StatusCode::NO_CONTENT)
}
