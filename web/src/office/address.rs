//! Addresses of pages with what they were asked for, so that each can be kept and sent to a colleague.

use url::form_urlencoded::Serializer;

/// `path` with those that hold something.
pub(crate) fn address(path: &str, query: &[(&str, &str)]) -> String {
    let given = query.iter().filter(|(_, value)| !value.is_empty());
    let query = Serializer::new(String::new()).extend_pairs(given).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn what_holds_nothing_is_left_out() {
        assert_eq!(address("/office/orders", &[("sku", ""), ("after", "a+b")]), "/office/orders?after=a%2Bb");
        assert_eq!(address("/office/orders", &[("sku", "")]), "/office/orders");
    }
}
