//! `/auth/addresses`: where one's parcels and bills go. Several, one of them the default for each.

use crate::{
    Error,
    state::App,
    store::{
        accounts,
        address_book::{self as store, Entry, Written},
    },
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use contracts::{
    AccountId, AddressId,
    api::address_book::{AddressBody, AddressView},
};
use http::StatusCode;
use serde_json::Value;
use service_kit::{
    Problem, Tx,
    auth::SignedIn,
    extract::{Body, Path},
    idempotency::{self, IdempotencyKey, Keyed, Work},
    one,
    paging::Page,
    postal_address::{Parts, PostalAddress},
    problem::Fields,
};

/// An account has no more.
const MOST: i64 = 50;

impl From<Entry> for AddressView {
    fn from(entry: Entry) -> Self {
        let Entry { id, mut address, shipping, billing, version } = entry;
        // Written from a `PostalAddress`: what is not optional is there.
        let mut may = |name: &str| match address.get_mut(name).map(Value::take) {
            Some(Value::String(part)) => Some(part),
            _ => None,
        };
        let [line2, region] = ["line2", "region"].map(&mut may);
        let mut part = |name: &str| may(name).unwrap_or_default();
        Self {
            id,
            name: part("name"),
            line1: part("line1"),
            line2,
            postal_code: part("postal_code"),
            city: part("city"),
            region,
            country: part("country"),
            default_shipping: shipping,
            default_billing: billing,
            version,
        }
    }
}

fn parse(request: &AddressBody) -> Result<Value, Problem> {
    let AddressBody { name, line1, line2, postal_code, city, region, country, .. } = request;
    let parsed = PostalAddress::parse(Parts {
        name,
        line1,
        line2: line2.as_deref(),
        postal_code,
        city,
        region: region.as_deref(),
        country,
    });
    let address = parsed.map_err(|wrong| {
        let mut fields = Fields::default();
        for (part, why) in wrong {
            fields.check::<(), _>(&format!("/{part}"), Err(why));
        }
        fields.into_problem()
    })?;
    serde_json::to_value(address).map_err(|cause| Error::Hashing(cause.to_string()).into())
}

/// One's addresses, the default ones first, on one page.
#[utoipa::path(
    get, path = "/auth/addresses", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "All of them.", body = Page<AddressView>))
)]
pub(crate) async fn list_addresses(
    person: SignedIn,
    State(app): State<App>,
) -> Result<Json<Page<AddressView>>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let entries = store::list(&mut connection, person.account_id).await.map_err(Error::from)?;
    Ok(Json(Page { items: entries.into_iter().map(AddressView::from).collect(), next: None }))
}

/// An address to be added.
#[derive(Clone)]
struct Wish {
    owner: AccountId,
    address: Value,
    request: AddressBody,
}

/// Adds an address. With an Idempotency-Key a repeat gets the first answer and adds nothing.
#[utoipa::path(
    post, path = "/auth/addresses", tag = "accounts", security(("bearer" = [])), request_body = AddressBody,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$")),
    responses(
        (status = 201, description = "The address.", body = AddressView),
        (status = 409, description = "`too_many_addresses`.")
    )
)]
pub(crate) async fn add_address(
    person: SignedIn,
    State(app): State<App>,
    key: Option<IdempotencyKey>,
    Body(request): Body<AddressBody>,
) -> Result<Response, Problem> {
    let wish = Wish { owner: person.account_id, address: parse(&request)?, request };
    let Some(key) = key else {
        let mut tx = app.kit.database.begin("add_address").await?;
        let view = add(&app, &mut tx, wish).await?;
        let _committed = tx.commit().await.map_err(Error::from)?;
        return Ok((ADD.status, Json(view)).into_response());
    };
    let keyed = Keyed::new(wish.owner, ADD.name, key, &wish.request)?;
    let (database, clock) = (&app.kit.database, &app.kit.clock);
    let added = idempotency::once(database, clock, &app, ADD, vec![(keyed, wish)], |app, tx, wishes| {
        Box::pin(async move {
            let mut added = Vec::new();
            for wish in wishes {
                added.push(add(app, tx, wish).await);
            }
            Ok::<_, Error>(added)
        })
    });
    Ok(one(added.await)?.into_response())
}

const ADD: Work = Work { name: "add_address", status: StatusCode::CREATED };

/// In the caller's transaction; where it is refused nothing is written.
async fn add(app: &App, tx: &mut Tx, Wish { owner, address, request }: Wish) -> Result<AddressView, Error> {
    let written = Written { id: app.kit.clock.new_id(), address: &address };
    accounts::lock(tx, owner).await?.ok_or(Error::NoSuchAccount)?;
    if !store::insert(tx, owner, &written, app.kit.clock.now(), MOST).await? {
        return Err(Error::TooManyAddresses);
    }
    finish(tx, owner, written.id, &request).await
}

/// Changes an address.
#[utoipa::path(
    put, path = "/auth/addresses/{id}", tag = "accounts", security(("bearer" = [])),
    params(("id" = AddressId, Path)), request_body = AddressBody,
    responses((status = 200, description = "The address.", body = AddressView))
)]
pub(crate) async fn change_address(
    person: SignedIn,
    State(app): State<App>,
    Path(id): Path<AddressId>,
    Body(request): Body<AddressBody>,
) -> Result<Json<AddressView>, Problem> {
    let address = parse(&request)?;
    let mut tx = app.kit.database.begin("change_address").await?;
    let changed = store::update(&mut tx, person.account_id, &Written { id, address: &address }).await;
    if !changed.map_err(Error::from)? {
        return Err(Error::NoSuchAddress.into());
    }
    let view = finish(&mut tx, person.account_id, id, &request).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(Json(view))
}

/// Takes an address out of the book. Orders keep theirs.
#[utoipa::path(
    delete, path = "/auth/addresses/{id}", tag = "accounts", security(("bearer" = [])),
    params(("id" = AddressId, Path)), responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn delete_address(
    person: SignedIn,
    State(app): State<App>,
    Path(id): Path<AddressId>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.kit.database.begin("delete_address").await?;
    let deleted = store::delete(&mut tx, person.account_id, id).await.map_err(Error::from)?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    if deleted { Ok(StatusCode::NO_CONTENT) } else { Err(Error::NoSuchAddress.into()) }
}

async fn finish(tx: &mut Tx, owner: AccountId, id: AddressId, request: &AddressBody) -> Result<AddressView, Error> {
    let defaults = (request.default_shipping, request.default_billing);
    store::set_defaults(tx, owner, id, defaults).await?;
    let entry = store::list(tx, owner).await?.into_iter().find(|entry| entry.id == id);
    Ok(entry.ok_or(Error::NoSuchAddress)?.into())
}
