//! `GET /users` and `GET /users/{id}`: accounts, as staff see them.

use crate::{
    Error,
    domain::known_keys,
    state::App,
    store::users::{self, User, Which},
};
use axum::{Json, extract::State};
use contracts::{AccountId, access::ReadUsers};
use serde::{Deserialize, Serialize};
use service_kit::{
    Problem,
    auth::Staff,
    extract::{Listed, Path},
    paging::{List, Page, PageQuery},
};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserView {
    id: AccountId,
    first_name: String,
    last_name: String,
    email: String,
    phone: Option<String>,
    /// Its role's name.
    role: String,
    /// Since then nobody gets in with it.
    #[serde(with = "time::serde::rfc3339::option")]
    suspended_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id.into(),
            first_name: user.first_name,
            last_name: user.last_name,
            email: user.email,
            phone: user.phone,
            role: user.role,
            suspended_at: user.suspended_at,
            created_at: user.created_at,
        }
    }
}

#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserFilter {
    /// The account with this address, or none.
    #[param(max_length = 254)]
    email: Option<String>,
    /// Only those with this role.
    #[param(max_length = 50, pattern = "^[a-z0-9_-]*$")]
    role: Option<String>,
    /// Only those who are no customers.
    #[serde(default)]
    staff: bool,
}

/// Accounts, the newest first.
#[utoipa::path(
    get, path = "/users", tag = "staff", security(("bearer" = ["users:read"])), params(PageQuery, UserFilter),
    responses((status = 200, description = "A page of accounts.", body = Page<UserView>))
)]
pub(crate) async fn list_users(
    _staff: Staff<ReadUsers>,
    State(app): State<App>,
    Listed { page, filter }: Listed<UserFilter>,
) -> Result<Json<Page<UserView>>, Problem> {
    if filter.role.as_ref().is_some_and(|role| role.contains('\0')) {
        return Err(Problem::field("role", "holds a zero byte"));
    }
    let limit = page.limit()?;
    let list = List::new("users", &filter);
    let after: Option<Uuid> = list.after(page.after.as_deref())?;
    let email_keys = filter.email.as_deref().map(known_keys);
    let which = Which { id: None, email_keys, role: filter.role.clone(), staff: filter.staff };
    let mut connection = app.kit.database.acquire().await?;
    let rows = users::list(&mut connection, &which, after, limit + 1).await.map_err(Error::from)?;
    Ok(Json(list.page(rows, limit, |user| user.id).map(UserView::from)))
}

/// One account. Their orders: `GET /orders?customer_id=`.
#[utoipa::path(
    get, path = "/users/{id}", tag = "staff", security(("bearer" = ["users:read"])),
    params(("id" = AccountId, Path)), responses((status = 200, description = "The account.", body = UserView))
)]
pub(crate) async fn show_user(
    _staff: Staff<ReadUsers>,
    State(app): State<App>,
    Path(id): Path<AccountId>,
) -> Result<Json<UserView>, Problem> {
    let which = Which { id: Some(id), ..Which::default() };
    let mut connection = app.kit.database.acquire().await?;
    let found = users::list(&mut connection, &which, None, 1).await.map_err(Error::from)?.pop();
    Ok(Json(found.ok_or(Error::NoSuchAccount)?.into()))
}
