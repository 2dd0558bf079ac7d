//! The OpenAPI document names what callers need.

#[test]
fn every_route_is_documented_and_asks_for_a_token() {
    let document = serde_json::to_value(payment_service::http::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let operators = [
        ("/payments/dead-letters", "get", "events:read"),
        ("/payments/dead-letters/{id}", "get", "events:read"),
        ("/payments/dead-letters/{id}/drop", "post", "events:replay"),
        ("/payments/dead-letters/{id}/replay", "post", "events:replay"),
        ("/payments/events", "get", "events:read"),
        ("/payments/events/{id}", "get", "events:read"),
    ];
    let mut expected = vec!["/payments", "/payments/audit"];
    expected.extend(operators.map(|(path, ..)| path));
    expected.extend(["/payments/{id}", "/payments/{id}/ledger"]);
    assert_eq!(paths.keys().collect::<Vec<_>>(), expected);
    for (path, method, permission) in operators {
        assert_eq!(paths[path][method]["security"], serde_json::json!([{ "bearer": [permission] }]), "{path}");
    }
    for (path, permission) in [("/payments", "payments:read"), ("/payments/{id}", "payments:read")] {
        let own_or_all = serde_json::json!([{ "bearer": [] }, { "bearer": [permission] }]);
        assert_eq!(paths[path]["get"]["security"], own_or_all);
    }
}
