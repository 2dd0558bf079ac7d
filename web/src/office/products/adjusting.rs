//! The form by which stock is adjusted: how many pieces, and why.

use crate::{
    form::{Field, Form},
    refusal::Refusal,
};
use contracts::ProductId;
use serde::Deserialize;
use serde_json::{Value, json};

/// As the form sends it.
#[derive(Clone, Deserialize)]
pub(crate) struct Adjusting {
    #[serde(default)]
    quantity: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    note: String,
    /// Who sends it twice moves once.
    #[serde(default)]
    pub(super) key: String,
}

const REASONS: &[(&str, &str)] = &[
    ("restocked", "New goods came in"),
    ("returned", "A customer sent it back, and it can be sold again"),
    ("counted", "The shelf was counted"),
    ("damaged", "Damaged: to be thrown away"),
    ("lost", "Lost: not to be found"),
];

impl Adjusting {
    pub(super) fn new(key: String) -> Self {
        let (quantity, note) = (String::new(), String::new());
        Self { quantity, reason: "restocked".to_owned(), note, key }
    }

    pub(super) fn form(&self, id: ProductId) -> Form {
        let pieces = "Below 0 for pieces that went, such as -2.";
        Form::new("adjust", format!("/office/products/{id}/stock"), "Adjust the stock")
            .hidden("key", &self.key)
            .with(
                Field::text("quantity", "Pieces", "off")
                    .hint(pieces)
                    .refused_by("below_reserved")
                    .typed(&self.quantity),
            )
            .with(Field::choice("reason", "Why", REASONS.iter().copied()).typed(&self.reason))
            .with(
                Field::text("note", "Note", "off")
                    .optional()
                    .hint("For colleagues; may be left out.")
                    .typed(&self.note),
            )
    }

    pub(super) fn body(&self) -> Result<Value, Refusal> {
        let quantity = self.quantity.trim().replace('\u{2212}', "-");
        let wrong = |_| Refusal::of_field("quantity", "must be a whole number, such as 12 or -2");
        let quantity = quantity.parse::<i64>().map_err(wrong)?;
        Ok(json!({ "quantity": quantity, "reason": self.reason, "note": self.note }))
    }
}
