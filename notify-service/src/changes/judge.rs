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
use std::{collections::HashMap, time::Duration};
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
pub(crate) async fn judge<'a>(
    app: &App,
    tx: &mut Tx,
    attempts: &'a [Attempted],
) -> Result<Vec<(&'a Attempted, Verdict)>, Error> {
    let mut judged = verdicts(app, attempts);
    let numbers = store(app, tx, &judged).await?;
    announce(app, tx, &judged, &numbers)?;
    judged.retain(|(Attempted { mail, .. }, verdict)| {
        numbers.contains_key(&mail.id) || !matches!(verdict, Verdict::GivenUp(_))
    });
    for (_attempt, verdict) in &judged {
        tx.count_after_commit(metrics::mails(verdict), 1);
    }
    Ok(judged)
}

/// Each by its own end, however many are marked together.
fn verdicts<'a>(app: &App, attempts: &'a [Attempted]) -> Vec<(&'a Attempted, Verdict)> {
    let judged =
        attempts.iter().map(|attempt| (attempt, verdict(&attempt.outcome, attempt.mail.attempts, app.attempts)));
    judged.collect()
}

/// A setback is not the end of a mail.
#[cure(setback_is_tried_again, instead = crate::labs::sent_all_the_same)]
fn verdict(outcome: &Result<(), Setback>, attempts: i32, most: i32) -> Verdict {
    Verdict::after(outcome, attempts, most)
}

/// One statement for those that were sent and one for the others. Gives the mails that it changed, each with the number of
/// its message's change where it is over: two attempts may both have sent one.
async fn store(app: &App, tx: &mut Tx, judged: &[(&Attempted, Verdict)]) -> Result<HashMap<Uuid, Option<i64>>, Error> {
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
    let mut stored = HashMap::new();
    if !sent.is_empty() {
        let marked = deliveries::mark_sent(tx, &sent, now).await?;
        stored.extend(marked.into_iter().map(|(id, number)| (id, Some(number))));
    }
    if !back.is_empty() {
        let set_back = deliveries::set_back(tx, &back).await?;
        stored.extend(set_back.into_iter().map(|id| (id, None)));
        number_those_given_up(tx, judged, &mut stored).await?;
    }
    Ok(stored)
}

/// Another attempt may yet turn out to have sent it: that would be the message's next change.
async fn number_those_given_up(
    tx: &mut Tx,
    judged: &[(&Attempted, Verdict)],
    stored: &mut HashMap<Uuid, Option<i64>>,
) -> Result<(), Error> {
    let given_up = judged.iter().filter(|(_attempt, verdict)| matches!(verdict, Verdict::GivenUp(_)));
    let given_up = given_up.map(|(attempt, _verdict)| &attempt.mail).filter(|mail| stored.contains_key(&mail.id));
    let given_up: Vec<_> = given_up.map(|mail| (mail.id, mail.message_id)).collect();
    if given_up.is_empty() {
        return Ok(());
    }
    let messages: Vec<_> = given_up.iter().map(|(_id, message)| *message).collect();
    let versions = messages::next_versions(tx, &messages).await?;
    stored.extend(given_up.into_iter().map(|(id, message)| (id, versions.get(&message).copied())));
    Ok(())
}

/// Tells of each mail that is over by what was stored here.
fn announce(
    app: &App,
    tx: &mut Tx,
    judged: &[(&Attempted, Verdict)],
    numbers: &HashMap<Uuid, Option<i64>>,
) -> Result<(), Error> {
    for (Attempted { mail, context, .. }, verdict) in judged {
        let Some(number) = numbers.get(&mail.id).copied().flatten() else { continue };
        let cause = &Cause::from(context);
        let (message_id, account_id) = (mail.message_id.into(), mail.account_id.into());
        let (template, attempts) = (mail.template.clone(), mail.attempts);
        if *verdict == Verdict::Sent {
            app.kit.announce(tx, cause, number, Sent { message_id, account_id, template })?;
        } else {
            app.kit.announce(tx, cause, number, Failed { message_id, account_id, template, attempts })?;
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
