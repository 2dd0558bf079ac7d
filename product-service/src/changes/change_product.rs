//! Products are changed, or taken off sale.

use crate::{
    domain::{Edit, Product, Status},
    error::Error,
    store::{catalogue, categories, products},
};
use contracts::{
    ProductId,
    events::product::{Archived, Updated},
};
use serde_json::{Value, json};
use service_kit::{Cause, Kit, KitError, Tx, if_match::IfMatch};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) id: ProductId,
    /// The versions whose change is wanted: of two who change the same version, one comes too late.
    pub(crate) wanted: IfMatch,
    pub(crate) what: What,
    pub(crate) cause: Cause,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Edit(Edit),
    Archive,
}

/// Each as it is afterwards, in their order.
pub(crate) async fn change(kit: &Kit, tx: &mut Tx, wishes: &[Wish]) -> Result<Vec<Result<Product, Error>>, Error> {
    let mut known = load(tx, wishes).await?;
    let at = kit.clock.now();
    let mut changes = Vec::new();
    let answers = wishes.iter().map(|wish| {
        let (product, changed) = known.decide(wish, at)?;
        if changed {
            changes.push((wish, product.clone()));
        }
        Ok(product)
    });
    let answers = answers.collect();
    record(kit, tx, &known.before, &changes).await?;
    Ok(answers)
}

/// Products under their locks.
struct Known {
    before: BTreeMap<ProductId, Product>,
    /// As the changes so far leave them.
    now: BTreeMap<ProductId, Product>,
    categories: BTreeSet<String>,
}

async fn load(connection: &mut PgConnection, wishes: &[Wish]) -> Result<Known, Error> {
    let ids: Vec<Uuid> = wishes.iter().map(|wish| wish.id.uuid()).collect();
    products::lock(connection, &ids).await?;
    // Read behind the lock: what another wrote that had it is seen in all tables.
    let products = catalogue::find(connection, &ids).await?;
    let before: BTreeMap<ProductId, Product> = products.into_iter().map(|product| (product.id, product)).collect();
    let slugs = wishes.iter().filter_map(|wish| match &wish.what {
        What::Edit(edit) => edit.category.as_ref(),
        What::Archive => None,
    });
    let categories = categories::known(connection, slugs).await?;
    Ok(Known { now: before.clone(), before, categories })
}

impl Known {
    /// The product, and whether this changes it.
    fn decide(&mut self, wish: &Wish, at: OffsetDateTime) -> Result<(Product, bool), Error> {
        let product = self.now.get_mut(&wish.id).ok_or(Error::NoSuchProduct)?;
        if !wish.wanted.matches(product.version) {
            return Err(Error::StaleVersion { current: product.version });
        }
        let edited = match &wish.what {
            What::Archive if product.status == Status::Archived => return Err(Error::AlreadyArchived),
            What::Archive => product.edited(&Edit { status: Some(Status::Archived), ..Edit::default() }, at),
            What::Edit(edit) => product.edited(edit, at),
        };
        let Some(edited) = edited else { return Ok((product.clone(), false)) };
        if edited.category != product.category && !self.categories.contains(&edited.category) {
            return Err(Error::UnknownCategory(edited.category));
        }
        *product = edited;
        Ok((product.clone(), true))
    }
}

/// Stores products with their events.
async fn record(
    kit: &Kit,
    tx: &mut Tx,
    before: &BTreeMap<ProductId, Product>,
    changes: &[(&Wish, Product)],
) -> Result<(), Error> {
    // Each as it is in the end.
    let ends: BTreeMap<ProductId, &Product> = changes.iter().map(|(_, product)| (product.id, product)).collect();
    let ends: Vec<&Product> = ends.into_values().collect();
    if ends.is_empty() {
        return Ok(());
    }
    products::update(tx, &ends).await?;
    let price = |product: &Product| before.get(&product.id).map(|before| before.price);
    let priced: Vec<&Product> = ends.into_iter().filter(|product| price(product) != Some(product.price)).collect();
    products::update_prices(tx, &priced).await?;
    for (wish, product) in changes {
        announce(kit, tx, wish, product)?;
        let action = if matches!(wish.what, What::Archive) { "product.archived" } else { "product.changed" };
        let was = before.get(&product.id).map_or(Value::Null, told);
        kit.audit_by(tx, &wish.cause, action, product.id, (was, told(product)));
        tracing::info!(product.id = %product.id, version = product.version, "product changed");
    }
    Ok(())
}

/// What the audit log says of a product.
pub(super) fn told(product: &Product) -> Value {
    json!({
        "version": product.version, "sku": product.sku, "name": product.name, "price": product.price,
        "category": product.category, "status": product.status.as_str(), "picture": product.picture,
    })
}

fn announce(kit: &Kit, tx: &mut Tx, wish: &Wish, product: &Product) -> Result<(), KitError> {
    let (product_id, sku) = (product.id, product.sku.clone());
    match wish.what {
        What::Archive => kit.announce(tx, &wish.cause, product.version, Archived { product_id, sku })?,
        What::Edit(_) => kit.announce(tx, &wish.cause, product.version, Updated { product_id, sku })?,
    };
    Ok(())
}
