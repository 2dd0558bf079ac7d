//! Puts a sample catalogue in. SKUs that exist are left alone, so that it may be called at every start.

use crate::{
    changes::create_product::{Wish, create},
    domain::{
        CategoryName, Description, NewProduct, Picture, ProductName, Sku, Slug, Status, parse_price, parse_stock,
    },
    error::Error,
    store::{
        categories,
        pictures::{self, Keep},
        products, seeding,
    },
};
use anyhow::anyhow;
use contracts::{Currency, Money};
use service_kit::{Cause, Kit};
use std::fmt::Display;
use time::OffsetDateTime;

/// One product of a sample catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedProduct {
    pub sku: String,
    pub name: String,
    pub description: String,
    /// The category's slug; made when it is new.
    pub category: String,
    pub category_name: String,
    /// Minor units of EUR.
    pub price: i64,
    /// Pieces on hand.
    pub stock: i64,
    /// An SVG document.
    pub picture: String,
}

/// What seeding did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeedReport {
    pub added: usize,
    /// SKUs that were there before, left as they are.
    pub left_alone: usize,
}

/// Adds what is new in one transaction, with a `product.created` for each.
///
/// # Errors
/// A product is not acceptable (said with its SKU), a SKU comes twice, or the database is away.
pub async fn seed(kit: &Kit, products: Vec<SeedProduct>) -> anyhow::Result<SeedReport> {
    let skus: Vec<String> = products.iter().map(|product| Sku::key(&product.sku)).collect();
    let given = products.len();
    // Mostly all is there: then nothing is parsed, locked or written.
    let known = products::known(&mut *kit.database.acquire().await?, &skus).await?;
    if known.len() == given {
        return Ok(SeedReport { added: 0, left_alone: given });
    }
    let mut tx = kit.database.begin("seed").await?;
    seeding::lock(&mut tx).await?;
    let known = products::known(&mut tx, &skus).await?;
    let now = kit.clock.now();
    let new = products.into_iter().filter(|product| !known.contains(&Sku::key(&product.sku)));
    let samples = new.map(|product| parse(kit, &product, now)).collect::<anyhow::Result<Vec<_>>>()?;
    let shelves: Vec<_> = samples.iter().map(|sample| (&sample.product.category, &sample.category_name)).collect();
    categories::insert(&mut tx, &shelves).await?;
    let drawn: Vec<_> = samples.iter().map(|sample| &sample.picture).collect();
    pictures::insert(&mut tx, &drawn, Keep::Here).await?;
    let wish = |sample: NewSample| Wish { product: sample.product, cause: Cause::current() };
    let wishes: Vec<Wish> = samples.into_iter().map(wish).collect();
    create(kit, &mut tx, &wishes).await?.into_iter().collect::<Result<Vec<_>, Error>>()?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    let report = SeedReport { added: wishes.len(), left_alone: given - wishes.len() };
    tracing::info!(added = report.added, left_alone = report.left_alone, "seeded the catalogue");
    Ok(report)
}

/// A product and what it is shown with.
struct NewSample {
    product: NewProduct,
    category_name: CategoryName,
    picture: Picture,
}

fn parse(kit: &Kit, sample: &SeedProduct, now: OffsetDateTime) -> anyhow::Result<NewSample> {
    let wrong = |field: &str, why: &dyn Display| anyhow!("sample product {:?}: {field} {why}", sample.sku);
    let picture = Picture::svg(&sample.picture).map_err(|why| wrong("picture", &why))?;
    let product = NewProduct {
        id: kit.clock.new_id(),
        variant_id: kit.clock.new_id(),
        sku: Sku::parse_new(&sample.sku).map_err(|why| wrong("sku", &why))?,
        name: ProductName::parse(&sample.name).map_err(|why| wrong("name", &why))?,
        description: Description::parse(&sample.description).map_err(|why| wrong("description", &why))?,
        category: Slug::parse(&sample.category).map_err(|why| wrong("category", &why))?,
        picture: Some(picture.name()),
        price: parse_price(Money::new(sample.price, Currency::EUR)).map_err(|why| wrong("price", &why))?,
        stock: parse_stock(sample.stock).map_err(|why| wrong("stock", &why))?,
        status: Status::Active,
        created_at: now,
    };
    let category_name = CategoryName::parse(&sample.category_name).map_err(|why| wrong("category_name", &why))?;
    Ok(NewSample { product, category_name, picture })
}
