//! `GET /auth/sessions`, `DELETE /auth/sessions/{id}`, `DELETE /auth/sessions` and `POST /auth/logout`: where one is logged
//! in, and how that ends.

use super::tokens::done;
use crate::{Error, changes::end_sessions, state::App, store::sessions};
use axum::{Json, extract::State};
use contracts::{
    SessionId,
    api::account::{DoneView, SessionView},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service_kit::{
    ClientAddress, Problem,
    auth::SignedIn,
    extract::{Path, Query},
    paging::Page,
};
use utoipa::{IntoParams, ToSchema};

/// Where one is logged in, the session seen last first, on one page.
#[utoipa::path(
    get, path = "/auth/sessions", tag = "sessions", security(("bearer" = [])),
    responses((status = 200, description = "All of one's sessions.", body = Page<SessionView>))
)]
pub(crate) async fn list_sessions(
    person: SignedIn,
    State(app): State<App>,
) -> Result<Json<Page<SessionView>>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let found = sessions::list(&mut connection, person.account_id, app.kit.clock.now()).await.map_err(Error::from)?;
    let view = |session: sessions::Session| SessionView {
        current: Some(session.id) == person.session_id,
        id: session.id,
        device: session.device,
        place: app.places.as_ref().and_then(|places| places.of(&session.client)),
        client: session.client,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
        second_factor: session.second_factor,
    };
    Ok(Json(Page { items: found.into_iter().map(view).collect(), next: None }))
}

/// Ends one of one's sessions, on whatever device. Within seconds no service takes its tokens any more.
#[utoipa::path(
    delete, path = "/auth/sessions/{id}", tag = "sessions", security(("bearer" = [])),
    params(("id" = SessionId, Path)), responses((status = 204, description = "It has ended."))
)]
pub(crate) async fn end_session(
    person: SignedIn,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<SessionId>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.kit.database.begin("end_session").await?;
    let ended = end_sessions::by_owner(&app, &mut tx, person.account_id, &[id.uuid()], client).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    if ended == 0 {
        return Err(Error::NoSuchSession.into());
    }
    tracing::info!(account.id = %person.account_id, session.id = %id, "a session was ended");
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Leave the session that asks.
    #[serde(default)]
    others: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = EndedSessions)]
pub(crate) struct EndedView {
    /// How many there were.
    ended: usize,
}

/// Ends all of one's sessions; with `others=true` all but the one that asks.
#[utoipa::path(
    delete, path = "/auth/sessions", tag = "sessions", security(("bearer" = [])), params(Which),
    responses((status = 200, description = "They have ended.", body = EndedView))
)]
pub(crate) async fn end_sessions(
    person: SignedIn,
    client: ClientAddress,
    State(app): State<App>,
    Query(which): Query<Which>,
) -> Result<Json<EndedView>, Problem> {
    let kept = person.session_id.filter(|_| which.others);
    let mut tx = app.kit.database.begin("end_sessions").await?;
    let ended = end_sessions::all_but_by_owner(&app, &mut tx, person.account_id, kept, client).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    tracing::info!(account.id = %person.account_id, ended, "sessions were ended");
    Ok(Json(EndedView { ended }))
}

/// Ends the session that asks; one that is over already is as it should be.
#[utoipa::path(
    post, path = "/auth/logout", tag = "sessions", security(("bearer" = [])),
    responses((status = 200, description = "Logged out.", body = DoneView))
)]
pub(crate) async fn logout(
    person: SignedIn,
    client: ClientAddress,
    State(app): State<App>,
) -> Result<Json<DoneView>, Problem> {
    let mut tx = app.kit.database.begin("logout").await?;
    if let Some(session_id) = person.session_id {
        end_sessions::by_owner(&app, &mut tx, person.account_id, &[session_id.uuid()], client).await?;
    }
    let _committed = tx.commit().await.map_err(Error::from)?;
    tracing::info!(account.id = %person.account_id, "logged out");
    Ok(done("You are logged out."))
}
