//! `/auth/erasure`: one's own account is to be erased, or is kept after all; and how far that is, for who has the link.

use super::tokens::NO_STORE;
use crate::{
    Error,
    changes::erase,
    state::App,
    store::erasures::{self, Erasure},
};
use axum::{Json, extract::State};
use contracts::api::personal_data::{ErasureAskedView, ErasureStatus, ErasureTokenBody, ErasureView, ProgressView};
use http::{HeaderName, StatusCode};
use service_kit::{
    ClientAddress, Problem,
    audit::Entry,
    auth::{Actor, Anybody, Fresh, SignedIn},
    extract::Body,
};
use sqlx::PgConnection;

/// With the receipts that came.
pub(super) async fn view(connection: &mut PgConnection, erasure: &Erasure) -> Result<ErasureView, Error> {
    let services: Vec<_> = erase::receipts(connection, erasure).await?;
    let services: Vec<_> = services.into_iter().map(|(service, done_at)| ProgressView { service, done_at }).collect();
    let status = match erasure {
        Erasure { kept_at: Some(_), .. } => ErasureStatus::Kept,
        Erasure { erased_at: None, .. } => ErasureStatus::Waiting,
        _ if services.iter().all(|service| service.done_at.is_some()) => ErasureStatus::Done,
        _ => ErasureStatus::Erasing,
    };
    let Erasure { id, account_id, asked_at, due_at, .. } = *erasure;
    Ok(ErasureView { id, account_id, status, asked_at, due_at, services })
}

/// Has one's account erased, with all that any service keeps of oneself: after some days, in which it can be kept. A mail
/// tells its owner. Orders that have not left by then are cancelled, and their money goes back.
#[utoipa::path(
    post, path = "/auth/erasure", tag = "personal data", security(("bearer" = [])),
    responses(
        (status = 202, description = "It will be. Asked again, the same.", body = ErasureAskedView),
        (status = 401, description = "As everywhere; and `step_up_required`."),
        (status = 409, description = "`last_administrator`.")
    )
)]
pub(crate) async fn ask_for_erasure(
    Fresh(person): Fresh<SignedIn>,
    client: ClientAddress,
    State(app): State<App>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], Json<ErasureAskedView>), Problem> {
    let entry = Entry::new(Actor::Person(person.account_id), "account.erasure_requested").from(client);
    let mut tx = app.kit.database.begin("ask_for_erasure").await?;
    let erasure = erase::ask(&app, &mut tx, person.account_id, entry).await?;
    let shown = view(&mut tx, &erasure).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    let token = erase::token(&app, &erasure).as_str().to_owned();
    Ok((StatusCode::ACCEPTED, NO_STORE, Json(ErasureAskedView { erasure: shown, token })))
}

/// Whether one's account is to be erased, and when.
#[utoipa::path(
    get, path = "/auth/erasure", tag = "personal data", security(("bearer" = [])),
    responses(
        (status = 200, description = "It is.", body = ErasureView),
        (status = 404, description = "`erasure_not_found`: it is not.")
    )
)]
pub(crate) async fn show_erasure(person: SignedIn, State(app): State<App>) -> Result<Json<ErasureView>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let erasure = erasures::find_of(&mut connection, person.account_id).await.map_err(Error::from)?;
    Ok(Json(view(&mut connection, &erasure.ok_or(Error::NoSuchErasure)?).await?))
}

/// Keeps one's account after all.
#[utoipa::path(
    delete, path = "/auth/erasure", tag = "personal data", security(("bearer" = [])),
    responses(
        (status = 204, description = "It is kept."),
        (status = 404, description = "`erasure_not_found`."),
        (status = 409, description = "`erasure_begun`: it is too late.")
    )
)]
pub(crate) async fn keep_account(
    person: SignedIn,
    client: ClientAddress,
    State(app): State<App>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.kit.database.begin("keep_account").await?;
    let erasure = erasures::find_of(&mut tx, person.account_id).await.map_err(Error::from)?;
    let entry = Entry::new(Actor::Person(person.account_id), "account.kept").from(client);
    erase::keep(&app, &mut tx, &erasure.ok_or(Error::NoSuchErasure)?, entry).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(StatusCode::NO_CONTENT)
}

/// How far an erasure is, for who has its token: also when there is no account any more.
#[utoipa::path(
    post, path = "/auth/erasure/progress", tag = "personal data", request_body = ErasureTokenBody,
    responses((status = 200, description = "Where it stands.", body = ErasureView))
)]
pub(crate) async fn erasure_progress(
    _anybody: Anybody,
    State(app): State<App>,
    Body(request): Body<ErasureTokenBody>,
) -> Result<Json<ErasureView>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let erasure = erase::follow(&mut connection, &request.token).await?;
    Ok(Json(view(&mut connection, &erasure).await?))
}

/// Keeps the account, for who has the link of the mail.
#[utoipa::path(
    post, path = "/auth/erasure/keep", tag = "personal data", request_body = ErasureTokenBody,
    responses(
        (status = 204, description = "It is kept."),
        (status = 409, description = "`erasure_begun`: it is too late.")
    )
)]
pub(crate) async fn keep_account_by_link(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<ErasureTokenBody>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.kit.database.begin("keep_account_by_link").await?;
    let erasure = erase::follow(&mut tx, &request.token).await?;
    let entry = Entry::new(Actor::Person(erasure.account_id), "account.kept").from(client);
    erase::keep(&app, &mut tx, &erasure, entry).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(StatusCode::NO_CONTENT)
}
