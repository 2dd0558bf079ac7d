//! Guests: one cart, what is ordered of it, and whose that is later.

use crate::{
    shopper::{Shopper, checkout, held, orders},
    support::{Shop, body, cancel, declined, paid, place, refunded},
};
use contracts::{
    AccountId,
    events::{
        order::{Cancelled, Created, Paid},
        user::GuestJoined,
    },
};
use reqwest::Method;
use serde_json::{Value, json};
use service_kit::auth::Role;
use test_kit::{Answer, Client, event, until};
use uuid::Uuid;

/// A guest with two mugs in their cart.
struct Guest {
    id: AccountId,
    shopper: Shopper,
    /// With the cart's token and the guest's.
    client: Client,
}

impl Guest {
    async fn counted(shop: &Shop, counted_as: &[Uuid]) -> Self {
        let shopper = Shopper::guest(shop).await;
        shopper.add("MUG", 2).await.assert_status(200);
        let id = shop.customer_id_of_a_guest();
        let client = shopper.client.with_token(shop.signer.guest(id, shopper.cart.parse().unwrap(), counted_as));
        Self { id, shopper, client }
    }

    async fn new(shop: &Shop) -> Self {
        Self::counted(shop, &[Uuid::new_v4(), Uuid::new_v4()]).await
    }

    async fn order(&self, key: &str) -> Answer {
        let version = self.shopper.look().await["version"].clone();
        checkout(&self.client, &self.shopper.cart, key, &version).await
    }

    async fn ordered(&self, shop: &Shop) -> Created {
        let id = self.order("one").await.assert_status(201).text_at("/id");
        shop.recorder.wait_for(|created: &Created| created.order_id.to_string() == id).await.data
    }
}

fn joined(guest: AccountId, account: AccountId) -> contracts::RawEvent {
    event(1, GuestJoined { guest_id: guest, account_id: account })
}

async fn sees(client: &Client, order: &Created) -> bool {
    client.get(&format!("/orders/{}", order.order_id)).await.status == 200
}

