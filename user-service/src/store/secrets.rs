//! Secrets this service makes for itself.

use aws_lc_rs::hmac;
use service_kit::{Kit, KitError, ambient};

/// The key of the tokens in mailed links.
pub(crate) async fn link_key(kit: &Kit) -> Result<hmac::Key, KitError> {
    key(kit, "link_key").await
}

/// The key that refresh tokens are derived by.
pub(crate) async fn refresh_key(kit: &Kit) -> Result<hmac::Key, KitError> {
    key(kit, "refresh_key").await
}

/// Made at first start. Of two instances that start together one makes it.
async fn key(kit: &Kit, name: &str) -> Result<hmac::Key, KitError> {
    let fresh: [u8; 32] = ambient::random_bytes().map_err(|_| KitError::Key("no randomness".to_owned()))?;
    let (vault, fresh) = (&kit.settings.vault, kit.settings.vault.seal(name, &fresh)?);
    let mut connection = kit.database.acquire().await?;
    sqlx::query!("INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", name, fresh)
        .execute(&mut *connection)
        .await?;
    let value =
        sqlx::query_scalar!("SELECT value FROM secrets WHERE name = $1", name).fetch_one(&mut *connection).await?;
    let secret = vault.open(name, &value)?;
    if !vault.is_kept_well(&value) {
        let sealed = vault.seal(name, &secret)?;
        sqlx::query!("UPDATE secrets SET value = $2 WHERE name = $1", name, sealed).execute(&mut *connection).await?;
    }
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &secret))
}
