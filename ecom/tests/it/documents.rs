//! The published contracts are what the code says. `UPDATE_DOCS=1` (or `cargo xtask prepare`) writes them anew.

mod tables;

use serde_json::{Value, json};
use std::{fs, path::Path};

fn check(file: &str, fresh: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(file);
    if service_kit::Env::process().text("UPDATE_DOCS").unwrap().is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, fresh).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == fresh, "docs/{file} is not what the code says: `cargo xtask prepare` writes it anew");
}

/// What each service says of itself, as text.
fn documents() -> [(&'static str, String); 5] {
    [
        ("user", user_service::http::document()),
        ("product", product_service::http::document()),
        ("order", order_service::http::document()),
        ("payment", payment_service::http::document()),
        ("notify", notify_service::http::document()),
    ]
    .map(|(name, document)| (name, document.to_pretty_json().unwrap()))
}

/// The specification wants a description of each (OpenAPI 3.1, 4.8.17), and tools refuse a document that lacks one.
#[test]
fn every_response_says_what_it_is_and_every_refusal_is_a_problem() {
    for (name, document) in documents() {
        let document: Value = serde_json::from_str(&document).unwrap();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let responses = operation["responses"].as_object().unwrap();
                assert!(responses.contains_key("503") && !responses.contains_key("default"), "{name} {method} {path}");
                for (status, response) in responses {
                    let named = response["$ref"].as_str().map(|name| name.trim_start_matches('#').to_owned());
                    let response = named.map_or(response, |name| document.pointer(&name).unwrap());
                    let case = format!("{name}: {method} {path} {status}: {response}");
                    assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{case}");
                    let problem = response["content"].get("application/problem+json").is_some();
                    assert_eq!(problem, status.as_str() >= "400", "{case}");
                    let again = response["headers"].get("Retry-After").is_some();
                    assert_eq!(again, ["429", "503"].contains(&status.as_str()), "{case}");
                }
            }
        }
    }
}

#[test]
fn documents_of_the_http_apis_are_up_to_date() {
    for (name, document) in documents() {
        check(&format!("openapi/{name}-service.json"), &format!("{document}\n"));
    }
}

#[test]
fn documents_of_the_events_are_up_to_date() {
    check("asyncapi.json", &format!("{}\n", serde_json::to_string_pretty(&asyncapi()).unwrap()));
}

fn asyncapi() -> Value {
    let (mut channels, mut operations, mut messages, mut schemas) = (json!({}), json!({}), json!({}), json!({}));
    for event in contracts::events::CATALOGUE {
        let data = (event.data)();
        for (name, schema) in data.parts {
            schemas[name] = serde_json::to_value(schema).unwrap();
        }
        schemas[&data.name] = serde_json::to_value(data.schema).unwrap();
        messages[event.name] = json!({
            "name": event.name,
            "summary": event.meaning,
            "contentType": contracts::envelope::CONTENT_TYPE,
            "payload": {"allOf": [
                {"$ref": "#/components/schemas/Envelope"},
                {"properties": {
                    "type": {"const": event.name},
                    "source": {"const": format!("/{}", event.announced_by)},
                    "data": {"$ref": format!("#/components/schemas/{}", data.name)},
                }},
            ]},
        });
        channels[event.name] = json!({
            "address": event.name,
            "description": if event.is_published() {
                "A routing key of the durable topic exchange ecom.events."
            } else {
                "A routing key of the durable topic exchange ecom.events; published with EVENTS_PUBLISH=all alone, else \
                 kept in the announcer's event log."
            },
            "messages": {event.name: {"$ref": format!("#/components/messages/{}", event.name)}},
        });
        operations[format!("{} announces {}", event.announced_by, event.name)] =
            json!({"action": "send", "channel": {"$ref": format!("#/channels/{}", event.name)}});
        for subscriber in event.subscribers {
            operations[format!("{subscriber} reacts to {}", event.name)] =
                json!({"action": "receive", "channel": {"$ref": format!("#/channels/{}", event.name)}});
        }
    }
    schemas["Envelope"] = envelope();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Ecom-Micro events", "version": env!("CARGO_PKG_VERSION"),
            "description": "CloudEvents 1.0 in structured JSON. Fields may be added; what breaks a reader is a new type.",
        },
        "channels": channels, "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    })
}

fn envelope() -> Value {
    json!({
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "dataschema", "sequence",
                     "correlationid", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "format": "uuid", "description": "Also the AMQP message_id."},
            "source": {"type": "string"},
            "type": {"type": "string"},
            "subject": {"type": "string", "format": "uuid", "description": "The aggregate it is about."},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "dataschema": {"type": "string"},
            "sequence": {"type": "string", "pattern": "^[0-9]{10,}$", "description": "Counts the subject's changes."},
            "correlationid": {"type": "string", "format": "uuid", "description": "The journey: the order's id."},
            "causationid": {"type": "string", "format": "uuid", "description": "The event that caused it."},
            "traceparent": {"type": "string", "description": "W3C Trace Context."},
        },
    })
}
