//! Customers, as the merchant sees them: found by their address, looked at with their orders, shut out and let in again; and
//! guests, who have no account.

mod guest;
pub(super) mod list;
pub(super) mod show;

use crate::{
    office::{
        Clerk,
        part::{Part, part},
    },
    upstream::{Call, Page},
};
use axum::response::Response;
use contracts::{
    AccountId,
    access::{Permission, ReadUsers},
    api::order::OrderView,
};
use http::Method;

/// The newest orders of somebody.
async fn orders_of(staff: &Clerk<ReadUsers>, id: AccountId) -> Result<Part<Page<OrderView>>, Response> {
    let of = id.to_string();
    let call = Call::order(Method::GET, "/orders").with_query([("customer_id", of.as_str()), ("limit", "10")]);
    part(staff, Permission::ReadOrders, call).await
}
