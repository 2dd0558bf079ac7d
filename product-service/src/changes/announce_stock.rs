//! What can be bought now is told, of each SKU once in a while; and what ran out is counted.

use crate::{
    error::Error,
    store::{
        stock_announcements::{self, Changed},
        stock_outs,
    },
};
use contracts::events::product::StockChanged;
use service_kit::{Cause, Kit, Tx};
use time::{Duration, UtcOffset};
use uuid::Uuid;

/// Another instance may have announced the same SKU half a second ago.
const FRESH: Duration = Duration::milliseconds(900);

/// Of these variants, whose locks the caller holds, those that differ from what was last told; one that was told of a
/// moment ago is left for later.
pub(crate) async fn announce(kit: &Kit, tx: &mut Tx, cause: &Cause, locked: &[Uuid]) -> Result<Vec<Changed>, Error> {
    let now = kit.clock.now();
    let changed = stock_announcements::note(tx, locked, now, now - FRESH).await?;
    for change in &changed {
        if let Some(version) = change.version {
            let event = StockChanged {
                variant_id: change.variant_id,
                product_id: change.product_id,
                sku: change.sku.clone(),
                available: change.available,
            };
            kit.announce(tx, cause, version, event)?;
        }
    }
    let ran_out: Vec<Uuid> = changed.iter().filter(|one| one.ran_out).map(|one| one.variant_id.uuid()).collect();
    if !ran_out.is_empty() {
        stock_outs::add(tx, now.to_offset(UtcOffset::UTC).date(), &ran_out).await?;
    }
    Ok(changed)
}
