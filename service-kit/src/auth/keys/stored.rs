//! Signing keys as the database keeps them: sealed.

use super::signing::{Signing, generate};
use crate::{KitError, Vault};
use jsonwebtoken::EncodingKey;
use sqlx::PgConnection;
use std::sync::Arc;
use time::OffsetDateTime;

pub(super) async fn lock(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("LOCK TABLE signing_keys IN EXCLUSIVE MODE").execute(connection).await?;
    Ok(())
}

/// Which there are, in the order in which they sign.
pub(super) async fn kids(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!("SELECT kid FROM signing_keys ORDER BY coalesce(signs_from, created_at), kid")
        .fetch_all(connection)
        .await
}

/// All of them, in the order in which they sign. Seals those that were kept open.
pub(super) async fn all(connection: &mut PgConnection, vault: &Vault) -> Result<Vec<Signing>, KitError> {
    let rows = sqlx::query!(
        r#"SELECT kid, private_key, public_key, coalesce(signs_from, created_at) AS "signs_from!"
           FROM signing_keys ORDER BY coalesce(signs_from, created_at), kid"#
    );
    let mut keys = Vec::new();
    for row in rows.fetch_all(&mut *connection).await? {
        let private_key = vault.open(&row.kid, &row.private_key)?;
        if !vault.is_kept_well(&row.private_key) {
            let sealed = vault.seal(&row.kid, &private_key)?;
            sqlx::query!("UPDATE signing_keys SET private_key = $2 WHERE kid = $1", row.kid, sealed)
                .execute(&mut *connection)
                .await?;
        }
        let key = Arc::new(EncodingKey::from_ed_der(&private_key));
        keys.push(Signing { kid: row.kid, public_key: row.public_key, key, from: row.signs_from });
    }
    Ok(keys)
}

/// A new one, to sign from then on.
pub(super) async fn make(
    connection: &mut PgConnection,
    vault: &Vault,
    now: OffsetDateTime,
    from: OffsetDateTime,
) -> Result<Signing, KitError> {
    let (kid, private_key, public_key) = generate()?;
    sqlx::query!(
        "INSERT INTO signing_keys (kid, private_key, public_key, created_at, signs_from) VALUES ($1, $2, $3, $4, $5)",
        kid,
        vault.seal(&kid, &private_key)?,
        public_key,
        now,
        from
    )
    .execute(connection)
    .await?;
    Ok(Signing { kid, public_key, key: Arc::new(EncodingKey::from_ed_der(&private_key)), from })
}

pub(super) async fn forget(connection: &mut PgConnection, kids: &[String]) -> Result<(), sqlx::Error> {
    if !kids.is_empty() {
        sqlx::query!("DELETE FROM signing_keys WHERE kid = ANY($1)", kids).execute(connection).await?;
    }
    Ok(())
}
