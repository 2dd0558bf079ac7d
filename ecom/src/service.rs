//! One service by its name: the production `build` of its crate.

use contracts::ServiceName;
use service_kit::{Bus, Clock, Env, Service, Settings, standalone};

/// # Errors
/// A variable is wrong, or the database cannot be opened.
pub(crate) async fn build(settings: Settings, env: &Env, bus: Bus, clock: Clock) -> anyhow::Result<Service> {
    match settings.service {
        ServiceName::User => user_service::build(user_service::Config::read(settings, env)?, bus, clock).await,
        ServiceName::Product => product_service::build(product_service::Config::read(settings, env)?, bus, clock).await,
        ServiceName::Order => order_service::build(order_service::Config::read(settings, env)?, bus, clock).await,
        ServiceName::Payment => payment_service::build(payment_service::Config::read(settings, env)?, bus, clock).await,
        ServiceName::Notify => notify_service::build(notify_service::Config::read(settings, env)?, bus, clock).await,
    }
}

/// `ecom service NAME`.
pub(crate) fn run(name: ServiceName, env: Env) -> anyhow::Result<()> {
    standalone::serve(name, env, |settings, env, bus| async move { build(settings, &env, bus, Clock::system()).await })
}
