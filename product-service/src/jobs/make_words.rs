//! Makes the words that products are found by, where there are none: of products of before this was kept, and of what an
//! older version writes beside this one. Some at a time, the newest first; a stop loses the batch in work and no more.

use crate::{error::Error, state::App, store::words};
use service_kit::jobs::Progress;

/// So many in one transaction.
const BATCH: i64 = 500;

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    // Mostly there are none: then no transaction is begun.
    if !app.kit.database.glance(|connection| Box::pin(words::is_any_without(connection))).await? {
        return Ok(Progress::Idle);
    }
    let mut tx = app.kit.database.begin("make_words").await?;
    let wordless = words::lock_without(&mut tx, BATCH).await?;
    let made: Vec<_> = wordless.iter().map(|product| (product.id, product.words())).collect();
    let count = made.len();
    if count == 0 {
        return Ok(Progress::Idle);
    }
    words::store(&mut tx, made).await?;
    let _committed = tx.commit().await?;
    tracing::info!(products = count, "made the words that products are found by");
    Ok(if count as u64 == BATCH.unsigned_abs() { Progress::More } else { Progress::Found })
}
