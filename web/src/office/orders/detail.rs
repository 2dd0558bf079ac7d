//! What is known of an order, from all services that know something of it.

use crate::{
    member::{Member, Stopped},
    office::part::{Part, part},
    upstream::{Call, Page},
};
use axum::response::Response;
use contracts::{
    OrderId, ServiceName,
    access::Permission,
    api::{
        guest::GuestView,
        notify::DeliveryView,
        order::{NoteView, OrderView, TimelineView},
        payment::{LedgerView, PaymentView, PaymentWithRefundsView},
        user::UserView,
    },
};
use futures_util::future::try_join_all;
use http::Method;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub(super) struct Detail {
    pub(super) order: OrderView,
    pub(super) timeline: Part<TimelineView>,
    pub(super) notes: Part<Page<NoteView>>,
    pub(super) customer: Part<UserView>,
    /// Who they are without an account.
    pub(super) guest: Part<GuestView>,
    pub(super) payment: Part<Paid>,
    pub(super) mails: Part<Page<DeliveryView>>,
    /// Of those who wrote notes, as far as they are known.
    authors: BTreeMap<Uuid, String>,
}

pub(super) struct Paid {
    pub(super) payment: PaymentWithRefundsView,
    pub(super) ledger: Part<LedgerView>,
}

impl Detail {
    /// The order first: it is what the page is about, and renews the login where that is due, for all.
    pub(super) async fn of(member: &Member, id: OrderId) -> Result<Self, Stopped> {
        let order: OrderView = member.ask(Call::order(Method::GET, &format!("/orders/{id}"))).await?;
        let (timeline, notes, customer) =
            (format!("/orders/{id}/timeline"), format!("/orders/{id}/notes"), format!("/users/{}", order.customer_id));
        let notes = Call::order(Method::GET, &notes).with_query([("limit", "100")]);
        let about = id.to_string();
        let mails = Call::of(ServiceName::Notify, Method::GET, "/notifications/deliveries");
        let mails = mails.with_query([("order_id", about.as_str())]);
        let asked = tokio::try_join!(
            part(member, Permission::ReadOrders, Call::order(Method::GET, &timeline)),
            part(member, Permission::ReadOrders, notes),
            part(member, Permission::ReadUsers, Call::get(&customer)),
            paid(member, id),
            part(member, Permission::ReadNotifications, mails),
        );
        let (timeline, notes, customer, payment, mails) = asked.map_err(Stopped::LoginOver)?;
        let guest = match customer {
            Part::Left => {
                part(member, Permission::ReadUsers, Call::get(&format!("/users/guests/{}", order.customer_id))).await
            }
            Part::There(_) | Part::Away => Ok(Part::Left),
        };
        let guest = guest.map_err(Stopped::LoginOver)?;
        let authors = authors(member, &notes).await.map_err(Stopped::LoginOver)?;
        Ok(Self { order, timeline, notes, customer, guest, payment, mails, authors })
    }

    pub(super) fn author(&self, note: &NoteView) -> &str {
        self.authors.get(&note.author).map_or("a colleague", String::as_str)
    }
}

/// So many are asked for by name.
const AUTHORS: usize = 8;

async fn authors(member: &Member, notes: &Part<Page<NoteView>>) -> Result<BTreeMap<Uuid, String>, Response> {
    let Part::There(notes) = notes else { return Ok(BTreeMap::new()) };
    let ids: BTreeSet<Uuid> = notes.items.iter().map(|note| note.author).collect();
    let ask = async |id: Uuid| {
        let path = format!("/users/{id}");
        let user: Part<UserView> = part(member, Permission::ReadUsers, Call::get(&path)).await?;
        Ok(user.there().map(|user| (id, format!("{} {}", user.first_name, user.last_name))))
    };
    let names = try_join_all(ids.into_iter().take(AUTHORS).map(ask)).await?;
    Ok(names.into_iter().flatten().collect())
}

/// Its payment, with what went back and what the books have of it.
async fn paid(member: &Member, id: OrderId) -> Result<Part<Paid>, Response> {
    let id = id.to_string();
    let call = Call::payment("/payments").with_query([("order_id", id.as_str())]);
    let found: Part<Page<PaymentView>> = part(member, Permission::ReadPayments, call).await?;
    if found.is_away() {
        return Ok(Part::Away);
    }
    let Some(payment) = found.there().and_then(|page| page.items.into_iter().next()) else { return Ok(Part::Left) };
    let (whole, ledger) = (format!("/payments/{}", payment.id), format!("/payments/{}/ledger", payment.id));
    let (whole, ledger) = tokio::try_join!(
        part(member, Permission::ReadPayments, Call::payment(&whole)),
        part(member, Permission::ReadPayments, Call::payment(&ledger)),
    )?;
    Ok(match whole {
        Part::There(payment) => Part::There(Paid { payment, ledger }),
        Part::Left => Part::Left,
        Part::Away => Part::Away,
    })
}
