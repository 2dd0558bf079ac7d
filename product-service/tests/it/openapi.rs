//! The OpenAPI document names what callers need.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_route_is_documented_with_who_may_call_it() {
    let document = serde_json::to_value(product_service::http::document()).unwrap();
    let mut routes = BTreeMap::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let closed = operation["security"] == json!([{ "bearer": [] }]);
            routes.insert(format!("{} {path}", method.to_uppercase()), closed);
        }
    }
    let expected = [
        ("GET /categories", false),
        ("GET /products", false),
        ("GET /products/by-sku/{sku}", false),
        ("GET /products/pictures/{name}", false),
        ("GET /products/{id}", false),
        ("GET /products/{id}/picture", false),
        ("GET /products/{id}/stock", true),
        ("PATCH /products/{id}", true),
        ("POST /internal/reservations", true),
        ("POST /products", true),
        ("POST /products/{id}/archive", true),
        ("POST /products/{id}/stock-adjustments", true),
        ("PUT /categories/{slug}", true),
        ("PUT /products/{id}/picture", true),
    ];
    assert_eq!(routes, expected.map(|(route, closed)| (route.to_owned(), closed)).into());
}

#[test]
fn every_schema_that_is_referred_to_is_there() {
    let document = serde_json::to_value(product_service::http::document()).unwrap();
    let known: BTreeSet<String> = document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
        .map(|name| format!("#/components/schemas/{name}"))
        .collect();
    let mut referred = BTreeSet::new();
    collect(&document, &mut referred);
    let missing: Vec<_> = referred.difference(&known).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for name in ["Product", "ProductStatus", "StockLevel", "Page_StockMovement", "AdjustmentReason", "Category"] {
        assert!(known.contains(&format!("#/components/schemas/{name}")), "{name} in {known:?}");
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect(member, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}
