//! `PATCH /auth/current-user`: what somebody is called, and their phone.

use crate::{
    Error,
    domain::{Name, OptionalText},
    state::App,
    store::accounts,
};
use axum::{Json, extract::State};
use contracts::api::account::{ChangeProfileBody, CurrentUserView};
use service_kit::{Problem, auth::SignedIn, extract::Body, problem::Fields};

/// Changes what is given. The address has a route of its own, the password too.
#[utoipa::path(
    patch, path = "/auth/current-user", tag = "accounts", security(("bearer" = [])),
    request_body = ChangeProfileBody,
    responses((status = 200, description = "The account.", body = CurrentUserView))
)]
pub(crate) async fn change_profile(
    person: SignedIn,
    State(app): State<App>,
    Body(request): Body<ChangeProfileBody>,
) -> Result<Json<CurrentUserView>, Problem> {
    let mut fields = Fields::default();
    let first_name = request.first_name.map(|text| fields.check("/first_name", Name::parse(&text)));
    let last_name = request.last_name.map(|text| fields.check("/last_name", Name::parse(&text)));
    let phone = request.phone.map(|text| fields.check("/phone", OptionalText::parse(Some(&text))));
    if [first_name.is_some_and_none(), last_name.is_some_and_none(), phone.is_some_and_none()].contains(&true) {
        return Err(fields.into_problem());
    }
    let mut tx = app.kit.database.begin("change_profile").await?;
    let account = accounts::lock(&mut tx, person.account_id).await.map_err(Error::from)?;
    let mut account = account.ok_or(Error::NoSuchAccount)?;
    if let Some(name) = first_name.flatten() {
        name.as_str().clone_into(&mut account.person.first_name);
    }
    if let Some(name) = last_name.flatten() {
        name.as_str().clone_into(&mut account.person.last_name);
    }
    if let Some(phone) = phone.flatten() {
        account.person.phone = phone.as_deref().map(str::to_owned);
    }
    accounts::set_profile(&mut tx, &account).await.map_err(Error::from)?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(Json(account.into()))
}

/// Given, and wrong.
trait Wrong {
    fn is_some_and_none(&self) -> bool;
}

impl<T> Wrong for Option<Option<T>> {
    fn is_some_and_none(&self) -> bool {
        matches!(self, Some(None))
    }
}
