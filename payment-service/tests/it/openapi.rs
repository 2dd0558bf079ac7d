//! The OpenAPI document names what callers need.

#[test]
fn every_route_is_documented_and_asks_for_a_token() {
    let document = serde_json::to_value(payment_service::http::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.keys().collect::<Vec<_>>(), ["/payments", "/payments/audit", "/payments/{id}"]);
    for (path, permission) in [("/payments", "payments:read"), ("/payments/{id}", "payments:read")] {
        let own_or_all = serde_json::json!([{ "bearer": [] }, { "bearer": [permission] }]);
        assert_eq!(paths[path]["get"]["security"], own_or_all);
    }
}
