//! `/office/withdrawals`: what people declared, those that nobody has seen to first. The order is cancelled on its own page; here
//! a declaration is closed, in a word.

use super::{
    Clerk,
    address::address,
    part::{Part, part},
};
use crate::{
    account::moment,
    asked::{Asked, Filled},
    form::Trouble,
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    upstream::{Call, Page},
};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{
    AccountId,
    access::{Permission, ReadOrders, WriteOrders},
    api::{
        guest::GuestView,
        user::UserView,
        withdrawal::{CloseWithdrawalBody, WithdrawalView},
    },
};
use futures_util::future::try_join_all;
use http::{Method, StatusCode};
use serde::{Deserialize, de::IgnoredAny};
use std::collections::{BTreeMap, BTreeSet};

const HERE: &str = "/office/withdrawals";

/// Where in the list, as the address has it and a form sends it on.
#[derive(Default, Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
    /// Of a form: which is closed, and in which words.
    #[serde(default)]
    id: String,
    #[serde(default)]
    outcome: String,
}

#[derive(Template)]
#[template(path = "office/withdrawals.html")]
struct WithdrawalsPage<'a> {
    wish: &'a Wish,
    withdrawals: Vec<WithdrawalView>,
    customers: BTreeMap<AccountId, Part<Orderer>>,
    more: Option<String>,
    may_close: bool,
    done: bool,
    trouble: Option<Trouble>,
}

/// Who an order belongs to, by their address.
enum Orderer {
    Account(String),
    Guest(String),
}

impl WithdrawalsPage<'_> {
    /// Whether the address that was typed is that of the order's customer, in words.
    fn whose(&self, withdrawal: &WithdrawalView) -> &'static str {
        let Some(customer) = withdrawal.customer_id else { return "There is no order of this number." };
        let typed = |email: &str| email.eq_ignore_ascii_case(&withdrawal.email);
        match self.customers.get(&customer) {
            Some(Part::There(Orderer::Account(email))) if typed(email) => "The address is that of the order's account.",
            Some(Part::There(Orderer::Account(_))) => "The address is another than that of the order's account.",
            Some(Part::There(Orderer::Guest(email))) if typed(email) => {
                "The address is the one that the guest ordered with."
            }
            Some(Part::There(Orderer::Guest(_))) => "The address is another than the one that the guest ordered with.",
            Some(Part::Away) => "Whether the address is that of the order's customer cannot be asked at the moment.",
            Some(Part::Left) => "Who placed the order cannot be told: they are erased, or not shown to you.",
            None => "",
        }
    }

    /// What was typed into this one's field.
    fn typed(&self, withdrawal: &WithdrawalView) -> &str {
        if self.wish.id == withdrawal.id.to_string() { &self.wish.outcome } else { "" }
    }
}

pub(crate) async fn list(clerk: Clerk<ReadOrders>, Asked(wish): Asked<Wish>) -> Response {
    shown(&clerk, &Wish { id: String::new(), outcome: String::new(), ..wish }, None).await
}

pub(crate) async fn close(clerk: Clerk<WriteOrders>, Filled(wish): Filled<Wish>) -> Response {
    let id: String = url::form_urlencoded::byte_serialize(wish.id.as_bytes()).collect();
    let path = format!("/orders/withdrawals/{id}/close");
    let body = CloseWithdrawalBody { outcome: wish.outcome.clone() };
    match clerk.ask::<IgnoredAny>(Call::order(Method::POST, &path).with_body(&body)).await {
        Ok(_) => Redirect::to(&address(HERE, &[("after", &wish.after), ("done", "closed")])).into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => shown(&clerk, &Wish { done: String::new(), ..wish }, Some(cause.into())).await,
    }
}

async fn shown(member: &Member, wish: &Wish, refusal: Option<Refusal>) -> Response {
    let query = Some(("after", &*wish.after)).filter(|(_, after)| !after.is_empty());
    let call = Call::order(Method::GET, "/orders/withdrawals").with_query(query);
    let (page, refusal) = match member.ask::<Page<WithdrawalView>>(call).await {
        Ok(page) => (page, refusal),
        Err(Stopped::LoginOver(answer)) => return answer,
        Err(Stopped::Failed(cause)) => (Page { items: Vec::new(), next: None }, Some(refusal.unwrap_or(cause.into()))),
    };
    let customers = match customers(member, &page.items).await {
        Ok(customers) => customers,
        Err(answer) => return answer,
    };
    let page = WithdrawalsPage {
        wish,
        customers,
        more: page.next.map(|next| address(HERE, &[("after", &next)])),
        withdrawals: page.items,
        may_close: member.permissions().contains(Permission::WriteOrders),
        done: wish.done == "closed",
        trouble: refusal.as_ref().map(Trouble::saying_all),
    };
    let page = layout::office_page(StatusCode::OK, &page);
    match refusal {
        Some(refusal) => refusal.stamped(page),
        None => page,
    }
}

/// Whose orders the open ones name, for who may see people.
async fn customers(
    member: &Member,
    withdrawals: &[WithdrawalView],
) -> Result<BTreeMap<AccountId, Part<Orderer>>, Response> {
    if !member.permissions().contains(Permission::ReadUsers) {
        return Ok(BTreeMap::new());
    }
    let open = withdrawals.iter().filter(|withdrawal| withdrawal.closed_at.is_none());
    let ids: BTreeSet<AccountId> = open.filter_map(|withdrawal| withdrawal.customer_id).collect();
    let ask = async |id: AccountId| Ok((id, orderer(member, id).await?));
    Ok(try_join_all(ids.into_iter().map(ask)).await?.into_iter().collect())
}

async fn orderer(member: &Member, id: AccountId) -> Result<Part<Orderer>, Response> {
    let account = part::<UserView>(member, Permission::ReadUsers, Call::get(&format!("/users/{id}"))).await?;
    if !matches!(account, Part::Left) {
        return Ok(account.map(|user| Orderer::Account(user.email)));
    }
    let guest = part::<GuestView>(member, Permission::ReadUsers, Call::get(&format!("/users/guests/{id}"))).await?;
    Ok(guest.map(|guest| Orderer::Guest(guest.email)))
}
