//! `/auth/exports`: a copy of all that is kept of oneself.

use crate::{
    Error,
    changes::export,
    state::App,
    store::exports::{self, Export},
};
use axum::{Json, extract::State};
use contracts::{
    ServiceName,
    api::personal_data::{ExportView, ProgressView},
};
use http::StatusCode;
use service_kit::{
    ClientAddress, Problem,
    audit::Entry,
    auth::{Actor, Fresh, SignedIn},
    paging::Page,
};
use sqlx::PgConnection;

async fn views(app: &App, connection: &mut PgConnection, exports: Vec<Export>) -> Result<Vec<ExportView>, Error> {
    let ids: Vec<_> = exports.iter().map(|export| export.id.uuid()).collect();
    let ended = exports::ended(connection, &ids).await?;
    let view = |export: Export| {
        let done_at = |service: ServiceName| {
            let mut own = ended.iter().filter(|(id, name, _)| *id == export.id.uuid() && name == service.as_str());
            own.next().map(|(_, _, at)| *at)
        };
        let services = ServiceName::ALL.map(|service| ProgressView { service, done_at: done_at(service) }).into();
        let (url, url_expires_at) = export.ready_at.map(|_| export::link(app, &export)).unzip();
        let Export { id, asked_at, ready_at, expires_at, .. } = export;
        ExportView { id, asked_at, ready_at, expires_at, services, url, url_expires_at }
    };
    Ok(exports.into_iter().map(view).collect())
}

/// Has a copy of all that any service keeps of oneself put together. A mail tells when it is ready.
#[utoipa::path(
    post, path = "/auth/exports", tag = "personal data", security(("bearer" = [])),
    responses(
        (status = 202, description = "It is being made. Asked again within an hour, the same.", body = ExportView),
        (status = 401, description = "As everywhere; and `step_up_required`.")
    )
)]
pub(crate) async fn ask_for_export(
    Fresh(person): Fresh<SignedIn>,
    client: ClientAddress,
    State(app): State<App>,
) -> Result<(StatusCode, Json<ExportView>), Problem> {
    let entry = Entry::new(Actor::Person(person.account_id), "export.requested").from(client);
    let mut tx = app.kit.database.begin("ask_for_export").await?;
    let export = export::ask(&app, &mut tx, person.account_id, entry).await?;
    let shown = views(&app, &mut tx, vec![export]).await?.pop().ok_or(Error::NoSuchExport)?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok((StatusCode::ACCEPTED, Json(shown)))
}

/// The copies there are, the newest first, on one page; each that is ready with a link that works for an hour.
#[utoipa::path(
    get, path = "/auth/exports", tag = "personal data", security(("bearer" = [])),
    responses((status = 200, description = "All of one's copies.", body = Page<ExportView>))
)]
pub(crate) async fn list_exports(person: SignedIn, State(app): State<App>) -> Result<Json<Page<ExportView>>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let found = exports::list(&mut connection, person.account_id).await.map_err(Error::from)?;
    let now = app.kit.clock.now();
    let living = found.into_iter().filter(|export| export.expires_at > now).collect();
    Ok(Json(Page { items: views(&app, &mut connection, living).await?, next: None }))
}
