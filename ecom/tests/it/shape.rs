//! Whatever the documents tell of: a request that holds more than its route takes, or in another shape, is refused and
//! told where. The routes and their bodies come from the documents, so that none is forgotten.

use crate::support::{Shop, Way};
use contracts::ServiceName;
use http::Method;
use serde_json::{Map, Value, json};
use test_kit::{Answer, Client};

const SOMETHING: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

struct Route {
    service: ServiceName,
    method: Method,
    path: String,
    operation: Value,
    schemas: Value,
}

fn routes() -> Vec<Route> {
    let documents = [
        (ServiceName::User, user_service::http::document()),
        (ServiceName::Product, product_service::http::document()),
        (ServiceName::Order, order_service::http::document()),
        (ServiceName::Payment, payment_service::http::document()),
        (ServiceName::Notify, notify_service::http::document()),
    ];
    let mut routes = Vec::new();
    for (service, document) in documents {
        let document = serde_json::to_value(document).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                routes.push(Route {
                    service,
                    method: method.to_uppercase().parse().unwrap(),
                    path: path.clone(),
                    operation: operation.clone(),
                    schemas: document["components"]["schemas"].clone(),
                });
            }
        }
    }
    assert!(routes.len() > 30, "only {} routes", routes.len());
    routes
}

impl Route {
    /// The schema of its JSON body.
    fn body(&self) -> Option<&Value> {
        self.operation.pointer("/requestBody/content/application~1json/schema")
    }

    /// One or an array of many.
    fn takes_many(&self) -> bool {
        let name = self.body().and_then(|schema| schema["$ref"].as_str()?.rsplit('/').next());
        let forms = name.and_then(|name| self.schemas[name]["oneOf"].as_array());
        forms.is_some_and(|forms| forms.iter().any(|form| form["type"] == "array"))
    }

    fn takes_no_body(&self) -> bool {
        self.operation.get("requestBody").is_none()
    }

    /// Who may call it, with all that it asks for but its body.
    fn caller(&self, shop: &Shop) -> Client {
        let token = if self.path.starts_with("/internal/") {
            let caller = self.operation["security"][0]["service"][0].as_str().unwrap();
            shop.signer.service(caller.parse().unwrap(), self.service)
        } else {
            shop.signer.admin()
        };
        let client = Client::new(&shop.services[&self.service]).with_token(token);
        client.with_header("if-match", "*").with_header("idempotency-key", "any")
    }

    async fn send(&self, shop: &Shop, query: &str, body: Option<Value>) -> Answer {
        let mut path = String::new();
        for part in self.path.split('/').skip(1) {
            path.push('/');
            path.push_str(if part.starts_with('{') { SOMETHING } else { part });
        }
        self.caller(shop).send(self.method.clone(), &format!("{path}{query}"), body).await
    }

    /// A body that the schema allows, with every field there is.
    fn sample(&self, schema: &Value) -> Value {
        if let Some(name) = schema["$ref"].as_str() {
            return self.sample(&self.schemas[name.rsplit('/').next().unwrap()]);
        }
        if let Some(first) = schema["oneOf"].get(0).or(schema["allOf"].get(0)) {
            return self.sample(first);
        }
        if let Some(example) = schema["examples"].get(0).or(schema["enum"].get(0)) {
            return example.clone();
        }
        let kind = schema["type"].as_str().or(schema["type"][0].as_str()).unwrap();
        match kind {
            "object" => {
                // One that may hold anything has no fields that are not known, and no shape.
                let Some(fields) = schema["properties"].as_object() else { return json!(SOMETHING) };
                // Nor has a map, whose keys are what somebody chooses: it may be left out.
                let fields = fields.iter().filter(|(_, field)| !field["additionalProperties"].is_object());
                fields.map(|(name, field)| (name.clone(), self.sample(field))).collect::<Map<_, _>>().into()
            }
            "array" => json!([self.sample(&schema["items"])]),
            "integer" => json!(1),
            "boolean" => json!(true),
            _ if schema["format"] == "date-time" => json!("2099-01-01T00:00:00Z"),
            _ => json!(SOMETHING),
        }
    }
}

/// Where objects stand in a value, from the outside inwards.
fn objects(value: &Value, pointer: &str) -> Vec<String> {
    let inner: Vec<_> = match value {
        Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), field)).collect(),
        Value::Array(elements) => elements.iter().enumerate().map(|(at, one)| (at.to_string(), one)).collect(),
        _ => Vec::new(),
    };
    let own = value.is_object().then(|| pointer.to_owned());
    own.into_iter().chain(inner.iter().flat_map(|(name, one)| objects(one, &format!("{pointer}/{name}")))).collect()
}

