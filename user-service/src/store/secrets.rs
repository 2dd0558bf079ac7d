//! Secrets this service makes for itself.

use aws_lc_rs::hmac;
use service_kit::{Kit, KitError, ambient};

/// The key of the tokens in mailed links; made at first start. Of two instances that start together one makes it.
pub(crate) async fn link_key(kit: &Kit) -> Result<hmac::Key, KitError> {
    let fresh: [u8; 32] = ambient::random_bytes().map_err(|_| KitError::Key("no randomness".to_owned()))?;
    let mut connection = kit.database.acquire().await?;
    sqlx::query!("INSERT INTO secrets (name, value) VALUES ('link_key', $1) ON CONFLICT DO NOTHING", &fresh[..])
        .execute(&mut *connection)
        .await?;
    let value =
        sqlx::query_scalar!("SELECT value FROM secrets WHERE name = 'link_key'").fetch_one(&mut *connection).await?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &value))
}
