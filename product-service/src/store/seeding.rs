//! Who seeds: one at a time.

use sqlx::PgConnection;

/// The same number in every instance.
const SEEDING: i64 = 0x0065_636f_6d00_0101;

/// Waits for another that seeds; the lock ends with the transaction.
pub(crate) async fn lock(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", SEEDING).execute(connection).await?;
    Ok(())
}
