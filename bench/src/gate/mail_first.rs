//! Keeps orders from being paid before everybody was told that they were received. Else an order's two mails may go
//! their way together or apart, and with them what is asked and marked for them.

use crate::{platform::Platform, settled};
use contracts::ServiceName;
use sqlx::{Postgres, Transaction};

/// As long as it is there no payment is booked.
pub(super) struct Unpaid {
    held: Transaction<'static, Postgres>,
    mails: u64,
}

impl Unpaid {
    /// # Errors
    /// The database is away.
    pub(super) async fn hold(platform: &Platform) -> anyhow::Result<Self> {
        let mut held = platform.watch(ServiceName::Payment).begin().await?;
        sqlx::query("LOCK TABLE ledger_transactions IN ACCESS EXCLUSIVE MODE").execute(&mut *held).await?;
        Ok(Self { held, mails: platform.sink.mails() })
    }

    /// Lets them be paid, once so many were told.
    ///
    /// # Errors
    /// They are not, or the database is away.
    pub(super) async fn until_told(self, platform: &Platform, orders: u64) -> anyhow::Result<()> {
        settled::mailed(platform, self.mails + orders).await?;
        Ok(self.held.rollback().await?)
    }
}
