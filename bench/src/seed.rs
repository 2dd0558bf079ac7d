//! What there is before anybody orders: products with plenty of stock, and people who are logged in.

use crate::platform::Platform;
use anyhow::{Context, ensure};
use chaos::accounts::{self, PASSWORD, Person, Shop};
use contracts::ServiceName;
use futures_util::{StreamExt, TryStreamExt, stream};
use http::{Method, StatusCode};
use serde_json::json;
use std::{sync::Arc, time::Duration};

/// More than a batch takes of one person's.
pub(crate) const PEOPLE: usize = 256;
/// Enough that no single stock row is what everybody waits for; that is measured apart.
pub(crate) const PRODUCTS: usize = 100;
/// Of each product: as many as the service takes.
const PIECES: i64 = 1_000_000;
const SIDE_BY_SIDE: usize = 2;
const PAUSE: Duration = Duration::from_millis(20);

/// Who orders, and what.
pub(crate) struct Market {
    /// One of each person.
    pub(crate) tokens: Vec<String>,
    pub(crate) skus: Vec<String>,
    /// Of the administrator.
    pub(crate) staff: String,
    admin: Arc<Person>,
}

impl Market {
    /// With everybody logged in anew: a token ends after a quarter of an hour, which some runs outlast.
    ///
    /// # Errors
    /// Somebody cannot log in.
    pub(crate) async fn again(&self, platform: &Platform) -> anyhow::Result<Self> {
        let shop = Shop::of(&platform.stack)?;
        self.admin.log_in(&shop).await?;
        let (skus, admin) = (self.skus.clone(), Arc::clone(&self.admin));
        Ok(Self { tokens: log_in(&shop).await?, skus, staff: admin.token(), admin })
    }
}

/// # Errors
/// A service refuses something.
pub(crate) async fn market(platform: &Platform) -> anyhow::Result<Market> {
    let shop = Shop::of(&platform.stack)?;
    let admin = accounts::make_admin(&platform.stack, &shop).await?;
    let mut skus = Vec::new();
    for number in 0..PRODUCTS {
        let sku = format!("BENCH-{number:03}");
        accounts::sell(&shop, &admin, &sku, 1999, PIECES).await?;
        skus.push(sku);
    }
    // With the administrator's password: hashing one for each is not what is measured.
    let people = sqlx::query(
        "INSERT INTO accounts (id, first_name, last_name, email, email_key, password_hash, role, verified_at, created_at)
         SELECT overlay(gen_random_uuid()::text PLACING '7' FROM 15 FOR 1)::uuid, 'Ada', 'Lovelace', mailbox, mailbox,
             admin.password_hash, 'customer', now(), now()
         FROM accounts AS admin, generate_series(0, $1 - 1) AS number,
             LATERAL (SELECT 'buyer-' || number || '@example.com' AS mailbox) AS named
         WHERE admin.role = 'admin'",
    );
    let made = people.bind(i32::try_from(PEOPLE)?).execute(platform.watch(ServiceName::User)).await?;
    ensure!(made.rows_affected() == PEOPLE as u64, "{} people were made", made.rows_affected());
    let tokens = log_in(&shop).await?;
    Ok(Market { tokens, skus, staff: admin.token(), admin: Arc::new(admin) })
}

/// A token of each person.
async fn log_in(shop: &Shop) -> anyhow::Result<Vec<String>> {
    let log_in = |number: usize| {
        let shop = shop.clone();
        async move {
            let body = json!({"email": format!("buyer-{number}@example.com"), "password": PASSWORD});
            loop {
                let asked = shop.ask(ServiceName::User, Method::POST, "/auth/login", "", None, Some(&body)).await?;
                // Passwords are checked a few at a time.
                if asked.status != StatusCode::SERVICE_UNAVAILABLE {
                    let token = asked.body["token"].as_str();
                    return anyhow::Ok(token.with_context(|| format!("a login was answered {asked:?}"))?.to_owned());
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    };
    stream::iter(0..PEOPLE).map(log_in).buffered(SIDE_BY_SIDE).try_collect().await
}
