//! What competitors get wrong: many at once, for few pieces, with the same key, after a double click.

use crate::support::{Shop, Way, key, order};
use contracts::ServiceName;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn fifty_buyers_for_ten_pieces_buy_exactly_ten() {
    let shop = Shop::open(Way::Local).await;
    let mug = shop.sell("MUG", 1250, 10).await;
    let buyers = (0..50).map(|_| {
        let buyer = shop.customer();
        tokio::spawn(async move { order(&buyer, &key(), "sim_ok", &[("MUG", 1)]).await })
    });
    let (mut sold, mut refused) = (0, 0);
    for buyer in buyers.collect::<Vec<_>>() {
        let answer = buyer.await.unwrap();
        match answer.status.as_u16() {
            201 => sold += 1,
            409 => {
                answer.assert_problem(409, "out_of_stock");
                refused += 1;
            }
            _ => panic!("{}", answer.text),
        }
    }
    assert_eq!((sold, refused), (10, 40));
    shop.quiet().await;
    assert_eq!(shop.available(&mug).await, 0);
    let paid = "SELECT count(*) FROM orders WHERE status = 'paid'";
    test_kit::until("all ten to be paid", || async {
        (shop.databases[&ServiceName::Order].count(paid).await == 10).then_some(())
    })
    .await;
    assert_eq!(charges(&shop), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_identical_checkouts_make_one_order_one_charge_and_one_answer() {
    let shop = Shop::open(Way::Local).await;
    let mug = shop.sell("MUG", 1250, 10).await;
    let buyer = shop.customer();
    let clicks = (0..64).map(|_| {
        let buyer = buyer.clone();
        tokio::spawn(async move { order(&buyer, "one-intent", "sim_ok", &[("MUG", 2)]).await })
    });
    let mut answers = Vec::new();
    for click in clicks.collect::<Vec<_>>() {
        answers.push(click.await.unwrap().assert_status(201).body.clone());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "the answers differ");
    shop.settled_order(answers[0]["id"].as_str().unwrap()).await;
    shop.quiet().await;
    assert_eq!(shop.databases[&ServiceName::Order].count("SELECT count(*) FROM orders").await, 1);
    assert_eq!((shop.available(&mug).await, charges(&shop)), (8, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_lines_with_the_same_sku_are_summed_before_the_check() {
    let shop = Shop::open(Way::Local).await;
    let mug = shop.sell("MUG", 1250, 3).await;
    let answer = order(&shop.customer(), &key(), "sim_ok", &[("MUG", 2), ("MUG", 2)]).await;
    answer.assert_problem(409, "out_of_stock");
    assert_eq!(answer.body["short"], json!([{"sku": "MUG", "requested": 4, "available": 3}]));
    assert_eq!(shop.available(&mug).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_reserved_whole_or_not_at_all() {
    let shop = Shop::open(Way::Local).await;
    let (mug, lamp) = (shop.sell("MUG", 1250, 5).await, shop.sell("LAMP", 4990, 0).await);
    order(&shop.customer(), &key(), "sim_ok", &[("MUG", 1), ("LAMP", 1)]).await.assert_problem(409, "out_of_stock");
    assert_eq!((shop.available(&mug).await, shop.available(&lamp).await), (5, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_sold_is_named() {
    let shop = Shop::open(Way::Local).await;
    let answer = order(&shop.customer(), &key(), "sim_ok", &[("NO-SUCH", 1)]).await;
    answer.assert_problem(422, "sku_not_sold");
    assert_eq!(answer.body["skus"], json!(["NO-SUCH"]));
}

fn charges(shop: &Shop) -> usize {
    crate::payments::captured(shop).len()
}
