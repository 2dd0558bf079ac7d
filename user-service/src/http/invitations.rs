//! `POST /users/invitations` and `POST /auth/accept-invitation`: somebody comes to work for the shop.

use super::{manage_user::by, tokens::done};
use crate::{
    Error,
    changes::account_requests,
    domain::{Email, Name, Password, role_name},
    state::App,
    store::{account_requests::Purpose, roles},
};
use axum::{Json, extract::State};
use contracts::{
    AccountRequestId,
    access::ManageUsers,
    api::account::{AcceptInvitationBody, DoneView},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service_kit::{
    ClientAddress, Problem,
    auth::{Anybody, Staff},
    extract::Body,
    problem::Fields,
};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InviteRequest)]
pub(crate) struct InviteBody {
    #[schema(format = "idn-email", min_length = 3, max_length = 254)]
    email: String,
    /// What whoever accepts may do.
    #[schema(max_length = 50, pattern = "^[a-z0-9_-]*$", examples("warehouse"))]
    role: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Invited)]
pub(crate) struct InvitedView {
    id: AccountRequestId,
    message: &'static str,
}

/// Mails an invitation that works once, for seven days. The role permits nothing that you may not.
#[utoipa::path(
    post, path = "/users/invitations", tag = "staff", security(("bearer" = ["users:manage"])),
    request_body = InviteBody,
    responses(
        (status = 201, description = "A mail is on its way.", body = InvitedView),
        (status = 403, description = "`forbidden`, `beyond_own_permissions`."),
        (status = 409, description = "`address_taken`: give that account the role instead."),
        (status = 429, description = "`too_many_mails`.")
    )
)]
pub(crate) async fn invite(
    staff: Staff<ManageUsers>,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<InviteBody>,
) -> Result<(StatusCode, Json<InvitedView>), Problem> {
    let mut fields = Fields::default();
    let email = fields.check("/email", Email::parse(&request.email));
    let role = fields.check("/role", role_name(&request.role));
    let (Some(email), Some(role)) = (email, role) else { return Err(fields.into_problem()) };
    app.mails.count(app.counted(client), &email).map_err(Error::from)?;
    let by = by(&staff, client);
    let mut tx = app.kit.database.begin("invite").await?;
    let role = roles::find(&mut tx, &role).await.map_err(Error::from)?.ok_or(Error::NoSuchRole)?;
    by.covers(role.permissions)?;
    let id = account_requests::invite(&app, &mut tx, &email, &role.name, by.actor.uuid()).await?;
    let invited = by.entry("account.invited").on(id).changed(Value::Null, json!({ "role": role.name }));
    app.kit.audit(&mut tx, invited);
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok((StatusCode::CREATED, Json(InvitedView { id, message: "The invitation is on its way." })))
}

/// Makes the account that somebody was invited to.
#[utoipa::path(
    post, path = "/auth/accept-invitation", tag = "accounts", request_body = AcceptInvitationBody,
    responses(
        (status = 201, description = "The account is made.", body = DoneView),
        (status = 409, description = "`address_taken`: the address has an account by now.")
    )
)]
pub(crate) async fn accept_invitation(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<AcceptInvitationBody>,
) -> Result<(StatusCode, Json<DoneView>), Problem> {
    let mut fields = Fields::default();
    let first_name = fields.check("/first_name", Name::parse(&request.first_name));
    let last_name = fields.check("/last_name", Name::parse(&request.last_name));
    let about = [&*request.first_name, &request.last_name];
    let password = fields.check("/password", Password::parse(&request.password, &about));
    let (Some(first_name), Some(last_name), Some(password)) = (first_name, last_name, password) else {
        return Err(fields.into_problem());
    };
    let place = app.passwords.place(app.counted(client))?;
    let mut tx = app.kit.database.begin("follow_invitation").await?;
    let asked = account_requests::follow(&app, &mut tx, Purpose::Invitation, &request.token).await?;
    let _read = tx.commit().await.map_err(Error::from)?;
    let hash = app.passwords.hash(place, &password).await?;
    let mut tx = app.kit.database.begin("accept_invitation").await?;
    account_requests::accept(&app, &mut tx, &asked, (&first_name, &last_name), hash).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok((StatusCode::CREATED, done("Your account is ready: log in.")))
}
