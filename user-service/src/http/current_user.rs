//! `GET /auth/current-user`: who the token's owner is.

use crate::{
    Error,
    state::App,
    store::accounts::{self, Account},
};
use axum::{Json, extract::State};
use contracts::api::account::CurrentUserView;
use service_kit::{Problem, auth::SignedIn};

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
