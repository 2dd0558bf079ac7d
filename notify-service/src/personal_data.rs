//! What notify-service keeps of a person, and what becomes of it: messages, and in development the mails in a folder.

use crate::{state::App, store::people};
use service_kit::{
    Tx,
    personal_data::{BoxedError, ERASED_AT_ONCE, EXPORTED_AT_ONCE, Kind, PersonalData, Things},
};
use uuid::Uuid;

pub(crate) const PERSONAL_DATA: PersonalData<App> = PersonalData {
    erase: |app, tx, ids| Box::pin(erase(app, tx, ids)),
    join: |_app, tx, guest, account| {
        Box::pin(async move { Ok(people::join(tx, guest, account, ERASED_AT_ONCE).await?) })
    },
    kinds: &[
        Kind {
            name: "messages",
            read: |_app, connection, account_id, after| {
                Box::pin(async move {
                    Ok(Things::of(people::messages(connection, account_id, after, EXPORTED_AT_ONCE).await?))
                })
            },
        },
        Kind {
            name: "mails",
            read: |_app, connection, account_id, after| {
                Box::pin(async move {
                    Ok(Things::of(people::mails(connection, account_id, after, EXPORTED_AT_ONCE).await?))
                })
            },
        },
    ],
};

async fn erase(app: &App, tx: &mut Tx, ids: &[Uuid]) -> Result<u64, BoxedError> {
    let (messages, mails) = people::erase(tx, ids, ERASED_AT_ONCE).await?;
    // Before the commit: where that fails, they are looked for again.
    app.post.forget(&mails).await?;
    if messages == 0 && app.post.keeps_mails() {
        // What was on its way when its message was emptied.
        app.post.forget(&people::emptied_mails(tx, &[], ids).await?).await?;
    }
    Ok(messages)
}
