//! `ecom events replay`: has logged events acted on by one consumer that did not get them, or could not act.
//!
//! Nothing is sent: the event goes into that consumer's inbox as one that waits, and the service's own retry job takes it
//! up within half a second, whichever bus is used. The event keeps its id, so what was handled stays handled once.

use super::{Filter, Logged, log, show};
use crate::{
    pruned,
    reach::Reach,
    terminal::{complain, say},
};
use anyhow::{Context, bail, ensure};
use contracts::{
    EventId, ServiceName,
    events::{self, Repeating},
};
use service_kit::{
    Clock,
    inbox::by_hand::{self, Replayed},
    operator_log,
};
use std::collections::BTreeSet;

/// More than so many want a second thought.
const MANY: usize = 100;

/// What is to be replayed, and how.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// One event; else those of the filter.
    pub id: Option<EventId>,
    pub filter: Filter,
    /// The one consumer it goes to.
    pub to: ServiceName,
    /// Also what is done is acted on again.
    pub again: bool,
    /// Only say what would happen.
    pub dry_run: bool,
    /// However many there are.
    pub yes: bool,
}

/// What became of one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub id: EventId,
    pub kind: String,
    pub result: Replayed,
}

/// Puts the wanted events before their consumer, oldest first, each with a line in that service's operator log.
///
/// # Errors
/// The consumer does not react to them, may not act twice, there are none, or too many; or a database is away. What was
/// put before the consumer until then stays.
pub async fn replay(reach: &Reach, clock: &Clock, operator: &str, wanted: &Wanted) -> anyhow::Result<Vec<Outcome>> {
    let chosen = choose(reach, clock, wanted).await?;
    ensure!(
        wanted.yes || wanted.dry_run || chosen.len() <= MANY,
        "these are {} events, more than {MANY}: look at them with --dry-run, then give --yes",
        chosen.len()
    );
    let mut outcomes = Vec::new();
    for (announcer, id) in chosen {
        let Some(logged) = log::find_at(reach.database(announcer), announcer, id).await? else {
            bail!(show::unknown(reach, id).await?);
        };
        let result = put(reach, clock, operator, wanted, &logged).await;
        let result = result.with_context(|| format!("stopped at event {id}, after {} were done", outcomes.len()))?;
        outcomes.push(Outcome { id, kind: logged.event.kind, result });
    }
    Ok(outcomes)
}

/// The announcers and ids of what is wanted, oldest first.
async fn choose(reach: &Reach, clock: &Clock, wanted: &Wanted) -> anyhow::Result<Vec<(ServiceName, EventId)>> {
    let to = wanted.to;
    if let Some(id) = wanted.id {
        let Some(logged) = log::find(reach, id).await? else { bail!(show::unknown(reach, id).await?) };
        refuse_strangers(to, &logged.event.kind)?;
        refuse_repeating(wanted, &logged.event.kind)?;
        return Ok(vec![(logged.announcer, id)]);
    }
    ensure!(!wanted.filter.is_empty(), "say which events: --id, --type, --subject, --journey or --since");
    let mut kinds: Vec<String> = events::subscribed_by(to).map(|event| event.name.to_owned()).collect();
    if let Some(kind) = &wanted.filter.kind {
        refuse_strangers(to, kind)?;
        kinds = vec![kind.clone()];
    }
    let chosen = log::choose(reach, &wanted.filter, &kinds, clock.now()).await?;
    ensure!(!chosen.is_empty(), "none of those events is one that {to} reacts to; it reacts to {}", reacts_to(to));
    if wanted.again {
        let met: BTreeSet<_> = chosen.iter().map(|event| event.kind.as_str()).collect();
        met.into_iter().try_for_each(|kind| refuse_repeating(wanted, kind))?;
    }
    Ok(chosen.into_iter().map(|event| (event.announcer, event.id.into())).collect())
}

fn refuse_strangers(to: ServiceName, kind: &str) -> anyhow::Result<()> {
    let subscribers = events::find(kind).map_or(&[][..], |event| event.subscribers);
    if subscribers.contains(&to) {
        return Ok(());
    }
    let who: Vec<_> = subscribers.iter().map(|service| service.as_str()).collect();
    match who.as_slice() {
        [] => bail!("{to} does not react to {kind}; nobody does. It reacts to {}", reacts_to(to)),
        who => bail!("{to} does not react to {kind}: give --to {}", who.join(" or ")),
    }
}

