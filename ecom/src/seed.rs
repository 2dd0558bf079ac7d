//! `ecom seed`: the sample catalogue.

use anyhow::Context;
use contracts::ServiceName;
use operate::terminal::say;
use product_service::SeedProduct;
use service_kit::{Bus, Clock, Env, Kit, standalone, telemetry};

pub(crate) async fn run(env: Env) -> anyhow::Result<()> {
    telemetry::start_command("ecom", &env, "warn")?;
    let (settings, _) = standalone::settings_of(ServiceName::Product, env)?;
    // What it announces is relayed by the running product-service.
    let kit = Kit::open(settings, &product_service::MIGRATIONS, Bus::Elsewhere, Clock::system()).await?;
    let report = seed(&kit).await?;
    say(format!("{} products added, {} were there already.", report.added, report.left_alone));
    Ok(())
}

pub(crate) async fn seed(kit: &Kit) -> anyhow::Result<product_service::SeedReport> {
    let products = sample_catalogue::products()?.into_iter().map(|sample| SeedProduct {
        sku: sample.sku,
        name: sample.name,
        description: sample.description,
        category_name: category_name(&sample.category),
        category: sample.category,
        price: sample.price_minor,
        stock: i64::from(sample.stock),
        picture: sample.picture,
    });
    product_service::seed(kit, products.collect()).await.context("the sample catalogue cannot be put in")
}

/// `coffee-and-tea` → `Coffee and tea`.
fn category_name(slug: &str) -> String {
    let text = slug.replace('-', " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
