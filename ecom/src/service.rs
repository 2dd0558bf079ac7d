//! One service by its name: the production `build` of its crate.

use contracts::ServiceName;
use service_kit::{Bus, Clock, Env, Migrator, Service, Settings, standalone, telemetry};

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

fn migrations(service: ServiceName) -> &'static Migrator {
    match service {
        ServiceName::User => &user_service::MIGRATIONS,
        ServiceName::Product => &product_service::MIGRATIONS,
        ServiceName::Order => &order_service::MIGRATIONS,
        ServiceName::Payment => &payment_service::MIGRATIONS,
        ServiceName::Notify => &notify_service::MIGRATIONS,
    }
}

/// `ecom migrate [NAME …]`: those that are named, or all five. One after the other: it waits for the first that fails.
pub(crate) fn migrate(names: &[ServiceName], env: &Env) -> anyhow::Result<()> {
    telemetry::start_command("ecom", env, telemetry::SERVER_FILTER)?;
    let names = if names.is_empty() { ServiceName::ALL.as_slice() } else { names };
    // Several must not meet in one database, which DATABASE_URL would have them do.
    if names.len() > 1 {
        for name in names {
            let variable = format!("{}_DATABASE_URL", name.short().to_uppercase());
            env.required(&variable, &format!("postgres://user:password@host:5432/{}", name.database()))?;
        }
    }
    names.iter().try_for_each(|name| standalone::migrate(*name, env, migrations(*name)))
}

/// `ecom service NAME`.
pub(crate) fn run(name: ServiceName, env: Env) -> anyhow::Result<()> {
    standalone::serve(name, env, migrations(name), |settings, env, bus| async move {
        build(settings, &env, bus, Clock::system()).await
    })
}
