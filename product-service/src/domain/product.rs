//! A product, and what may be changed of it.

use super::{
    sku::Sku,
    texts::{Description, ProductName, Slug},
};
use contracts::{Money, ProductId, VariantId};
use time::OffsetDateTime;

/// Where a product stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Seen by staff alone.
    Draft,
    /// Sold.
    Active,
    /// No longer sold; old orders and links still find it.
    Archived,
}

impl Status {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Draft, Self::Active, Self::Archived].into_iter().find(|status| status.as_str() == text)
    }
}

/// A product in the flat shape of its default variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Product {
    pub(crate) id: ProductId,
    pub(crate) variant_id: VariantId,
    pub(crate) sku: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) category: String,
    pub(crate) price: Money,
    /// On hand less reserved.
    pub(crate) available: i64,
    pub(crate) picture: Option<String>,
    pub(crate) status: Status,
    pub(crate) version: i64,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) updated_at: OffsetDateTime,
}

/// A product with its one variant, at version 1.
#[derive(Clone, Debug)]
pub(crate) struct NewProduct {
    pub(crate) id: ProductId,
    pub(crate) variant_id: VariantId,
    pub(crate) sku: Sku,
    pub(crate) name: ProductName,
    pub(crate) description: Description,
    pub(crate) category: Slug,
    pub(crate) picture: Option<String>,
    pub(crate) price: Money,
    pub(crate) stock: i64,
    pub(crate) status: Status,
    pub(crate) created_at: OffsetDateTime,
}

impl NewProduct {
    /// The product that it becomes.
    pub(crate) fn made(&self) -> Product {
        Product {
            id: self.id,
            variant_id: self.variant_id,
            sku: self.sku.as_str().to_owned(),
            name: self.name.as_str().to_owned(),
            description: self.description.as_str().to_owned(),
            category: self.category.as_str().to_owned(),
            price: self.price,
            available: self.stock,
            picture: self.picture.clone(),
            status: self.status,
            version: 1,
            created_at: self.created_at,
            updated_at: self.created_at,
        }
    }
}

/// What is left as it is, is `None`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edit {
    pub(crate) name: Option<ProductName>,
    pub(crate) description: Option<Description>,
    pub(crate) category: Option<Slug>,
    pub(crate) price: Option<Money>,
    pub(crate) picture: Option<String>,
    pub(crate) status: Option<Status>,
}

impl Product {
    /// The product at its next version; none where nothing would be other than it is. What changes nothing makes no
    /// version: nobody has to read again, and no `ETag` that somebody holds goes stale.
    pub(crate) fn edited(&self, edit: &Edit, at: OffsetDateTime) -> Option<Self> {
        let text = |new: Option<&str>, old: &String| new.map_or_else(|| old.clone(), str::to_owned);
        let edited = Self {
            name: text(edit.name.as_ref().map(ProductName::as_str), &self.name),
            description: text(edit.description.as_ref().map(Description::as_str), &self.description),
            category: text(edit.category.as_ref().map(Slug::as_str), &self.category),
            price: edit.price.unwrap_or(self.price),
            picture: edit.picture.clone().or_else(|| self.picture.clone()),
            status: edit.status.unwrap_or(self.status),
            ..self.clone()
        };
        (edited != *self).then(|| Self { version: self.version + 1, updated_at: at, ..edited })
    }
}
