//! Whoever ordered as a guest has an account by now: in whatever order that is told, nothing is charged or given back twice,
//! and the payment is the account's.

use crate::support::{Desk, Order};
use contracts::{
    AccountId, RawEvent,
    events::{
        payment::{Completed, Refunded},
        user::GuestJoined,
    },
};
use service_kit::{Clock, auth::Role};
use test_kit::{event, until};

fn joined(guest: AccountId, account: AccountId) -> RawEvent {
    event(1, GuestJoined { guest_id: guest, account_id: account })
}

async fn customer(desk: &Desk, order: &Order) -> Option<AccountId> {
    let query = sqlx::query_scalar("SELECT customer_id FROM payments WHERE order_id = $1").bind(order.id.uuid());
    query.fetch_optional(desk.database.pool()).await.unwrap().map(|id: uuid::Uuid| id.into())
}

/// What is told of an order that a guest placed and that was cancelled when it was the account's: in any order, each twice.
#[tokio::test(flavor = "multi_thread")]
async fn in_whatever_order_it_is_told_the_payment_is_the_accounts_and_no_money_is_left() {
    for arrangement in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let desk = Desk::open().await;
        let (guest, account) = (Order::new("sim_ok"), Clock::system().new_id());
        let accounts = Order { customer: account, ..guest.clone() };
        let told = [guest.created(), joined(guest.customer, account), accounts.cancelled()];
        for _ in 0..2 {
            for place in arrangement {
                desk.deliver(&told[place]).await;
            }
        }
        until("the payment to be the account's", || async {
            (customer(&desk, &guest).await == Some(account)).then_some(())
        })
        .await;
        desk.settled().await;
        let (status, captured, refunded) = desk.payment(&guest).await.unwrap();
        assert_eq!(captured, refunded, "{arrangement:?}: {status}");
        assert_eq!(customer(&desk, &guest).await, Some(account), "{arrangement:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_whom_the_guest_became_sees_the_payment_and_is_given_back() {
    let desk = Desk::open().await;
    let (guest, other) = (Order::new("sim_ok"), Order::new("sim_ok"));
    let (account, stranger) = (Clock::system().new_id(), Clock::system().new_id());
    for order in [&guest, &other] {
        desk.deliver(&order.created()).await;
        desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    }
    // A second account is not given what the first has.
    for to in [account, stranger] {
        desk.deliver(&joined(guest.customer, to)).await;
    }
    until("the payment to be moved", || async { (customer(&desk, &guest).await == Some(account)).then_some(()) }).await;
    let seen = |id: AccountId| {
        let client = desk.running.client().with_token(desk.signer.person(id, Role::Customer));
        async move { client.get("/payments").await.body["items"].as_array().unwrap().len() }
    };
    assert_eq!((seen(account).await, seen(stranger).await, seen(other.customer).await), (1, 0, 1));
    desk.deliver(&Order { customer: account, ..guest.clone() }.cancelled()).await;
    let refunded = desk.recorder.wait_for::<Refunded>(|data| data.order_id == guest.id).await;
    assert_eq!(refunded.data.customer_id, account);
    desk.settled().await;
    assert_eq!(desk.payment(&other).await, Some(("captured".to_owned(), 1999, 0)));
}
