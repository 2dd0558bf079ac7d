//! `/auth/passkeys`: keys on one's devices that open the account (Web Authentication 3).

use super::tokens::NO_STORE;
use crate::{
    Error,
    changes::{log_in, passkey_ceremony::Asked, passkeys as change},
    state::App,
    store::passkeys::{self, Passkey},
};
use axum::{Json, extract::State};
use contracts::{
    PasskeyId,
    api::passkey::{AddPasskeyBody, PasskeyQuestionView, PasskeyView, RenamePasskeyBody},
};
use http::{HeaderName, StatusCode};
use service_kit::{
    ClientAddress, Problem,
    auth::{Fresh, SignedIn},
    extract::{Body, Path},
    paging::Page,
    text,
};

pub(super) type Question = ([(HeaderName, &'static str); 1], Json<PasskeyQuestionView>);

/// What a browser is asked, out of every cache.
pub(super) fn question(Asked { token, options }: Asked) -> Question {
    (NO_STORE, Json(PasskeyQuestionView { token, options }))
}

fn view(passkey: Passkey) -> PasskeyView {
    let Passkey { id, name, created_at, last_used_at, .. } = passkey;
    PasskeyView { id, name, created_at, last_used_at }
}

fn named(name: &str) -> Result<String, Problem> {
    text::line(name, 100).map_err(|why| Problem::field("/name", why.to_string()))
}

/// One's passkeys as they were added, on one page.
#[utoipa::path(
    get, path = "/auth/passkeys", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "All of them.", body = Page<PasskeyView>))
)]
pub(crate) async fn list_passkeys(
    person: SignedIn,
    State(app): State<App>,
) -> Result<Json<Page<PasskeyView>>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let found = passkeys::list(&mut connection, person.account_id).await.map_err(Error::from)?;
    Ok(Json(Page { items: found.into_iter().map(view).collect(), next: None }))
}

/// Asks the browser for a new passkey. Nothing changes until it has answered.
#[utoipa::path(
    post, path = "/auth/passkeys/begin", tag = "accounts", security(("bearer" = [])),
    responses(
        (status = 200, description = "For `navigator.credentials.create`.", body = PasskeyQuestionView),
        (status = 401, description = "As everywhere; and `step_up_required`."),
        (status = 404, description = "`passkeys_off`: the shop is reached by an IP address."),
        (status = 409, description = "`too_many_passkeys`.")
    )
)]
pub(crate) async fn begin_passkey(Fresh(person): Fresh<SignedIn>, State(app): State<App>) -> Result<Question, Problem> {
    let mut tx = app.kit.database.begin("begin_passkey").await?;
    let asked = change::begin(&app, &mut tx, person.account_id).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(question(asked))
}

/// Adds the passkey that the browser answered with. The session that asks counts as begun with a second factor; its next access
/// token says so.
#[utoipa::path(
    post, path = "/auth/passkeys", tag = "accounts", security(("bearer" = [])), request_body = AddPasskeyBody,
    responses(
        (status = 201, description = "The passkey.", body = PasskeyView),
        (status = 403, description = "`wrong_passkey`: it is not what was asked for, or took longer than five minutes."),
        (status = 404, description = "`passkeys_off`."),
        (status = 409, description = "`passkey_exists`, `too_many_passkeys`.")
    )
)]
pub(crate) async fn add_passkey(
    person: SignedIn,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<AddPasskeyBody>,
) -> Result<(StatusCode, Json<PasskeyView>), Problem> {
    let (owner, name) = (person.account_id, named(&request.name)?);
    let key = change::answered(&app, owner, &request.token, &request.credential).await?;
    let mut tx = app.kit.database.begin("add_passkey").await?;
    let added = change::add(&app, &mut tx, owner, (name, key), client).await?;
    if let Some(session_id) = person.session_id {
        log_in::strengthened(&app, &mut tx, session_id).await?;
    }
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok((StatusCode::CREATED, Json(view(added))))
}

/// Gives a passkey another name.
#[utoipa::path(
    patch, path = "/auth/passkeys/{id}", tag = "accounts", security(("bearer" = [])),
    params(("id" = PasskeyId, Path)), request_body = RenamePasskeyBody,
    responses((status = 200, description = "The passkey.", body = PasskeyView))
)]
pub(crate) async fn rename_passkey(
    person: SignedIn,
    State(app): State<App>,
    Path(id): Path<PasskeyId>,
    Body(request): Body<RenamePasskeyBody>,
) -> Result<Json<PasskeyView>, Problem> {
    let name = named(&request.name)?;
    let mut tx = app.kit.database.begin("rename_passkey").await?;
    let renamed = passkeys::rename(&mut tx, person.account_id, id, &name).await.map_err(Error::from)?;
    let renamed = renamed.ok_or(Error::NoSuchPasskey)?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(Json(view(renamed)))
}

/// Removes a passkey: it opens nothing any more. Sessions that began with it go on.
#[utoipa::path(
    delete, path = "/auth/passkeys/{id}", tag = "accounts", security(("bearer" = [])),
    params(("id" = PasskeyId, Path)),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "As everywhere; and `step_up_required`.")
    )
)]
pub(crate) async fn remove_passkey(
    Fresh(person): Fresh<SignedIn>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<PasskeyId>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.kit.database.begin("remove_passkey").await?;
    change::remove(&app, &mut tx, person.account_id, id, client).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(StatusCode::NO_CONTENT)
}
