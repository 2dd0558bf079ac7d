//! What becomes of mails after an attempt: one was sent, one is tried again, one is given up.

use crate::{
    domain::{Setback, Verdict},
    error::Error,
    metrics,
    state::App,
    store::{
        deliveries::{self, Due, SetBack},
        messages,
    },
};
use contracts::events::notification::{Failed, Sent};
use service_kit::{Backoff, Cause, Tx, cure, trace::Context};
use std::{collections::HashSet, time::Duration};
use uuid::Uuid;

/// How long a mail waits after a failed attempt.
const PAUSES: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60 * 60));

/// An attempt that has ended.
pub(crate) struct Attempted {
    pub(crate) mail: Due,
    pub(crate) outcome: Result<(), Setback>,
    /// The journey the mail tells of.
    pub(crate) context: Context,
}

/// Stores and announces what becomes of the mails. A mail to be given up that another attempt has by now is left to that one
/// and not among what is given back.
pub(crate) async fn judge(
    app: &App,
    tx: &mut Tx,
    attempts: Vec<Attempted>,
) -> Result<Vec<(Attempted, Verdict)>, Error> {
    let judged = attempts.into_iter().map(|attempt| {
        let verdict = verdict(&attempt.outcome, attempt.mail.attempts, app.attempts);
        (attempt, verdict)
    });
    let mut judged: Vec<_> = judged.collect();
    let stored = store(app, tx, &judged).await?;
    announce(app, tx, &judged, &stored).await?;
    judged.retain(|(Attempted { mail, .. }, verdict)| {
        stored.contains(&mail.id) || !matches!(verdict, Verdict::GivenUp(_))
    });
    for (_attempt, verdict) in &judged {
        tx.count_after_commit(metrics::mails(verdict), 1);
    }
    Ok(judged)
}

/// A setback is not the end of a mail.
#[cure(setback_is_tried_again, instead = crate::labs::sent_all_the_same)]
fn verdict(outcome: &Result<(), Setback>, attempts: i32, most: i32) -> Verdict {
    Verdict::after(outcome, attempts, most)
}

/// One statement for those that were sent and one for the others. Gives the mails that it changed: two attempts may both
/// have sent one.
async fn store(app: &App, tx: &mut Tx, judged: &[(Attempted, Verdict)]) -> Result<HashSet<Uuid>, Error> {
    let now = app.kit.clock.now();
    let (mut sent, mut back) = (Vec::new(), Vec::new());
    for (Attempted { mail, .. }, verdict) in judged {
        let (reason, next_at) = match verdict {
            Verdict::Sent => {
                sent.push(mail.id);
                continue;
            }
            Verdict::PutOff(reason) => (reason, Some(now + PAUSES.pause(mail.attempts.unsigned_abs()))),
            Verdict::GivenUp(reason) => (reason, None),
        };
        back.push(SetBack { id: mail.id, attempts: mail.attempts, reason, next_at });
    }
    let mut stored = HashSet::new();
    if !sent.is_empty() {
        stored.extend(deliveries::mark_sent(tx, &sent, now).await?);
    }
    if !back.is_empty() {
        stored.extend(deliveries::set_back(tx, &back).await?);
    }
    Ok(stored)
}

/// Tells of each mail that is over by what was `stored` here.
async fn announce(
    app: &App,
    tx: &mut Tx,
    judged: &[(Attempted, Verdict)],
    stored: &HashSet<Uuid>,
) -> Result<(), Error> {
    let is_over = |verdict: &Verdict| !matches!(verdict, Verdict::PutOff(_));
    let over = judged.iter().filter(|(attempt, verdict)| is_over(verdict) && stored.contains(&attempt.mail.id));
    let over: Vec<_> = over.collect();
    if over.is_empty() {
        return Ok(());
    }
    let messages: Vec<_> = over.iter().map(|(attempt, _)| attempt.mail.message_id).collect();
    let versions = messages::next_versions(tx, &messages).await?;
    for (Attempted { mail, context, .. }, verdict) in over {
        let cause = &Cause::from(context);
        let version = *versions.get(&mail.message_id).ok_or(sqlx::Error::RowNotFound)?;
        let (message_id, account_id) = (mail.message_id.into(), mail.account_id.into());
        let (template, attempts) = (mail.template.clone(), mail.attempts);
        if *verdict == Verdict::Sent {
            app.kit.announce(tx, cause, version, Sent { message_id, account_id, template })?;
        } else {
            app.kit.announce(tx, cause, version, Failed { message_id, account_id, template, attempts })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::PAUSES;
    use std::time::Duration;

    #[test]
    fn pauses_grow_to_an_hour() {
        let longest: Vec<_> = (1..=20).map(|attempts| PAUSES.whole(attempts)).collect();
        assert_eq!(longest[..3], [1, 2, 4].map(Duration::from_secs));
        assert!(longest.is_sorted());
        assert_eq!(longest[19], Duration::from_secs(3600));
        assert_eq!(PAUSES.whole(u32::MAX), Duration::from_secs(3600));
    }
}
