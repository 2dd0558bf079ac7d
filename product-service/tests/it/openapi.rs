//! The OpenAPI document names what callers need.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_route_is_documented_with_who_may_call_it() {
    let document = serde_json::to_value(product_service::http::document()).unwrap();
    let mut routes = BTreeMap::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let who = match &operation["security"] {
                one if *one == json!([{ "bearer": ["products:write"] }]) => "products:write",
                one if *one == json!([{ "bearer": ["stock:read"] }]) => "stock:read",
                one if *one == json!([{ "bearer": ["stock:write"] }]) => "stock:write",
                one if *one == json!([{ "bearer": ["audit:read"] }]) => "audit:read",
                one if *one == json!([{ "bearer": ["events:read"] }]) => "events:read",
                one if *one == json!([{ "bearer": ["events:replay"] }]) => "events:replay",
                one if *one == json!([{ "service": ["order-service"] }]) => "order-service",
                one if *one == json!([{}, { "bearer": ["products:read"] }]) => "anybody, and staff sees more",
                Value::Null => "anybody",
                other => panic!("{path}: {other}"),
            };
            routes.insert(format!("{} {path}", method.to_uppercase()), who);
        }
    }
    let expected = [
        ("GET /categories", "anybody"),
        ("GET /products", "anybody, and staff sees more"),
        ("GET /products/audit", "audit:read"),
        ("GET /products/by-sku/{sku}", "anybody, and staff sees more"),
        ("GET /products/dead-letters", "events:read"),
        ("GET /products/dead-letters/{id}", "events:read"),
        ("GET /products/events", "events:read"),
        ("GET /products/events/{id}", "events:read"),
        ("GET /products/figures", "stock:read"),
        ("GET /products/pictures/{name}", "anybody"),
        ("GET /products/stock", "stock:read"),
        ("GET /products/{id}", "anybody, and staff sees more"),
        ("GET /products/{id}/picture", "anybody"),
        ("GET /products/{id}/stock", "stock:read"),
        ("PATCH /products/{id}", "products:write"),
        ("POST /internal/offers", "order-service"),
        ("POST /internal/reservations", "order-service"),
        ("POST /products", "products:write"),
        ("POST /products/dead-letters/{id}/drop", "events:replay"),
        ("POST /products/dead-letters/{id}/replay", "events:replay"),
        ("POST /products/{id}/archive", "products:write"),
        ("POST /products/{id}/stock-adjustments", "stock:write"),
        ("PUT /categories/{slug}", "products:write"),
        ("PUT /products/{id}/picture", "products:write"),
    ];
    assert_eq!(routes, expected.map(|(route, who)| (route.to_owned(), who)).into());
}

#[test]
fn every_schema_that_is_referred_to_is_there() {
    let document = serde_json::to_value(product_service::http::document()).unwrap();
    let named = |kind: &str| {
        let names = document["components"][kind].as_object().unwrap().keys();
        names.map(|name| format!("#/components/{kind}/{name}")).collect::<BTreeSet<_>>()
    };
    let known: BTreeSet<String> = named("schemas").union(&named("responses")).cloned().collect();
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
