//! What programs read of a page: search engines and whoever shows a link to it.

use serde_json::Value;

/// JSON for a `<script type="application/ld+json">`, which no text in it can end.
pub(super) fn linked_data(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::linked_data;
    use serde_json::{Value, json};

    #[test]
    fn a_name_cannot_end_the_script_it_stands_in() {
        let name = "</script><script>alert(1)</script><!-- & \u{2028}";
        let written = linked_data(&json!({ "name": name }));
        assert!(!written.contains(['<', '>', '&']), "{written}");
        let read: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read["name"], name);
    }
}
