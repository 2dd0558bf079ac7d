//! `GET /users` and `GET /users/{id}`: accounts, as staff see them.

use crate::{
    Error,
    domain::known_keys,
    state::App,
    store::users::{self, User, Which},
};
use axum::{Json, extract::State};
use contracts::{AccountId, access::ReadUsers, api::user::UserView};
use serde::{Deserialize, Serialize};
use service_kit::{
    Kind, Problem,
    auth::Staff,
    extract::{Listed, Path},
    paging::{List, Page, PageQuery},
};
use utoipa::IntoParams;
use uuid::Uuid;

fn view(user: User) -> UserView {
    UserView {
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

#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserFilter {
    /// The account with this address, or none.
    #[param(max_length = 254)]
    email: Option<String>,
    /// Those whose address begins so, in the order of their addresses; with no other filter.
    #[param(
        min_length = 3,
        max_length = 254,
        pattern = r"^[^\s\x00-\x1F\x7F][^\x00-\x1F\x7F]{1,252}[^\s\x00-\x1F\x7F]$"
    )]
    email_begins: Option<String>,
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
    let of_a_role = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    if filter.role.as_ref().is_some_and(|role| role.len() > 50 || !role.bytes().all(of_a_role)) {
        let detail = "must be a role's id: at most 50 small letters, digits, dashes and underscores";
        return Err(Problem::field("role", detail));
    }
    filter.email.as_deref().map_or(Ok(()), is_no_longer_than_an_address)?;
    let limit = page.limit()?;
    if let Some(begins) = filter.email_begins.as_deref() {
        return Ok(Json(beginning(&app, &page, &filter, begins).await?));
    }
    let list = List::new("users", &filter);
    let after: Option<Uuid> = list.after(page.after.as_deref())?;
    let email_keys = filter.email.as_deref().map(known_keys);
    let which = Which { id: None, email_keys, role: filter.role.clone(), staff: filter.staff };
    let mut connection = app.kit.database.acquire().await?;
    let rows = users::list(&mut connection, &which, after, limit + 1).await.map_err(Error::from)?;
    Ok(Json(list.page(rows, limit, |user| user.id).map(view)))
}

/// Fewer letters begin too many addresses.
const FEWEST: usize = 3;
/// No address is longer.
const MOST: usize = 254;

pub(super) fn is_no_longer_than_an_address(email: &str) -> Result<(), Problem> {
    if email.chars().count() > MOST {
        return Err(Problem::field("email", "must be at most 254 characters, as every address is"));
    }
    Ok(())
}

/// In the order of their addresses. The place in the list is an account's id, which says nothing about anybody.
async fn beginning(app: &App, page: &PageQuery, filter: &UserFilter, begins: &str) -> Result<Page<UserView>, Problem> {
    let begins = begins.trim();
    if !(FEWEST..=MOST).contains(&begins.chars().count()) || begins.contains(char::is_control) {
        return Err(Problem::field("email_begins", "must hold 3 to 254 characters of an address's beginning"));
    }
    if filter.email.is_some() || filter.role.is_some() || filter.staff {
        let detail = "email_begins goes with no other filter.";
        return Err(Problem::new(Kind::Invalid, "invalid_query", detail));
    }
    let begins = begins.to_lowercase();
    let (limit, list) = (page.limit()?, List::new("users by address", &begins));
    let after: Option<Uuid> = list.after(page.after.as_deref())?;
    let mut connection = app.kit.database.acquire().await?;
    let rows = users::beginning(&mut connection, &begins, after, limit + 1).await.map_err(Error::from)?;
    Ok(list.page(rows, limit, |user| user.id).map(view))
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
    Ok(Json(view(found.ok_or(Error::NoSuchAccount)?)))
}
