//! Identical requests at the same time.

use super::rush::{Answered, Rush, totals};
use crate::{accounts, stack::Stack};
use futures_util::{StreamExt, TryStreamExt, future::try_join_all, stream};
use operate::terminal::say;
use std::time::Instant;

/// So many keys at a time.
const SIDE_BY_SIDE: usize = 4;

pub(super) async fn run(stack: &Stack, keys: u64, parallel: u64) -> anyhow::Result<Vec<String>> {
    let rush = Rush::new(stack).await?;
    accounts::sell(&rush.shop, &rush.admin, "PLENTY", 1999, i64::try_from(keys)? * 2).await?;
    say(format!("{keys} orders, each asked for by {parallel} identical requests at once."));
    let (rush, begun) = (&rush, Instant::now());
    let mut wrong: Vec<String> = stream::iter(0..keys)
        .map(|number| async move {
            let key = format!("key-{number}");
            let answers = try_join_all((0..parallel).map(|_| rush.buy(number, &key, "PLENTY"))).await?;
            let same = matches!(&answers[0], Answered::Sold(_)) && answers.iter().all(|answer| *answer == answers[0]);
            anyhow::Ok((!same).then(|| format!("{key} was answered differently: {answers:?}")))
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .try_filter_map(|wrong| async { Ok(wrong) })
        .try_collect()
        .await?;
    let took = begun.elapsed();
    let (orders, charges) = totals(stack, &mut wrong).await?;
    if (orders, charges) != (keys, keys) {
        wrong.push(format!("{orders} orders are paid and {charges} charges were made; expected {keys} of each"));
    }
    say(format!(
        "trial duplicates: {keys} keys, {} requests answered in {:.0} s: {orders} orders, {charges} charges, {} wrong",
        keys * parallel,
        took.as_secs_f64(),
        wrong.len()
    ));
    Ok(wrong)
}
