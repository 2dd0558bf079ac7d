//! An export as one JSON document, written piece by piece: however much there is, no more than a piece is in memory.

use contracts::AccountId;
use serde_json::{Value, json};

/// Pieces come service by service, and kind by kind.
#[derive(Default)]
pub(crate) struct ExportText {
    service: Option<String>,
    kind: Option<String>,
    has_items: bool,
}

impl ExportText {
    pub(crate) fn begin(account_id: AccountId, asked_at: &str) -> String {
        format!("{{\"account_id\":{},\"asked_at\":{},\"services\":{{", json!(account_id), json!(asked_at))
    }

    pub(crate) fn piece(&mut self, service: &str, kind: &str, items: &[Value]) -> String {
        let mut text = String::new();
        if self.service.as_deref() != Some(service) {
            text.push_str(match self.service {
                Some(_) => "]},",
                None => "",
            });
            text.push_str(&format!("{}:{{", json!(service)));
            (self.service, self.kind) = (Some(service.to_owned()), None);
        }
        if self.kind.as_deref() != Some(kind) {
            if self.kind.is_some() {
                text.push_str("],");
            }
            text.push_str(&format!("{}:[", json!(kind)));
            (self.kind, self.has_items) = (Some(kind.to_owned()), false);
        }
        for item in items {
            if self.has_items {
                text.push(',');
            }
            text.push_str(&item.to_string());
            self.has_items = true;
        }
        text
    }

    pub(crate) fn end(&self) -> &'static str {
        if self.service.is_some() { "]}}}\n" } else { "}}\n" }
    }
}

#[cfg(test)]
mod tests {
    use super::ExportText;
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn written(pieces: &[(&str, &str, &[Value])]) -> Value {
        let mut text = ExportText::default();
        let mut whole = ExportText::begin(Uuid::nil().into(), "2026-11-30T00:00:00Z");
        for (service, kind, items) in pieces {
            whole += &text.piece(service, kind, items);
        }
        whole += text.end();
        serde_json::from_str::<Value>(&whole).unwrap_or_else(|cause| panic!("{cause}: {whole}"))["services"].clone()
    }

    #[test]
    fn pieces_of_a_kind_become_one_list() {
        let some = [
            ("order-service", "orders", &[json!({"number": 1}), json!({"name": "\"}]"})][..]),
            ("order-service", "orders", &[json!({"number": 3})]),
            ("order-service", "refunds", &[]),
            ("user-service", "account", &[json!({})]),
        ];
        let expected = json!({
            "order-service": {"orders": [{"number": 1}, {"name": "\"}]"}, {"number": 3}], "refunds": []},
            "user-service": {"account": [{}]},
        });
        assert_eq!(written(&some), expected);
        assert_eq!(written(&[]), json!({}));
    }
}
