//! `/auth/guests`: ordering without an account, and what the owner of the mailbox can do about it.

use super::tokens::{NO_STORE, done};
use crate::{
    Error,
    changes::guests::{self, Wish},
    domain::{Email, Guest, GuestSecret},
    state::App,
};
use axum::{Json, extract::State};
use contracts::api::{
    account::DoneView,
    guest::{GuestLinkBody, GuestLinkView, GuestTokenBody, GuestTokensView, MakeGuestBody},
};
use http::{HeaderName, StatusCode};
use service_kit::{
    ClientAddress, Problem,
    auth::{ACCESS_TOKEN_SECONDS, Anybody},
    extract::Body,
    problem::Fields,
};

type Tokens = ([(HeaderName, &'static str); 1], Json<GuestTokensView>);

/// Makes a guest for one cart; with the same secret the same one again. Whether the address has an account makes no
/// difference. Mails about what is ordered go to the address, and name nobody.
#[utoipa::path(
    post, path = "/auth/guests", tag = "guests", request_body = MakeGuestBody,
    responses(
        (status = 201, description = "Who they are, and a token for that cart.", body = GuestTokensView),
        (
            status = 409,
            description = "`guest_secret_used`: by a guest with another address or cart; `guest_joined`: what was ordered is in an account."
        ),
        (status = 429, description = "`too_many_guests`: from there, or with this mailbox.")
    )
)]
pub(crate) async fn make_guest(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<MakeGuestBody>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], Json<GuestTokensView>), Problem> {
    let mut fields = Fields::default();
    let email = fields.check("/email", Email::parse(&request.email));
    let secret = fields.check("/secret", GuestSecret::parse(&request.secret));
    let Some((email, secret)) = email.zip(secret) else { return Err(fields.into_problem()) };
    let guest = guests::make(&app, &Wish { email, cart_id: request.cart_id, secret }, client).await?;
    let (headers, view) = tokens(&app, &guest, client)?;
    Ok((StatusCode::CREATED, headers, view))
}

/// A new token for a guest, by their secret. It works for 30 days after it was last used, until what they ordered is in an
/// account.
#[utoipa::path(
    post, path = "/auth/guests/token", tag = "guests", request_body = GuestTokenBody,
    responses(
        (status = 200, description = "The token.", body = GuestTokensView),
        (status = 401, description = "`invalid_guest`: unknown, or not seen for too long."),
        (status = 409, description = "`guest_joined`: what was ordered is in an account.")
    )
)]
pub(crate) async fn guest_token(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<GuestTokenBody>,
) -> Result<Tokens, Problem> {
    let guest = guests::again(&app, &GuestSecret::given(&request.secret)).await?;
    Ok(tokens(&app, &guest, client)?)
}

/// What the link of a mail about a guest's order leads to. Changes nothing.
#[utoipa::path(
    post, path = "/auth/guests/link", tag = "guests", request_body = GuestLinkBody,
    responses((status = 200, description = "Whether the address has an account.", body = GuestLinkView))
)]
pub(crate) async fn guest_link(
    _anybody: Anybody,
    State(app): State<App>,
    Body(request): Body<GuestLinkBody>,
) -> Result<Json<GuestLinkView>, Problem> {
    let mut tx = app.kit.database.begin("follow_guest_link").await?;
    let linked = guests::follow(&mut tx, &request.token).await?;
    tx.rollback().await?;
    let joined = linked.guest.account_id.is_some();
    Ok(Json(GuestLinkView { has_account: linked.account_id.is_some(), joined }))
}

/// Puts all that was ordered without an account with the address into its account, for who has the mailed link.
#[utoipa::path(
    post, path = "/auth/guests/join", tag = "guests", request_body = GuestLinkBody,
    responses(
        (status = 200, description = "It is there.", body = DoneView),
        (status = 409, description = "`address_without_account`: register first.")
    )
)]
pub(crate) async fn join_guest(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<GuestLinkBody>,
) -> Result<Json<DoneView>, Problem> {
    let mut tx = app.kit.database.begin("join_guest").await?;
    let linked = guests::follow(&mut tx, &request.token).await?;
    guests::join_by_link(&app, &mut tx, &linked, client).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(done("What you ordered is in your account: log in to see it."))
}

/// Erases the guest at once, for the owner of the mailbox who has ordered nothing: what has not left is cancelled, and its
/// money goes back.
#[utoipa::path(
    post, path = "/auth/guests/forget", tag = "guests", request_body = GuestLinkBody,
    responses(
        (status = 200, description = "They are forgotten.", body = DoneView),
        (status = 409, description = "`guest_joined`: what was ordered is in an account.")
    )
)]
pub(crate) async fn forget_guest(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<GuestLinkBody>,
) -> Result<Json<DoneView>, Problem> {
    let mut tx = app.kit.database.begin("forget_guest").await?;
    let linked = guests::follow(&mut tx, &request.token).await?;
    guests::forget_by_link(&app, &mut tx, &linked.guest, client).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(done("Your address is forgotten. What had not left yet is cancelled, and what was paid goes back."))
}

fn tokens(app: &App, guest: &Guest, client: ClientAddress) -> Result<Tokens, Error> {
    let view = GuestTokensView {
        guest_id: guest.id,
        token: guests::access(app, guest, client)?,
        token_type: "Bearer".to_owned(),
        expires_in: ACCESS_TOKEN_SECONDS,
    };
    Ok((NO_STORE, Json(view)))
}
