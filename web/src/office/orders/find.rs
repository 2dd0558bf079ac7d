//! One field takes a number, a mail address or a SKU, and leads to what it was taken for. An address does not stay in the
//! browser's: the list is asked for by the accounts it belongs to.

use crate::{
    member::{Member, Stopped},
    office::address::address,
    upstream::{Call, Page, UpstreamError},
};
use contracts::{
    AccountId, OrderId,
    access::Permission,
    api::{guest::GuestView, order::OrderView, user::UserView},
};
use http::Method;

/// A list of orders is asked for by no more.
const MOST_CUSTOMERS: usize = 20;

/// Where it leads; or what it was taken for, and that there is none.
pub(super) async fn place(member: &Member, q: &str) -> Result<Result<String, String>, Stopped> {
    if q.is_empty() {
        return Ok(Ok("/office/orders".to_owned()));
    }
    if q.contains('@') {
        return by_mail(member, q).await;
    }
    if let Ok(id) = q.parse::<OrderId>() {
        return Ok(Ok(format!("/office/orders/{id}")));
    }
    if q.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that is too large for one may still be a SKU.
        let call = Call::order(Method::GET, "/orders").with_query([("number", q)]);
        let found = match member.ask::<Page<OrderView>>(call).await {
            Ok(page) => page.items.into_iter().next(),
            Err(Stopped::Failed(UpstreamError::Refused(refused))) if refused.status.is_client_error() => None,
            Err(stopped) => return Err(stopped),
        };
        if let Some(order) = found {
            return Ok(Ok(format!("/office/orders/{}", order.id)));
        }
    }
    Ok(Ok(address("/office/orders", &[("sku", q)])))
}

/// Of the account and the guests with that address; else of those whose addresses begin so.
async fn by_mail(member: &Member, q: &str) -> Result<Result<String, String>, Stopped> {
    if !member.permissions().contains(Permission::ReadUsers) {
        let why = "That is a mail address, and your account may not look for people (users:read).";
        return Ok(Err(why.to_owned()));
    }
    let named: Page<UserView> = member.ask(Call::get("/users").with_query([("email", q), ("limit", "1")])).await?;
    let guests = Call::get("/users/guests").with_query([("email", q), ("limit", "20")]);
    let guests: Page<GuestView> = member.ask(guests).await?;
    let guests = guests.items.iter().filter(|guest| guest.account_id.is_none()).map(|guest| guest.id);
    let mut ids: Vec<AccountId> = named.items.iter().map(|user| user.id).chain(guests).take(MOST_CUSTOMERS).collect();
    if ids.is_empty() {
        let begin = Call::get("/users").with_query([("email_begins", q), ("limit", "20")]);
        let begin: Page<UserView> = member.ask(begin).await?;
        ids.extend(begin.items.iter().map(|user| user.id));
    }
    if ids.is_empty() {
        let why = "That is a mail address, and no account has it, or one that begins so; nor has a guest.";
        return Ok(Err(why.to_owned()));
    }
    let ids: Vec<String> = ids.iter().map(AccountId::to_string).collect();
    Ok(Ok(address("/office/orders", &[("customer", &ids.join(","))])))
}
