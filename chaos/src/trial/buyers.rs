//! Many buyers for one piece.

use super::rush::{Answered, Rush, totals};
use crate::{accounts, stack::Stack};
use futures_util::future::try_join_all;
use operate::terminal::say;
use std::time::Instant;

pub(super) async fn run(stack: &Stack, buyers: u64, rounds: u64) -> anyhow::Result<Vec<String>> {
    let rush = Rush::new(stack).await?;
    say(format!("{buyers} buyers for one piece, {rounds} rounds."));
    let (begun, mut wrong) = (Instant::now(), Vec::new());
    for round in 0..rounds {
        let sku = format!("LAST-{round}");
        rush.admin.log_in(&rush.shop).await?;
        accounts::sell(&rush.shop, &rush.admin, &sku, 1999, 1).await?;
        let keys: Vec<_> = (0..buyers).map(|number| format!("round-{round}-buyer-{number}")).collect();
        let asked = (0..).zip(&keys).map(|(number, key)| rush.buy(number, key, &sku));
        let answers = try_join_all(asked).await?;
        let sold = answers.iter().filter(|answer| matches!(answer, Answered::Sold(_))).count();
        let others = answers.iter().filter(|answer| **answer == Answered::Refused("out_of_stock".to_owned())).count();
        if sold != 1 || sold + others != answers.len() {
            wrong.push(format!("round {round}: {sold} were sold a piece and {others} told that there is none"));
        }
        if (round + 1) % 10 == 0 {
            say(format!("  {} rounds", round + 1));
        }
    }
    let took = begun.elapsed();
    let (orders, charges) = totals(stack, &mut wrong).await?;
    if (orders, charges) != (rounds, rounds) {
        wrong.push(format!("{orders} orders are paid and {charges} charges were made; expected {rounds} of each"));
    }
    say(format!(
        "trial buyers: {rounds} pieces, {} requests answered in {:.0} s: {orders} sales, {charges} charges, {} wrong",
        rounds * buyers,
        took.as_secs_f64(),
        wrong.len()
    ));
    Ok(wrong)
}