fn assert_refused(answer: &Answer, pointer: &str, detail: &str, case: &str) {
    assert_eq!(answer.status.as_u16(), 422, "{case}: {}", answer.text);
    assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{case}: {}", answer.text);
    let said = answer.body["errors"][0]["detail"].as_str().unwrap();
    assert!(said.starts_with(detail), "{case}: {said}");
    for foreign in ["struct", "Body", "Request", "line 1", "i64"] {
        assert!(!said.contains(foreign), "{case}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_not_known_is_told_on_every_route_and_at_every_level() {
    let shop = Shop::open(Way::Local).await;
    let mut levels = 0;
    for route in routes() {
        let Some(schema) = route.body() else { continue };
        let sample = route.sample(schema);
        for object in objects(&sample, "") {
            let mut body = sample.clone();
            body.pointer_mut(&object).unwrap()["surprise"] = json!("x");
            let answer = route.send(&shop, "", Some(body)).await;
            let case = format!("{} {} with {object}/surprise", route.method, route.path);
            assert_refused(&answer, &format!("{object}/surprise"), "`surprise` is not known", &case);
            levels += 1;
        }
    }
    assert!(levels >= 14, "only {levels} objects were looked at");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_array_is_no_object_on_any_route_and_at_any_level() {
    let shop = Shop::open(Way::Local).await;
    for route in routes() {
        let Some(schema) = route.body() else { continue };
        let sample = route.sample(schema);
        for object in objects(&sample, "") {
            let mut body = sample.clone();
            let place = body.pointer_mut(&object).unwrap();
            // By position, as it was declared.
            *place = place.as_object().unwrap().values().cloned().collect();
            let answer = route.send(&shop, "", Some(body)).await;
            let case = format!("{} {} with an array at {object:?}", route.method, route.path);
            // Where many may be asked for at once, the array is one, and its first element no object.
            let place = if route.takes_many() && object.is_empty() { "/0" } else { &object };
            assert_refused(&answer, place, "must be an object with `", &case);
        }
    }
}

/// A value of a parameter that its schema forbids, as it stands in an address, for each thing that it says.
fn forbidden(schema: &Value) -> Vec<String> {
    let mut values = Vec::new();
    if let Some(most) = schema["maxLength"].as_u64() {
        values.push("a".repeat(usize::try_from(most).unwrap() + 1));
    }
    if schema["minLength"].as_u64().is_some() {
        values.push(String::new());
    }
    // No pattern of ours lets a control character through.
    if schema["pattern"].is_string() || schema["format"].is_string() || schema["enum"].is_array() {
        values.push("%01x%7F".to_owned());
    }
    if schema["type"] == "integer" || schema["type"] == "boolean" {
        values.extend(["many".to_owned(), "1.5".to_owned()]);
    }
    values.extend(schema["minimum"].as_i64().map(|least| (least - 1).to_string()));
    values.extend(schema["maximum"].as_i64().map(|most| (most + 1).to_string()));
    values
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_document_forbids_in_a_query_is_refused_on_every_route() {
    let shop = Shop::open(Way::Local).await;
    let (mut tried, mut taken) = (0, Vec::new());
    for route in routes() {
        let parameters = route.operation["parameters"].as_array().into_iter().flatten();
        let of_query: Vec<&Value> = parameters.filter(|one| one["in"] == "query").collect();
        for parameter in &of_query {
            let schema = match parameter["schema"]["$ref"].as_str() {
                Some(name) => &route.schemas[name.rsplit('/').next().unwrap()],
                None => &parameter["schema"],
            };
            let others = of_query.iter().filter(|one| one["required"] == true && one["name"] != parameter["name"]);
            let others = others.map(|one| format!("&{}=1", one["name"].as_str().unwrap())).collect::<String>();
            for value in forbidden(schema) {
                let query = format!("?{}={value}{others}", parameter["name"].as_str().unwrap());
                let answer = route.send(&shop, &query, route.body().map(|schema| route.sample(schema))).await;
                // A link whose signature is nonsense leads nowhere, and says no more.
                let leads_nowhere = answer.status == 404 && answer.body["code"] == "export_not_found";
                if !matches!(answer.status.as_u16(), 400 | 422) && !leads_nowhere {
                    taken.push(format!("{} {}{query:.80}: {}", route.method, route.path, answer.status));
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 150, "only {tried} values were tried");
    assert!(taken.is_empty(), "{taken:#?}");
}

/// Else `{"lines": […]}` would cancel the whole order with a 200.
#[tokio::test(flavor = "multi_thread")]
async fn a_route_that_takes_no_body_or_no_parameters_refuses_them() {
    let shop = Shop::open(Way::Local).await;
    let mut bodiless = 0;
    for route in routes() {
        let case = format!("{} {}", route.method, route.path);
        let answer = route.send(&shop, "?surprise=1", None).await;
        if route.takes_no_body() {
            answer.assert_problem(400, "invalid_query");
            assert!(answer.body["detail"].as_str().unwrap().starts_with("`surprise` is not known"), "{case}");
            let lines = json!({"lines": [{"sku": "MUG", "quantity": 1}]});
            let answer = route.send(&shop, "", Some(lines)).await;
            assert_refused(&answer, "/lines", "`lines` is not known: this request takes no fields", &case);
            for other in [json!([]), json!("lines"), json!([["MUG", 1]]), json!(0)] {
                let answer = route.send(&shop, "", Some(other)).await;
                assert_refused(&answer, "", "must be left out", &case);
            }
            let taken = route.send(&shop, "", Some(json!({}))).await;
            assert!(taken.body["code"] != "invalid_fields", "{case}: {}", taken.text);
            bodiless += 1;
        } else {
            answer.assert_problem(400, "invalid_query");
        }
    }
    assert!(bodiless > 20, "only {bodiless} routes without a body");
}
