//! What people know the shop by. It stands on every page, so pages need not hand it through.

use service_kit::{ConfigError, Env, shop_name};
use std::{fmt, sync::Arc};

#[derive(Clone, Debug)]
pub struct ShopName(Arc<str>);

tokio::task_local! {
    static CURRENT: ShopName;
}

impl ShopName {
    /// # Errors
    /// `SHOP_NAME` is no name.
    pub(crate) fn read(env: &Env) -> Result<Self, ConfigError> {
        Ok(shop_name::read(env)?.map_or_else(Self::default, |name| Self(name.into())))
    }

    /// For the layout.
    pub(crate) fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_default()
    }

    /// Pages that are written meanwhile have it.
    pub(crate) async fn within<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }
}

impl Default for ShopName {
    fn default() -> Self {
        Self(shop_name::UNNAMED.into())
    }
}

impl fmt::Display for ShopName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
