//! A person is forgotten, a piece at a time, and the receipt is announced. It is looked once more when no token of theirs can
//! live any longer: until then they may have gone on ordering.

use super::{
    declared::{BoxedError, ERASED_AT_ONCE, PersonalData, Receipt},
    store::{self, Person, Told},
};
use crate::{
    Cause, Kit, KitError, Tx,
    auth::{ACCESS_TOKEN_SECONDS, TOKEN_SKEW_SECONDS},
};
use contracts::{
    Event,
    events::{EventData, user::Erased},
};
use time::{Duration, OffsetDateTime};

/// Longer than any token lives, with clocks that differ.
pub(super) const AGAIN_AFTER: Duration = Duration::seconds(ACCESS_TOKEN_SECONDS + 10 * TOKEN_SKEW_SECONDS);

/// When whoever failed is tried again: they let the others go first, for as long as it has been tried `since`, so that what
/// passes is over soon.
#[must_use]
pub fn put_off(since: OffsetDateTime, now: OffsetDateTime) -> OffsetDateTime {
    now + (now - since).clamp(Duration::seconds(2), Duration::minutes(5))
}

impl Kit {
    /// Writes down who is to be forgotten: the reaction to `user.erased`, in its transaction.
    ///
    /// # Errors
    /// The database refuses.
    pub async fn note_erased(&self, tx: &mut Tx, events: Vec<Event<Erased>>) -> Result<(), KitError> {
        let now = self.clock.now();
        for event in events {
            let (id, correlation_id, traceparent) = (event.id, event.correlation_id, Cause::of(&event).traceparent);
            let Erased { account_id, also } = event.data;
            store::note_erased(tx, account_id, &also, &Told { id, correlation_id, traceparent }, now).await?;
            store::end_exports_of(tx, account_id).await?;
        }
        tx.wake_after_commit(&self.people_wake);
        Ok(())
    }
}

/// Whether anybody's turn it was, and no other instance had them.
pub(super) async fn run<App, R: EventData>(
    kit: &Kit,
    app: &App,
    data: &PersonalData<App>,
    receipt: Receipt<R>,
) -> Result<bool, BoxedError> {
    let now = kit.clock.now();
    let mut tx = kit.database.begin("erase_person").await?;
    let Some(person) = store::lock_due(&mut tx, now).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    let (account_id, told_at) = (person.account_id, person.told_at);
    let Err(cause) = erase(kit, app, data, receipt, tx, person).await else { return Ok(true) };
    // Whoever cannot be erased must not hold up the others.
    let mut connection = kit.database.acquire().await?;
    store::put_off(&mut connection, account_id, now, put_off(told_at, now)).await?;
    tracing::error!(account.id = %account_id, %cause, "what is kept of a person could not be erased; trying again later");
    Err(cause)
}

async fn erase<App, R: EventData>(
    kit: &Kit,
    app: &App,
    data: &PersonalData<App>,
    receipt: Receipt<R>,
    mut tx: Tx,
    mut person: Person,
) -> Result<(), BoxedError> {
    let now = kit.clock.now();
    let mut rows = store::forget_answers(&mut tx, &person.ids, ERASED_AT_ONCE).await?;
    rows += (data.erase)(app, &mut tx, &person.ids).await?;
    person.erased_rows = person.erased_rows.saturating_add_unsigned(rows);
    let look_at = match (rows, person.receipt_at) {
        (1.., _) => Some(now),
        (0, None) => {
            let Told { id, correlation_id, traceparent } = &person.event;
            let cause = Cause {
                correlation_id: Some(*correlation_id),
                causation_id: Some(*id),
                event_type: Some(Erased::TYPE),
                traceparent: traceparent.clone(),
                by: None,
            };
            person.receipt_at = Some(now);
            kit.announce(&mut tx, &cause, 1, receipt(person.account_id, person.erased_rows))?;
            tracing::info!(account.id = %person.account_id, rows = person.erased_rows, "a person was erased");
            Some(person.told_at + AGAIN_AFTER)
        }
        (0, Some(_)) => Some(person.told_at + AGAIN_AFTER).filter(|again| *again > now),
    };
    store::save(&mut tx, &person, look_at).await?;
    let _committed = tx.commit().await?;
    Ok(())
}
