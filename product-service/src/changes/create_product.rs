//! Products are added to the catalogue.

use super::change_product::told;
use crate::{
    domain::{NewProduct, Product, Sku},
    error::Error,
    store::{categories, products},
};
use contracts::events::product::Created;
use serde_json::Value;
use service_kit::{Cause, Kit, Tx};
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) product: NewProduct,
    pub(crate) cause: Cause,
}

/// Each as it was made, in their order.
pub(crate) async fn create(kit: &Kit, tx: &mut Tx, wishes: &[Wish]) -> Result<Vec<Result<Product, Error>>, Error> {
    let keys: Vec<String> = wishes.iter().map(|wish| Sku::key(wish.product.sku.as_str())).collect();
    let mut taken = products::known(tx, &keys).await?;
    let categories = categories::known(tx, wishes.iter().map(|wish| &wish.product.category)).await?;
    let decided: Vec<Result<&Wish, Error>> = wishes.iter().map(|wish| decide(&mut taken, &categories, wish)).collect();
    record(kit, tx, decided).await
}

fn decide<'w>(taken: &mut BTreeSet<String>, categories: &BTreeSet<String>, wish: &'w Wish) -> Result<&'w Wish, Error> {
    let NewProduct { sku, category, .. } = &wish.product;
    let key = Sku::key(sku.as_str());
    if taken.contains(&key) {
        return Err(Error::SkuTaken(sku.as_str().to_owned()));
    }
    if !categories.contains(category.as_str()) {
        return Err(Error::UnknownCategory(category.as_str().to_owned()));
    }
    taken.insert(key);
    Ok(wish)
}

/// Stores what was decided, with its events. The database has the last word about a SKU: somebody else may just be at it.
async fn record(
    kit: &Kit,
    tx: &mut Tx,
    decided: Vec<Result<&Wish, Error>>,
) -> Result<Vec<Result<Product, Error>>, Error> {
    let new: Vec<&NewProduct> = decided.iter().flatten().map(|wish| &wish.product).collect();
    let made = products::insert(tx, &new).await?;
    let mut answers = Vec::new();
    for one in decided {
        answers.push(match one {
            Ok(Wish { product, cause }) if made.contains(&product.id) => {
                let created = Created { product_id: product.id, sku: product.sku.as_str().to_owned() };
                kit.announce(tx, cause, 1, created)?;
                let made = product.made();
                kit.audit_by(tx, cause, "product.made", product.id, (Value::Null, told(&made)));
                tracing::info!(product.id = %product.id, product.sku = product.sku.as_str(), "product created");
                Ok(made)
            }
            Ok(Wish { product, .. }) => Err(Error::SkuTaken(product.sku.as_str().to_owned())),
            Err(refused) => Err(refused),
        });
    }
    Ok(answers)
}
