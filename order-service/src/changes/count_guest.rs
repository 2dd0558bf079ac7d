//! What guests order and do not pay is bounded by mailbox and by where they come from: being another guest each time gives
//! nobody more, neither of the stock nor of mails to somebody's mailbox.

use crate::{error::Error, state::App, store::guest_checkouts};
use contracts::CheckoutId;
use time::Duration;
use uuid::Uuid;

/// For so long what was not paid counts, also after it was cancelled.
pub(crate) const COUNTED_FOR: Duration = Duration::hours(1);

/// Counts a guest's checkout.
///
/// # Errors
/// Whoever counts as one of these has as much already.
pub(crate) async fn begin(app: &App, counted_as: &[Uuid], checkout_id: CheckoutId) -> Result<(), Error> {
    let now = app.kit.clock.now();
    let mut tx = app.kit.database.begin("count_guest").await?;
    guest_checkouts::lock(&mut tx, counted_as).await?;
    let open = guest_checkouts::unpaid(&mut tx, counted_as, checkout_id, now - COUNTED_FOR).await?;
    if open >= app.limits.guest_orders {
        tx.rollback().await?;
        return Err(Error::TooManyOpenOrders { open });
    }
    guest_checkouts::begin(&mut tx, counted_as, checkout_id, now).await?;
    let _committed = tx.commit().await?;
    Ok(())
}

/// It was refused before anything was held, and counts no longer. Whoever was refused is refused, also where that cannot be
/// written down.
pub(crate) async fn forgo(app: &App, counted_as: &[Uuid], checkout_id: CheckoutId) {
    let ended = async {
        guest_checkouts::end(&mut *app.kit.database.acquire().await?, counted_as, checkout_id).await?;
        Ok::<_, Error>(())
    };
    if let Err(cause) = ended.await {
        tracing::warn!(%cause, "a guest's refused checkout counts for an hour");
    }
}
