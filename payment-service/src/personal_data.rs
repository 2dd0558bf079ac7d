//! What payment-service keeps of a person: payments, under the account's id alone. They are part of the books, which the law
//! has kept, and name nobody.

use crate::{state::App, store::people};
use service_kit::personal_data::{ERASED_AT_ONCE, EXPORTED_AT_ONCE, Kind, PersonalData, Things};

pub(crate) const PERSONAL_DATA: PersonalData<App> = PersonalData {
    erase: |_app, _tx, _ids| Box::pin(async { Ok(0) }),
    join: |_app, tx, guest, account| {
        Box::pin(async move { Ok(people::join(tx, guest, account, ERASED_AT_ONCE).await?) })
    },
    kinds: &[Kind {
        name: "payments",
        read: |_app, connection, account_id, after| {
            Box::pin(
                async move { Ok(Things::of(people::payments(connection, account_id, after, EXPORTED_AT_ONCE).await?)) },
            )
        },
    }],
};
