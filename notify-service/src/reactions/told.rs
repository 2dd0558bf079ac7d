//! What every reaction ends with: its news are stored, committed, and then in the sender's hands.

use crate::{
    changes::tell::{News, tell},
    error::Error,
    state::App,
};
use service_kit::{Committed, Tx, cure};

/// Handed over after the commit. Before it, a mail may leave that tells of what was rolled back, and once more when the
/// event comes again.
#[cure(handed_over_after_commit, instead = crate::labs::hand_over_first)]
pub(super) async fn told(app: &App, mut tx: Tx, news: Vec<News>) -> Result<Committed, Error> {
    let told = tell(app, &mut tx, news).await?;
    let committed = tx.commit().await?;
    told.hand_over(app);
    Ok(committed)
}
