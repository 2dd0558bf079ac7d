//! What became of mails: by state, person and order; what was given up is sent after all.

use super::{Clerk, address::address, platform};
use crate::{
    account::moment,
    asked::{Asked, Filled},
    form::Trouble,
    member::{Member, Stopped},
    refusal::Refusal,
    upstream::{Call, Page},
};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{
    ServiceName,
    access::{Permission, ReadNotifications, SendNotifications},
    api::notify::{DeliveryStatus, DeliveryView},
};
use http::Method;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;
use uuid::Uuid;

const HERE: &str = "/office/mails";

/// Which mails are asked for, as the address has it and a form sends it on.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    status: String,
    #[serde(default)]
    account_id: String,
    #[serde(default)]
    order_id: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
    /// Of a form: the mail to be sent after all.
    #[serde(default)]
    id: String,
}

impl Wish {
    fn query(&self) -> [(&'static str, &str); 4] {
        let (account_id, order_id) = (self.account_id.trim(), self.order_id.trim());
        [("status", &self.status), ("account_id", account_id), ("order_id", order_id), ("after", &self.after)]
    }
}

#[derive(Template)]
#[template(path = "office/mails.html")]
struct MailsPage<'a> {
    wish: &'a Wish,
    mails: Vec<DeliveryView>,
    older: Option<String>,
    /// What they may do and see besides.
    sends: bool,
    sees_orders: bool,
    sees_users: bool,
    done: &'static str,
    trouble: Option<Trouble>,
}

pub(super) const fn told(status: DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::Waiting => "waiting",
        DeliveryStatus::Sending => "being sent",
        DeliveryStatus::Sent => "sent",
        DeliveryStatus::Failed => "given up",
    }
}

pub(super) const fn tag(status: DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::Waiting | DeliveryStatus::Sending => "tag",
        DeliveryStatus::Sent => "tag good",
        DeliveryStatus::Failed => "tag wrong",
    }
}

pub(crate) async fn list(clerk: Clerk<ReadNotifications>, Asked(wish): Asked<Wish>) -> Response {
    shown(&clerk, &wish, None).await
}

async fn shown(member: &Member, wish: &Wish, refusal: Option<Refusal>) -> Response {
    let given = wish.query().into_iter().filter(|(_, value)| !value.is_empty());
    let call = Call::of(ServiceName::Notify, Method::GET, "/notifications/deliveries").with_query(given);
    let (listed, refusal) = match member.ask::<Page<DeliveryView>>(call).await {
        Ok(page) => (page, refusal),
        Err(Stopped::LoginOver(answer)) => return answer,
        // What was typed stays, to be mended.
        Err(Stopped::Failed(cause)) => (Page { items: Vec::new(), next: None }, Some(refusal.unwrap_or(cause.into()))),
    };
    let permissions = member.permissions();
    let [status, account_id, order_id, _] = wish.query();
    let page = MailsPage {
        wish,
        mails: listed.items,
        older: listed.next.map(|next| address(HERE, &[status, account_id, order_id, ("after", &next)])),
        sends: permissions.contains(Permission::SendNotifications),
        sees_orders: permissions.contains(Permission::ReadOrders),
        sees_users: permissions.contains(Permission::ReadUsers),
        done: if wish.done == "resend" && refusal.is_none() { "It is sent in a moment." } else { "" },
        trouble: refusal.as_ref().map(Trouble::saying),
    };
    platform::page(refusal.as_ref(), &page)
}

pub(crate) async fn resend(clerk: Clerk<SendNotifications>, Filled(wish): Filled<Wish>) -> Response {
    let Ok(id) = wish.id.parse::<Uuid>() else { return crate::layout::not_found().await };
    let path = format!("/notifications/deliveries/{id}/resend");
    let call = Call::of(ServiceName::Notify, Method::POST, &path).with_body(&json!({}));
    match clerk.ask::<IgnoredAny>(call).await {
        Ok(_) => {
            let back = [&wish.query()[..], &[("done", "resend")]].concat();
            Redirect::to(&address(HERE, &back)).into_response()
        }
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => shown(&clerk, &wish, Some(cause.into())).await,
    }
}