async fn moved(client: &Client, order: &Created) {
    until("the order to be theirs", || async { sees(client, order).await.then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_orders_their_cart_once_and_sees_and_cancels_that_order() {
    let shop = Shop::open().await;
    let guest = Guest::new(&shop).await;
    let version = guest.shopper.look().await["version"].clone();
    let cart = &guest.shopper.cart;
    let order = checkout(&guest.client, cart, "one", &version).await;
    assert_eq!(order.assert_status(201).text_at("/customer_id"), guest.id.to_string());
    assert_eq!(held(&guest.shopper.look().await), []);
    // The click that came twice, another tab, and the back button.
    assert_eq!(checkout(&guest.client, cart, "one", &version).await.assert_status(201).body, order.body);
    checkout(&guest.client, cart, "two", &version).await.assert_problem(409, "cart_changed");
    assert_eq!(orders(&shop).await, 1);
    let id = order.text_at("/id");
    assert_eq!(guest.client.get("/orders").await.body["items"][0]["id"], json!(id));
    guest.client.get(&format!("/orders/{id}")).await.assert_status(200);
    let cancelled = cancel(&guest.client, id.parse().unwrap()).await;
    assert_eq!(cancelled.assert_status(200).text_at("/status"), "cancelled");
    shop.running.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guests_token_is_for_one_cart_and_for_nothing_else() {
    let shop = Shop::open().await;
    let (guest, other) = (Guest::new(&shop).await, Guest::new(&shop).await);
    let theirs = other.ordered(&shop).await;
    let members = shop.order().await;
    for order in [&theirs, &members] {
        let path = format!("/orders/{}", order.order_id);
        guest.client.get(&path).await.assert_problem(404, "order_not_found");
        cancel(&guest.client, order.order_id).await.assert_problem(404, "order_not_found");
        guest.client.get(&format!("{path}/timeline")).await.assert_problem(403, "account_required");
    }
    assert_eq!(guest.client.get("/orders").await.body["items"], json!([]));
    let all = format!("/orders?customer_id={}", other.id);
    assert_eq!(guest.client.get(&all).await.body["items"], json!([]));
    place(&guest.client, "one", body("MUG", 1)).await.assert_problem(403, "account_required");
    // Another's cart, with that one's token or with the guest's own for another.
    let fresh = Guest::new(&shop).await;
    let version = fresh.shopper.look().await["version"].clone();
    let stolen = guest.client.with_token(shop.signer.guest(guest.id, fresh.shopper.cart.parse().unwrap(), &[]));
    checkout(&stolen, &fresh.shopper.cart, "one", &version).await.assert_problem(404, "cart_not_found");
    checkout(&guest.client, &fresh.shopper.cart, "one", &version).await.assert_problem(404, "cart_not_found");
    let without =
        shop.running.client().with_token(shop.signer.guest(guest.id, guest.shopper.cart.parse().unwrap(), &[]));
    checkout(&without, &guest.shopper.cart, "one", &version).await.assert_problem(404, "cart_not_found");
    let merge = format!("/carts/{}/merge", guest.shopper.cart);
    guest.client.send(Method::POST, &merge, None).await.assert_problem(403, "account_required");
    guest
        .client
        .post(&format!("/orders/{}/fulfil", theirs.order_id), json!({}))
        .await
        .assert_problem(403, "account_required");
    assert_eq!(shop.status(theirs.order_id).await, "pending");
    assert_eq!(shop.status(members.order_id).await, "pending");
}

/// Being another guest each time gives nobody more: neither by mailbox nor by where they come from.
/// Also where the cart's own token is shown: whoever finds a cart's token buys it under no other guest's name.
#[tokio::test(flavor = "multi_thread")]
async fn a_guest_of_one_cart_orders_no_other_one() {
    let shop = Shop::open().await;
    let (guest, other) = (Guest::new(&shop).await, Guest::new(&shop).await);
    let of_a_guest = shop.signer.guest(guest.id, guest.shopper.cart.parse().unwrap(), &[Uuid::new_v4()]);
    let client = other.shopper.client.with_token(of_a_guest);
    let version = other.shopper.look().await["version"].clone();
    checkout(&client, &other.shopper.cart, "one", &version).await.assert_status(404);
    assert_eq!(orders(&shop).await, 0);
    assert_eq!(held(&other.shopper.look().await), held(&guest.shopper.look().await));
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_with_one_mailbox_or_from_one_place_hold_no_more_than_one() {
    let shop = Shop::open_given(&[("OPEN_ORDERS_PER_GUEST", "2")]).await;
    let (mailbox, place) = (Uuid::new_v4(), Uuid::new_v4());
    let first = Guest::counted(&shop, &[mailbox, Uuid::new_v4()]).await;
    first.order("one").await.assert_status(201);
    Guest::counted(&shop, &[mailbox, place]).await.order("one").await.assert_status(201);
    let third = Guest::counted(&shop, &[mailbox, Uuid::new_v4()]).await;
    third.order("one").await.assert_problem(429, "too_many_open_orders");
    Guest::counted(&shop, &[Uuid::new_v4(), place]).await.order("one").await.assert_status(201);
    Guest::counted(&shop, &[Uuid::new_v4(), place])
        .await
        .order("one")
        .await
        .assert_problem(429, "too_many_open_orders");
    assert_eq!(orders(&shop).await, 3);
    // What was cancelled counts on for an hour: its mails went to somebody.
    let id = first.client.get("/orders").await.text_at("/items/0/id").parse().unwrap();
    cancel(&first.client, id).await.assert_status(200);
    third.order("two").await.assert_problem(429, "too_many_open_orders");
    let later = "UPDATE guest_checkouts SET begun_at = begun_at - interval '61 minutes'";
    sqlx::query(later).execute(shop.database.pool()).await.unwrap();
    third.order("three").await.assert_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_guests_of_one_mailbox_at_once_hold_what_may_be_held() {
    let shop = Shop::open_given(&[("OPEN_ORDERS_PER_GUEST", "2")]).await;
    let mailbox = Uuid::new_v4();
    let mut guests = Vec::new();
    for _ in 0..8 {
        guests.push(Guest::counted(&shop, &[mailbox, Uuid::new_v4()]).await);
    }
    let all = guests.into_iter().map(|guest| tokio::spawn(async move { guest.order("one").await.status }));
    let mut placed = 0;
    for one in all.collect::<Vec<_>>() {
        placed += i64::from(one.await.unwrap() == 201);
    }
    assert_eq!((placed, orders(&shop).await), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_or_was_refused_counts_no_longer() {
    let shop = Shop::open_given(&[("OPEN_ORDERS_PER_GUEST", "1")]).await;
    let counted = [Uuid::new_v4(), Uuid::new_v4()];
    let refused = Guest::counted(&shop, &counted).await;
    refused.shopper.add("NONE-LEFT", 1).await.assert_status(200);
    refused.order("one").await.assert_problem(409, "out_of_stock");
    let guest = Guest::counted(&shop, &counted).await;
    let order = guest.ordered(&shop).await;
    shop.deliver(&paid(&order)).await;
    shop.recorder.wait_for(|paid: &Paid| paid.order_id == order.order_id).await;
    Guest::counted(&shop, &counted).await.order("one").await.assert_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_guest_ordered_is_the_accounts_once_they_have_one_and_no_strangers() {
    let shop = Shop::open().await;
    let (guest, other) = (Guest::new(&shop).await, Guest::new(&shop).await);
    let (order, stays) = (guest.ordered(&shop).await, other.ordered(&shop).await);
    let told = joined(guest.id, shop.customer_id);
    let stranger = shop.running.client().with_token(shop.signer.customer().1);
    for _ in 0..2 {
        shop.deliver(&told).await;
    }
    // And once more by another event.
    shop.deliver(&joined(guest.id, shop.customer_id)).await;
    moved(&shop.customer, &order).await;
    assert!(!sees(&guest.client, &order).await, "it is the account's alone");
    assert!(!sees(&stranger, &order).await && !sees(&shop.customer, &stays).await);
    assert!(sees(&other.client, &stays).await);
    // A second account is not given what the first has.
    let (eve, token) = shop.signer.customer();
    shop.deliver(&joined(guest.id, eve)).await;
    shop.running.settled().await;
    assert!(!sees(&shop.customer.with_token(token), &order).await && sees(&shop.customer, &order).await);
    cancel(&shop.customer, order.order_id).await.assert_status(200);
    let told = shop.recorder.wait_for(|cancelled: &Cancelled| cancelled.order_id == order.order_id).await;
    assert_eq!(told.data.customer_id, shop.customer_id);
}

/// payment-service knows of it before, or after: money and orders go on all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_is_told_of_the_guest_or_of_the_account_is_the_orders() {
    let shop = Shop::open().await;
    let guest = Guest::new(&shop).await;
    let order = guest.ordered(&shop).await;
    shop.deliver(&joined(guest.id, shop.customer_id)).await;
    moved(&shop.customer, &order).await;
    // Announced before payment-service had heard.
    shop.deliver(&paid(&order)).await;
    shop.recorder.wait_for(|paid: &Paid| paid.order_id == order.order_id).await;
    // And after.
    let now = Created { customer_id: shop.customer_id, ..order.clone() };
    shop.deliver(&refunded(&now)).await;
    until("the refund to be noted", || async {
        let shown = shop.customer.get(&format!("/orders/{}", order.order_id)).await;
        (shown.body["refunded"]["amount"] == order.total.amount).then_some(())
    })
    .await;
    // Of a stranger it is a contradiction, for a person to see to.
    let second = Guest::new(&shop).await;
    let other = second.ordered(&shop).await;
    let foreign = Created { customer_id: shop.customer_id, ..other.clone() };
    shop.deliver(&declined(&foreign)).await;
    until("the contradiction to wait", || async {
        let waiting = "SELECT count(*) FROM inbox WHERE status <> 'done'";
        (shop.database.count(waiting).await == 1).then_some(())
    })
    .await;
    assert_eq!(shop.status(other.order_id).await, "pending");
    shop.running.leaves_queued("a payment of somebody else's order");
}

/// The event comes before the guest's order is stored: of a token that lived on.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_ordered_by_a_guest_who_has_joined_is_the_accounts_at_once() {
    let shop = Shop::open().await;
    let guest = Guest::new(&shop).await;
    shop.deliver(&joined(guest.id, shop.customer_id)).await;
    let order = guest.ordered(&shop).await;
    assert!(sees(&shop.customer, &order).await && !sees(&guest.client, &order).await);
    let person = shop.running.client().with_token(shop.signer.person(shop.customer_id, Role::Customer));
    assert_eq!(person.get("/orders").await.body["items"].as_array().map(Vec::len), Some(1));
    let _: Value = person.get(&format!("/orders/{}", order.order_id)).await.assert_status(200).body.clone();
}
