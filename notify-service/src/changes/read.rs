//! Messages are read by their owners.

use crate::{
    error::Error,
    state::App,
    store::messages::{self, Message},
};
use contracts::{AccountId, MessageId};
use service_kit::Tx;

/// Marks `owned` messages as read; the time of the first reading stays. An error for each that is none of its owner's.
pub(crate) async fn mark(
    app: &App,
    tx: &mut Tx,
    owned: &[(AccountId, MessageId)],
) -> Result<Vec<Result<Message, Error>>, Error> {
    let read = messages::mark_read(tx, owned, app.kit.clock.now()).await?;
    let of = |(account_id, id): &(AccountId, MessageId)| {
        let found = read.iter().find(|message| (message.account_id, message.id) == (account_id.uuid(), id.uuid()));
        found.cloned().ok_or(Error::NoSuchNotification)
    };
    Ok(owned.iter().map(of).collect())
}

/// Marks all messages of the `owners` as read; how many each had not read before. Whoever asks twice had none left.
pub(crate) async fn mark_all(app: &App, tx: &mut Tx, owners: &[AccountId]) -> Result<Vec<i64>, Error> {
    let mut marked = messages::mark_all_read(tx, owners, app.kit.clock.now()).await?;
    Ok(owners.iter().map(|owner| marked.remove(&owner.uuid()).unwrap_or(0)).collect())
}