/// A claim on money or stock is never taken back, whoever asks.
fn refuse_repeating(wanted: &Wanted, kind: &str) -> anyhow::Result<()> {
    let to = wanted.to;
    if !wanted.again || events::repeating(to, kind) == Some(Repeating::Harmless) {
        return Ok(());
    }
    bail!(
        "--again is refused: what {to} does on {kind} moves money or stock and must not happen twice. Without --again an \
         event that has not been handled is replayed, and one that has is left alone"
    )
}

fn reacts_to(service: ServiceName) -> String {
    let kinds: Vec<_> = events::subscribed_by(service).map(|event| event.name).collect();
    if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", ") }
}

/// One event: its row and the operator's note commit together.
async fn put(
    reach: &Reach,
    clock: &Clock,
    operator: &str,
    wanted: &Wanted,
    logged: &Logged,
) -> anyhow::Result<Replayed> {
    let mut tx = reach.database(wanted.to).begin().await?;
    let result = by_hand::replay(&mut tx, &logged.event, clock.now(), wanted.again).await?;
    if wanted.dry_run {
        tx.rollback().await?;
        return Ok(result);
    }
    if !result.leaves_alone() {
        let note = format!("{}: {}", logged.event.kind, words(result));
        operator_log::note(&mut tx, clock, operator, "replayed", &logged.event.id.to_string(), &note).await?;
    }
    tx.commit().await?;
    Ok(result)
}

const fn words(result: Replayed) -> &'static str {
    match result {
        Replayed::Added => "had not arrived; it is acted on now",
        Replayed::Hastened => "waited for its next attempt; that is now",
        Replayed::Revived => "was dead; it is tried again",
        Replayed::ClaimCleared => "was done; it is acted on again",
        Replayed::DoneBefore => "is done; left alone",
        Replayed::StaysDropped => "was dropped; left alone (`ecom dead-letters replay` takes it up)",
        Replayed::Forgotten => {
            "is older than what its inbox remembers, so that nobody can tell whether it was done; left alone"
        }
    }
}

pub(super) async fn print(reach: &Reach, operator: &str, wanted: &Wanted) -> anyhow::Result<()> {
    let outcomes = replay(reach, &Clock::system(), operator, wanted).await?;
    for outcome in &outcomes {
        say(format!("{}  {:<27} {}", outcome.id, outcome.kind, words(outcome.result)));
    }
    let left_alone = outcomes.iter().filter(|outcome| outcome.result.leaves_alone()).count();
    let replayed = outcomes.len() - left_alone;
    say(format!("{replayed} replayed to {}, {left_alone} left alone.", wanted.to));
    if wanted.id.is_none() {
        let (filter, now) = (&wanted.filter, Clock::system().now());
        let since = filter.since.map(|since| since.at(now));
        pruned::logs(reach, filter.announcers(), since).await?.into_iter().for_each(complain);
    }
    if wanted.dry_run {
        complain("A dry run: nothing was changed.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Wanted, refuse_repeating, refuse_strangers};
    use crate::events::Filter;
    use contracts::{
        ServiceName,
        events::{CATALOGUE, Repeating, repeating},
    };

    #[test]
    fn a_consumer_that_does_not_react_is_refused_with_who_does() {
        let refused = |to, kind| refuse_strangers(to, kind).unwrap_err().to_string();
        assert_eq!(
            refused(ServiceName::Payment, "order.paid"),
            "payment-service does not react to order.paid: give --to product-service or notify-service"
        );
        assert_eq!(
            refused(ServiceName::Payment, "stock.changed"),
            "payment-service does not react to stock.changed; nobody does. It reacts to user.erased, user.guest_joined, \
             user.export_requested, order.created, order.cancelled"
        );
        assert!(refuse_strangers(ServiceName::Notify, "order.paid").is_ok());
    }

    #[test]
    fn no_claim_is_taken_back_on_what_moves_money_or_stock() {
        for event in CATALOGUE {
            for to in ServiceName::ALL {
                let wanted =
                    Wanted { id: None, filter: Filter::default(), to, again: true, dry_run: false, yes: false };
                let may = repeating(to, event.name) == Some(Repeating::Harmless);
                assert_eq!(refuse_repeating(&wanted, event.name).is_ok(), may, "{to} {}", event.name);
            }
        }
    }
}
