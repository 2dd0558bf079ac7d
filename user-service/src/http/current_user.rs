//! `GET /auth/current-user`: who the token's owner is.

use crate::{
    Error,
    state::App,
    store::accounts::{self, Account},
};
use axum::{Json, extract::State};
use contracts::AccountId;
use serde::Serialize;
use service_kit::{
    Problem,
    auth::{Role, SignedIn},
};
use time::OffsetDateTime;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = CurrentUser)]
pub(crate) struct CurrentUserView {
    id: AccountId,
    first_name: String,
    last_name: String,
    email: String,
    phone: Option<String>,
    address: Option<String>,
    role: Role,
    verified: bool,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

impl From<Account> for CurrentUserView {
    fn from(account: Account) -> Self {
        let person = account.person;
        Self {
            id: account.id,
            first_name: person.first_name,
            last_name: person.last_name,
            email: person.email,
            phone: person.phone,
            address: person.address,
            role: account.role,
            verified: account.verified_at.is_some(),
            created_at: account.created_at,
        }
    }
}

/// The account of the token's owner.
#[utoipa::path(
    get, path = "/auth/current-user", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "The account.", body = CurrentUserView))
)]
pub(crate) async fn current_user(person: SignedIn, State(app): State<App>) -> Result<Json<CurrentUserView>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let account = accounts::find(&mut connection, person.account_id).await?.ok_or(Error::NoSuchAccount)?;
    Ok(Json(account.into()))
}
