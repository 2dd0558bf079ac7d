//! Announces `stock.changed`, once a second per SKU at the most, outside of any order's transaction.

use crate::{
    changes::announce_stock,
    error::Error,
    state::App,
    stock_watch::Watched,
    store::stock_announcements::{self, Changed},
};
use service_kit::{Cause, Tx, jobs::Progress, spans::conventions, trace};
use uuid::Uuid;

/// So many in one transaction.
const BATCH: i64 = 200;

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let watched = app.stock_watch.take();
    let variants = match &watched {
        Watched::Everything => None,
        Watched::Variants(variants) if variants.is_empty() => return Ok(Progress::Idle),
        Watched::Variants(variants) => Some(variants.iter().map(|id| id.uuid()).collect::<Vec<Uuid>>()),
    };
    let announced = announce(&app, variants.as_deref()).await;
    let more = announced.as_ref().map_or(true, |announced| announced.len() as u64 >= BATCH.unsigned_abs());
    if more {
        // Not all were reached: they are looked at again.
        match watched {
            Watched::Everything => app.stock_watch.mark_everything(),
            Watched::Variants(variants) => app.stock_watch.mark(variants),
        }
    }
    let too_fresh = announced?.into_iter().filter(|changed| changed.version.is_none());
    app.stock_watch.mark(too_fresh.map(|changed| changed.variant_id));
    Ok(Progress::Found)
}

async fn announce(app: &App, variants: Option<&[Uuid]>) -> Result<Vec<Changed>, Error> {
    let mut tx = app.kit.database.begin("announce_stock").await?;
    let locked = stock_announcements::lock_changed(&mut tx, variants, BATCH).await?;
    if locked.is_empty() {
        return Ok(Vec::new());
    }
    let (mut span, context) = app.kit.spans.begin(None, || conventions::work("announce stock"));
    let changed = trace::within(context, announce_locked(app, tx, &locked)).await;
    span.judge(&changed);
    changed
}

async fn announce_locked(app: &App, mut tx: Tx, locked: &[Uuid]) -> Result<Vec<Changed>, Error> {
    let changed = announce_stock::announce(&app.kit, &mut tx, &Cause::current(), locked).await?;
    let _committed = tx.commit().await?;
    Ok(changed)
}
