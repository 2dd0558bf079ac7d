//! How the service is put together: the only file that knows all rooms.

use crate::{
    Config, http, jobs,
    login_bounds::LoginBounds,
    metrics,
    outside::Outside,
    passkeys::RelyingParty,
    passwords::Passwords,
    places::Places,
    reactions,
    state::App,
    store::{MIGRATIONS, secrets},
};
use anyhow::Context as _;
use service_kit::{Bus, Clock, Kit, Service, mail_bounds::MailBounds};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::sync::Notify;

/// # Errors
/// The database cannot be opened or migrated, or the one of places not be read.
pub(crate) async fn open(config: Config, bus: Bus, clock: Clock) -> anyhow::Result<App> {
    let places = config.places_file.as_deref().map(places).transpose()?;
    let kit = Kit::open(config.kit, &MIGRATIONS, bus, clock).await?;
    let (link_key, refresh_key) = (secrets::link_key(&kit).await?, secrets::refresh_key(&kit).await?);
    let outside = config.outside.map(|settings| Outside::new(settings, &kit.settings.public_url, kit.clock.clone()));
    let passkeys = RelyingParty::of(&kit.settings.public_url).map(Arc::new);
    Ok(App {
        kit,
        passkeys,
        places,
        passwords: Passwords::new(config.bcrypt_cost),
        logins: LoginBounds::new(config.failed_logins),
        mails: MailBounds::new(config.mails_per_client),
        guests: MailBounds::new(config.guests_per_client),
        resets: Arc::default(),
        erasing: Arc::default(),
        outside: outside.transpose()?,
        erase_after: config.erase_after,
        link_key: Arc::new(link_key),
        refresh_key: Arc::new(refresh_key),
    })
}

fn places(file: &Path) -> anyhow::Result<Places> {
    Places::open(file).with_context(|| {
        format!(
            "PLACES_FILE={} cannot be used: name a readable database in the MaxMind DB format, such as GeoLite2-City.mmdb, \
             or leave it unset",
            file.display()
        )
    })
}

/// # Errors
/// The database cannot be opened or migrated, or the one of places not be read.
pub async fn build(config: Config, bus: Bus, clock: Clock) -> anyhow::Result<Service> {
    let app = open(config, bus, clock).await?;
    jobs::adopt::at_start(&app).await?;
    metrics::start();
    let never_woken = Arc::new(Notify::new());
    let (attempts, ended, older, forgotten) = (app.clone(), app.clone(), app.clone(), app.clone());
    let resets = Arc::clone(&app.resets);
    let (erased, erasing) = (app.clone(), Arc::clone(&app.erasing));
    let service = Service::new(app.kit.clone(), app, http::routes(), reactions::subscriptions())?
        .job("forget failed attempts", Duration::from_secs(60), Arc::clone(&never_woken), move || {
            jobs::forget_attempts::run(&attempts)
        })
        .job("answer forgotten passwords", Duration::from_secs(60), resets, move || {
            jobs::answer_resets::run(forgotten.clone())
        })
        .job("erase accounts", Duration::from_secs(60), erasing, move || jobs::erase_accounts::run(erased.clone()))
        .job("end registrations", Duration::from_secs(60), Arc::clone(&never_woken), move || {
            jobs::end_registrations::run(ended.clone())
        })
        .job("adopt what older versions wrote", Duration::from_secs(60), never_woken, move || {
            jobs::adopt::run(older.clone())
        });
    Ok(service)
}
