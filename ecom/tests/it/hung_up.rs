//! Callers who hang up in the middle of a checkout: what they began is finished as if they had stayed.

use crate::support::{Shop, Way, order_at};
use contracts::ServiceName;
use std::{collections::BTreeMap, time::Duration};
use test_kit::{Answer, Client, until};

const SKUS: [&str; 3] = ["MUG", "LAMP", "CHAIR"];

/// Someone's wish, and how to send it.
#[derive(Clone)]
struct Wish {
    buyer: Client,
    path: &'static str,
    key: String,
    lines: Vec<(&'static str, i64)>,
}

impl Wish {
    /// The `number`-th of them; with more than one line now and then.
    fn of(buyer: &Client, path: &'static str, number: usize) -> Self {
        let line = |offset: usize| (SKUS[(number + offset) % SKUS.len()], 1 + i64::try_from(number % 7).unwrap());
        let (key, lines) = (format!("wish-{number}"), (0..1 + number % 3).map(line).collect());
        Self { buyer: buyer.clone(), path, key, lines }
    }

    async fn send(&self) -> Answer {
        order_at(&self.buyer, self.path, &self.key, "sim_ok", &self.lines).await
    }

    /// Sends it and hangs up after so long; true when the answer came before.
    async fn hung_up_on(self, after: Duration) -> bool {
        tokio::time::timeout(after, self.send()).await.is_ok()
    }
}

async fn reserved(shop: &Shop) -> i64 {
    shop.databases[&ServiceName::Product].count("SELECT coalesce(sum(reserved), 0)::bigint FROM stock").await
}

async fn ordered(shop: &Shop) -> i64 {
    let pieces = "SELECT coalesce(sum(quantity), 0)::bigint FROM order_lines JOIN orders ON orders.id = order_id
                  WHERE status IN ('pending', 'paid')";
    shop.databases[&ServiceName::Order].count(pieces).await
}

/// The pieces held, once each of them has its order.
async fn all_held_by_orders(shop: &Shop) -> Option<i64> {
    let intents = shop.databases[&ServiceName::Order].count("SELECT count(*) FROM checkout_intents").await;
    let held = reserved(shop).await;
    (intents == 0 && held == ordered(shop).await).then_some(held)
}

/// Waits until nothing is in work any more, and says how many pieces are held. Whoever hung up may still be waiting within a
/// service, where nobody sees them: two looks must agree.
async fn held_in_the_end(shop: &Shop) -> i64 {
    until("every reservation to have its order", || async {
        let held = all_held_by_orders(shop).await?;
        shop.quiet().await;
        (all_held_by_orders(shop).await == Some(held)).then_some(held)
    })
    .await
}

/// Sends them in waves and hangs up after 2 to 20 ms.
async fn hang_up_on(wishes: &[Wish]) -> usize {
    let mut answered = 0;
    for wave in wishes.chunks(50) {
        let requests = wave.iter().cloned().enumerate().map(|(number, wish)| {
            let after = Duration::from_millis(2 + (number as u64 * 7) % 19);
            tokio::spawn(wish.hung_up_on(after))
        });
        for request in requests.collect::<Vec<_>>() {
            answered += usize::from(request.await.unwrap());
        }
    }
    answered
}

#[tokio::test(flavor = "multi_thread")]
async fn after_five_hundred_checkouts_that_were_hung_up_on_no_piece_is_held_without_an_order() {
    let shop = Shop::open(Way::Local).await;
    for sku in SKUS {
        shop.sell(sku, 1250, 1_000_000).await;
    }
    // Through the front door, and to order-service itself as a gateway would.
    let ways = [(shop.visitor(), "/api/orders"), (Client::new(&shop.services[&ServiceName::Order]), "/orders")];
    let buyers: Vec<_> = (0..25).map(|_| shop.signer.customer().1).collect();
    let wishes: Vec<_> = (0..500)
        .map(|number| {
            let token = &buyers[number % buyers.len()];
            let (door, path) = &ways[number % 2];
            Wish::of(&door.with_token(token), path, number)
        })
        .collect();
    let answered = hang_up_on(&wishes).await;
    assert!(answered < wishes.len(), "nobody hung up");
    let held = held_in_the_end(&shop).await;
    assert!(held > 0, "nothing was begun");

    // Whose order was stored finds it under their key, and holds nothing more for having asked.
    let stored = "SELECT key, body->>'id' FROM idempotency_keys WHERE route = 'place_order'";
    let stored: BTreeMap<String, String> = sqlx::query_as::<_, (String, String)>(stored)
        .fetch_all(shop.databases[&ServiceName::Order].pool())
        .await
        .unwrap()
        .into_iter()
        .collect();
    assert_eq!(
        i64::try_from(stored.len()).unwrap(),
        shop.databases[&ServiceName::Order].count("SELECT count(*) FROM orders").await
    );
    for wish in wishes.iter().filter(|wish| stored.contains_key(&wish.key)) {
        let answer = wish.send().await;
        assert_eq!(answer.assert_status(201).text_at("/id"), stored[&wish.key]);
    }
    assert_eq!(held_in_the_end(&shop).await, held);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_customer_who_hangs_up_again_and_again_holds_no_more_than_one_who_stays() {
    let shop = Shop::open(Way::Local).await;
    for sku in SKUS {
        shop.sell(sku, 1250, 1_000_000).await;
    }
    let buyer = shop.customer();
    let mut wishes: Vec<_> = (0..120).map(|number| Wish::of(&buyer, "/api/orders", number)).collect();
    for wish in &mut wishes {
        wish.lines = SKUS.map(|sku| (sku, 333)).to_vec();
    }
    hang_up_on(&wishes).await;
    held_in_the_end(&shop).await;
    // 999 pieces each: two of them at a time, until they are paid.
    let most = "SELECT coalesce(max(pieces), 0)::bigint FROM (
                    SELECT (SELECT sum(quantity) FROM order_lines JOIN orders AS other ON other.id = order_id
                            WHERE other.created_at <= one.created_at
                                AND coalesce(other.paid_at, other.cancelled_at, now()) > one.created_at) AS pieces
                    FROM orders AS one) AS held";
    let most = shop.databases[&ServiceName::Order].count(most).await;
    assert!((999..=2000).contains(&most), "{most} pieces were held at a time");
}
