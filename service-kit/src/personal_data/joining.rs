//! What is a guest's becomes the account's of the same mailbox, a piece at a time, in whatever order it is told: what is
//! stored of the guest later is stored of the account at once ([`Kit::joined`] and `guests_joined`), and what was on its
//! way meanwhile is looked for once more.

use super::{
    declared::{BoxedError, PersonalData},
    erasing::{AGAIN_AFTER, put_off},
    store,
};
use crate::{Kit, KitError, Tx};
use contracts::{AccountId, Event, events::user::GuestJoined};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

impl Kit {
    /// Writes down who has joined: the reaction to `user.guest_joined`, in its transaction.
    ///
    /// # Errors
    /// The database refuses.
    pub async fn note_joined(&self, tx: &mut Tx, events: Vec<Event<GuestJoined>>) -> Result<(), KitError> {
        let now = self.clock.now();
        for Event { data: GuestJoined { guest_id, account_id }, .. } in events {
            store::note_joined(tx, guest_id, account_id, now).await?;
        }
        tx.wake_after_commit(&self.people_wake);
        Ok(())
    }
}

/// Who of these have joined an account, and which.
///
/// # Errors
/// The database refuses.
pub async fn joined(
    connection: &mut PgConnection,
    guests: &[AccountId],
) -> Result<HashMap<AccountId, AccountId>, KitError> {
    let guests: Vec<Uuid> = guests.iter().map(|guest| guest.uuid()).collect();
    Ok(store::joined(connection, &guests).await?)
}

/// Whether it was anybody's turn, and no other instance had them.
pub(super) async fn run<App>(kit: &Kit, app: &App, data: &PersonalData<App>) -> Result<bool, BoxedError> {
    let now = kit.clock.now();
    let mut tx = kit.database.begin("join_guest").await?;
    let Some(guest) = store::lock_joining(&mut tx, now).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    let (guest_id, told_at) = (guest.guest_id, guest.told_at);
    let moved = async {
        let rows = (data.join)(app, &mut tx, guest.guest_id.into(), guest.account_id.into()).await?;
        let again = guest.told_at + AGAIN_AFTER;
        let look_at = if rows > 0 { Some(now) } else { Some(again).filter(|again| *again > now) };
        store::save_joining(&mut tx, guest.guest_id, look_at).await?;
        let _committed = tx.commit().await?;
        tracing::info!(guest.id = %guest.guest_id, account.id = %guest.account_id, rows, "a guest's things are an account's");
        Ok::<_, BoxedError>(())
    };
    if let Err(cause) = moved.await {
        // Whoever cannot be moved must not hold up the others.
        let mut connection = kit.database.acquire().await?;
        store::save_joining(&mut connection, guest_id, Some(put_off(told_at, now))).await?;
        tracing::error!(guest.id = %guest_id, %cause, "what is a guest's could not be moved to their account; trying again later");
        return Err(cause);
    }
    Ok(true)
}
