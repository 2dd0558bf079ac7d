//! `GET /users/guests` and `GET /users/guests/{id}`: who orders without an account, as staff see them.

use super::users::is_no_longer_than_an_address;
use crate::{
    Error,
    domain::known_keys,
    state::App,
    store::guests::{self, Shown},
};
use axum::{Json, extract::State};
use contracts::{AccountId, access::ReadUsers, api::guest::GuestView};
use serde::{Deserialize, Serialize};
use service_kit::{
    Problem,
    auth::Staff,
    extract::{Listed, Path},
    paging::{List, Page, PageQuery},
};
use utoipa::IntoParams;
use uuid::Uuid;

fn view(guest: Shown) -> GuestView {
    GuestView {
        id: guest.id.into(),
        email: guest.email,
        ordered: guest.mailed_at.is_some(),
        account_id: guest.account_id.map(AccountId::from),
        created_at: guest.created_at,
    }
}

#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GuestFilter {
    /// Those who were made with this address.
    #[param(max_length = 254)]
    email: String,
}

/// Guests of an address, the newest first; those who have joined an account, too.
#[utoipa::path(
    get, path = "/users/guests", tag = "staff", security(("bearer" = ["users:read"])), params(PageQuery, GuestFilter),
    responses((status = 200, description = "A page of guests.", body = Page<GuestView>))
)]
pub(crate) async fn list_guests(
    _staff: Staff<ReadUsers>,
    State(app): State<App>,
    Listed { page, filter }: Listed<GuestFilter>,
) -> Result<Json<Page<GuestView>>, Problem> {
    is_no_longer_than_an_address(&filter.email)?;
    let (limit, list) = (page.limit()?, List::new("guests", &filter));
    let after: Option<Uuid> = list.after(page.after.as_deref())?;
    let mut connection = app.kit.database.acquire().await?;
    let found = guests::of_address(&mut connection, &known_keys(&filter.email), after, limit + 1).await;
    Ok(Json(list.page(found.map_err(Error::from)?, limit, |guest| guest.id).map(view)))
}

/// One guest. Their orders: `GET /orders?customer_id=`.
#[utoipa::path(
    get, path = "/users/guests/{id}", tag = "staff", security(("bearer" = ["users:read"])),
    params(("id" = AccountId, Path)),
    responses(
        (status = 200, description = "The guest.", body = GuestView),
        (status = 404, description = "`account_not_found`: there is none, or they are forgotten.")
    )
)]
pub(crate) async fn show_guest(
    _staff: Staff<ReadUsers>,
    State(app): State<App>,
    Path(id): Path<AccountId>,
) -> Result<Json<GuestView>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let found = guests::show(&mut connection, id).await.map_err(Error::from)?;
    Ok(Json(view(found.ok_or(Error::NoSuchAccount)?)))
}
