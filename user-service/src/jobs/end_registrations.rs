//! Ends registrations that nobody confirmed in time, and forgets links, sessions, exports, guests who ordered nothing, and what browsers were asked that is
//! over.

use crate::{
    Error,
    changes::{
        account_requests, end_registrations, end_sessions, export, guests, outside_login, passkey_ceremony,
        second_factor,
    },
    state::App,
};
use service_kit::jobs::Progress;

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let mut tx = app.kit.database.begin("end_registrations").await?;
    let now = app.kit.clock.now();
    let mut more = end_registrations::end(&mut tx, now).await?;
    more |= account_requests::forget(&app, &mut tx).await?;
    more |= end_sessions::forget(&mut tx, now).await?;
    more |= second_factor::forget(&app, &mut tx).await?;
    more |= export::forget(&app, &mut tx).await?;
    more |= outside_login::forget(&app, &mut tx).await?;
    more |= guests::forget(&app, &mut tx).await?;
    more |= passkey_ceremony::forget(&app, &mut tx).await?;
    let _committed = tx.commit().await?;
    Ok(if more { Progress::More } else { Progress::Idle })
}
