//! Sends the mails that are due, several at a time: claims them by one statement, sends them side by side outside of any
//! transaction, then stores what became of them.
//!
//! Killed between the mail server's yes and storing it, a mail is sent again when its lease is over, under the same
//! Message-ID.

use super::attempt::attempt;
use crate::{
    changes::judge::{Attempted, judge},
    domain::Verdict,
    error::Error,
    state::App,
    store::deliveries::{self, Due},
};
use futures_util::{StreamExt, stream};
use service_kit::{cure, jobs::Progress, trace};
use time::Duration;

/// Longer than an attempt and storing its outcome can take; then somebody else may try.
const LEASE: Duration = Duration::seconds(30);

/// As many as there are connections to the mail server.
const AT_ONCE: i64 = 8;

pub(crate) async fn send_due(app: App) -> Result<Progress, Error> {
    let due = claim(&app).await?;
    if due.is_empty() {
        return Ok(Progress::Idle);
    }
    send_then_mark(&app, due).await?;
    Ok(Progress::More)
}

async fn claim(app: &App) -> Result<Vec<Due>, Error> {
    let now = app.kit.clock.now();
    let mut connection = app.kit.database.acquire().await?;
    Ok(deliveries::take_due(&mut connection, now, now + LEASE, AT_ONCE).await?)
}

/// Sent, then marked: killed in between, the mails go out again. The other way round they never do. What has ended by the
/// time the last were stored is stored together; a slow mail holds up none of the others.
#[cure(sent_then_marked, instead = crate::labs::mark_then_send)]
async fn send_then_mark(app: &App, due: Vec<Due>) -> Result<(), Error> {
    let at_once = due.len();
    let sending = stream::iter(due).map(|mail| attempt(app, mail)).buffer_unordered(at_once);
    let mut ended = sending.ready_chunks(at_once);
    let mut stored = Ok(());
    while let Some(attempts) = ended.next().await {
        // All of them are stored before the first error is told.
        stored = stored.and(mark(app, attempts).await);
    }
    stored
}

/// Stores what became of them, in one transaction, which the journey of the first shows.
pub(crate) async fn mark(app: &App, attempts: Vec<Attempted>) -> Result<(), Error> {
    let Some(first) = attempts.first() else { return Ok(()) };
    let judged = trace::within(first.context.clone(), async {
        let mut tx = app.kit.database.begin("mark_sent").await?;
        let judged = judge(app, &mut tx, attempts).await?;
        let _committed = tx.commit().await?;
        Ok::<_, Error>(judged)
    });
    for (Attempted { mail, context, .. }, verdict) in judged.await? {
        trace::within(context, async { log(&mail, &verdict) }).await;
    }
    Ok(())
}

fn log(mail: &Due, verdict: &Verdict) {
    let (id, attempts) = (mail.message_id, mail.attempts);
    match verdict {
        Verdict::Sent => tracing::info!(
            notification.id = %id, order.number = mail.order_number, template = mail.template, attempts,
            "a mail was sent"
        ),
        Verdict::PutOff(reason) => {
            tracing::warn!(notification.id = %id, attempts, error.message = reason, "a mail will be tried again");
        }
        Verdict::GivenUp(reason) => {
            tracing::error!(notification.id = %id, attempts, error.message = reason, "a mail was given up");
        }
    }
}
