//! Claims mails that were left behind: those whose next attempt is due, those that found no room, and those whose sender died
//! with them in hand, once their lease is over. A new mail needs no claim: whoever stores it has it.

use crate::{
    error::Error,
    outgoing::LEASE,
    state::App,
    store::deliveries::{self, Due},
};
use service_kit::{cure, jobs::Progress};

/// So many at a time.
const CLAIM: usize = 64;

/// A mail that nobody claims is never sent.
#[cure(left_behind_is_claimed, skip)]
pub(crate) async fn claim_mails(app: App) -> Result<Progress, Error> {
    app.post.close_idle().await;
    let room = app.outgoing.reserve(CLAIM);
    if room.size() == 0 {
        return Ok(Progress::Idle);
    }
    let mails = claim(&app, room.size()).await?;
    let progress = match mails.len() {
        0 => Progress::Idle,
        all if all == room.size() => Progress::More,
        _ => Progress::Found,
    };
    if !mails.is_empty() {
        // Of each person's only the oldest was taken: the next is claimed when it has ended, not at the job's next time.
        app.outgoing.note_left_behind();
    }
    app.outgoing.hand_over(room, mails);
    Ok(progress)
}

async fn claim(app: &App, most: usize) -> Result<Vec<Due>, Error> {
    let now = app.kit.clock.now();
    // Mostly there is nothing, and then it is one statement.
    if !app.kit.database.glance(|connection| Box::pin(deliveries::any_due(connection, now))).await? {
        return Ok(Vec::new());
    }
    let held = app.outgoing.ids();
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut tx = app.kit.database.begin("claim_mails").await?;
    let mails = deliveries::take_due(&mut tx, now, now + LEASE, &held, most).await?;
    let _committed = tx.commit().await?;
    Ok(mails)
}
