//! The OpenAPI document names what callers need.

#[test]
fn every_route_is_documented_and_asks_for_a_token() {
    let document = serde_json::to_value(payment_service::http::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.keys().collect::<Vec<_>>(), ["/payments", "/payments/{id}"]);
    for path in paths.values() {
        assert_eq!(path["get"]["security"][0]["bearer"], serde_json::json!([]));
    }
}
