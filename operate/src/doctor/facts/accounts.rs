//! `user_db`: of accounts only what their events are numbered by. No person is read.

use super::reading::Reading;
use crate::doctor::Invariant;
use sqlx::FromRow;
use uuid::Uuid;

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    pub(crate) version: i64,
}

pub(super) async fn read(reading: &mut Reading) -> anyhow::Result<Vec<Account>> {
    reading.rows(Invariant::Sequence, "accounts", "SELECT id, version FROM accounts").await
}
