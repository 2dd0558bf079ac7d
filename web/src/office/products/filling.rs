//! The form of a product: what it is called, what it costs, where it stands in the catalogue.

use crate::{
    amount,
    form::{Field, Form},
    refusal::Refusal,
};
use contracts::{
    Currency, Money,
    api::product::{CategoryView, ProductView},
};
use serde::Deserialize;
use serde_json::{Value, json};

/// How many digits its amounts have behind the point.
fn places(currency: Currency) -> usize {
    usize::try_from(currency.exponent()).unwrap_or_default()
}

/// As the form sends it.
#[derive(Clone, Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    pub(super) sku: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    price: String,
    #[serde(default)]
    currency: String,
    /// Of a new one: how many pieces there are.
    #[serde(default)]
    stock: String,
    /// Of a new one: anything, if it is not to be sold yet.
    #[serde(default)]
    draft: String,
    /// Of a new one: who sends the form twice makes one.
    #[serde(default)]
    pub(super) key: String,
    /// Of one that is there: what the change is based on.
    #[serde(default)]
    pub(super) version: String,
    /// And what stood in its fields then: what was not touched is told from what was.
    #[serde(default)]
    was: String,
}

impl Filling {
    pub(super) fn new(key: String) -> Self {
        let empty = String::new;
        Self {
            sku: empty(),
            name: empty(),
            description: empty(),
            category: empty(),
            price: empty(),
            currency: Currency::EUR.code().to_owned(),
            stock: "0".to_owned(),
            draft: "yes".to_owned(),
            key,
            version: empty(),
            was: empty(),
        }
    }

    pub(super) fn of(product: &ProductView) -> Self {
        let mut filling = Self {
            sku: product.sku.clone(),
            name: product.name.clone(),
            description: product.description.clone(),
            category: product.category.clone(),
            price: amount::plain(product.price.amount, places(product.price.currency)),
            currency: product.price.currency.code().to_owned(),
            version: product.version.to_string(),
            ..Self::new(String::new())
        };
        filling.was = json!(filling.texts()).to_string();
        filling
    }

    fn texts(&self) -> [&str; 5] {
        [&self.name, &self.description, &self.category, &self.price, &self.currency]
    }

    /// Upon what somebody else made of it meanwhile: what was not touched is as they made it.
    fn upon(&self, now: &Self) -> Self {
        let same = |one: &str, other: &str| one.replace("\r\n", "\n").trim() == other.replace("\r\n", "\n").trim();
        let was = serde_json::from_str::<[String; 5]>(&self.was).ok();
        let kept: [String; 5] = std::array::from_fn(|at| {
            let typed = self.texts()[at];
            let untouched = was.as_ref().is_some_and(|was| same(&was[at], typed));
            if untouched { now.texts()[at].to_owned() } else { typed.to_owned() }
        });
        let [name, description, category, price, currency] = kept;
        let (version, was) = (now.version.clone(), now.was.clone());
        Self { name, description, category, price, currency, version, was, ..self.clone() }
    }

    /// The body of a change.
    pub(super) fn change(&self) -> Result<Value, Refusal> {
        Ok(json!({
            "name": self.name, "description": self.paragraphs(), "category": self.category, "price": self.money()?,
        }))
    }

    /// The body of a new one.
    pub(super) fn product(&self) -> Result<Value, Refusal> {
        let stock = self.stock.trim();
        let stock = if stock.is_empty() { Ok(0) } else { stock.parse::<i64>() };
        let stock = stock.map_err(|_| Refusal::of_field("stock", "must be a whole number of pieces"))?;
        let mut body = self.change()?;
        body["sku"] = json!(self.sku.trim());
        body["stock"] = json!(stock);
        body["status"] = json!(if self.draft.is_empty() { "active" } else { "draft" });
        Ok(body)
    }

    /// What is typed as `19.99` is 1999 of the minor unit.
    fn money(&self) -> Result<Money, Refusal> {
        let currency = self.currency.trim().to_ascii_uppercase();
        let unknown = |_| Refusal::of_field("currency", "must be three letters of ISO 4217, such as EUR");
        let currency = currency.parse::<Currency>().map_err(unknown)?;
        let example = amount::plain(1999, places(currency));
        let wrong = || Refusal::of_field("price", format!("must be an amount such as {example}"));
        Ok(Money::new(amount::typed(&self.price, currency).ok_or_else(wrong)?, currency))
    }

    /// Browsers end lines as mails do.
    fn paragraphs(&self) -> String {
        self.description.replace("\r\n", "\n")
    }

    pub(super) fn new_form(&self, categories: &[CategoryView]) -> Form {
        let sku = "Letters, digits, dots, dashes and underscores, such as MUG-0042. It never changes.";
        let form = Form::new("product", "/office/products/new", "Make it")
            .hidden("key", &self.key)
            .with(Field::text("sku", "SKU", "off").hint(sku).refused_by("sku_taken").typed(&self.sku));
        self.fields(form, categories, None)
            .with(Field::text("stock", "Pieces on hand", "off").keys("numeric").optional().typed(&self.stock))
            .with(Field::tick("draft", "Not sold yet: a draft").optional().ticked(!self.draft.is_empty()))
    }

    pub(super) fn edit_form(&self, product: &ProductView, categories: &[CategoryView]) -> Form {
        self.form_of(product, "Change it", categories, None)
    }

    /// The same after somebody else changed it meanwhile: beside each field that differs, what they made of it.
    pub(super) fn form_upon(&self, product: &ProductView, categories: &[CategoryView]) -> Form {
        let now = Self::of(product);
        self.upon(&now).form_of(product, "Change it all the same", categories, Some(&now))
    }

    fn form_of(
        &self,
        product: &ProductView,
        button: &'static str,
        categories: &[CategoryView],
        now: Option<&Self>,
    ) -> Form {
        let form = Form::new("product", format!("/office/products/{}", product.id), button);
        self.fields(form.hidden("version", &self.version).hidden("was", &self.was), categories, now)
    }

    fn fields(&self, form: Form, categories: &[CategoryView], stored: Option<&Self>) -> Form {
        let beside = |field: Field, stored_text: fn(&Self) -> &str| match stored {
            Some(stored) => field.beside(stored_text(stored)),
            None => field,
        };
        let mut options: Vec<_> =
            categories.iter().map(|category| (category.slug.clone(), category.name.clone())).collect();
        if options.iter().all(|(slug, _)| *slug != self.category) {
            // One that is not known, or none yet, is not taken for the first of the list.
            let words = if self.category.is_empty() { "Choose one".to_owned() } else { self.category.clone() };
            options.insert(0, (self.category.clone(), words));
        }
        let description = "Plain text; an empty line begins a new paragraph.";
        let category = Field::one_of("category", "Category", options).refused_by("unknown_category");
        form.with(beside(Field::text("name", "Name", "off").typed(&self.name), |one| &one.name))
            .with(beside(
                Field::lines("description", "Description").optional().hint(description).typed(&self.description),
                |one| &one.description,
            ))
            .with(beside(category.typed(&self.category), |one| &one.category))
            .with(beside(
                Field::text("price", "Price", "off").hint("Such as 19.99.").keys("decimal").typed(&self.price),
                |one| &one.price,
            ))
            .with(beside(
                Field::text("currency", "Currency", "off").hint("Three letters, such as EUR.").typed(&self.currency),
                |one| &one.currency,
            ))
    }
}
