//! One's addresses and what one is called.

use crate::support::Users;
use http::Method;
use serde_json::{Value, json};

fn london() -> Value {
    json!({
        "name": "Ada Lovelace", "line1": "12 St James's Square", "postal_code": "SW1Y 4JH", "city": "London",
        "country": "gb",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn several_are_kept_one_of_them_the_default_for_parcels_and_one_for_bills() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let first = ada.post("/auth/addresses", london()).await.assert_status(201).body.clone();
    assert_eq!((&first["country"], &first["default_shipping"]), (&json!("GB"), &json!(false)));
    let mut second = london();
    second["city"] = json!("São Paulo");
    second["region"] = json!("SP");
    second["country"] = json!("BR");
    second["default_shipping"] = json!(true);
    second["default_billing"] = json!(true);
    let second = ada.post("/auth/addresses", second).await.assert_status(201).body.clone();
    let path = format!("/auth/addresses/{}", first["id"].as_str().unwrap());
    let mut changed = london();
    changed["line2"] = json!("Flat 3");
    changed["default_shipping"] = json!(true);
    let changed = ada.send(Method::PUT, &path, Some(changed)).await.assert_status(200).body.clone();
    assert_eq!((&changed["line2"], &changed["version"]), (&json!("Flat 3"), &json!(2)));
    let listed = ada.get("/auth/addresses").await.assert_status(200).body["items"].clone();
    let defaults: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["id"].clone(), entry["default_shipping"].clone(), entry["default_billing"].clone()))
        .collect();
    let expected =
        [(first["id"].clone(), json!(true), json!(false)), (second["id"].clone(), json!(false), json!(true))];
    assert_eq!(defaults, expected);
    ada.delete(&path).await.assert_status(204);
    ada.delete(&path).await.assert_problem(404, "address_not_found");
    let left = ada.get("/auth/addresses").await.body["items"].clone();
    assert_eq!((left.as_array().unwrap().len(), &left[0]["default_shipping"]), (1, &json!(false)));
}

/// A click that comes twice, and a repeat whose first answer was lost.
#[tokio::test(flavor = "multi_thread")]
async fn under_one_key_an_address_is_added_once() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    users.customer("grace@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let adding: Vec<_> = (0..4)
        .map(|_| {
            let ada = ada.with_header("idempotency-key", "k1");
            tokio::spawn(async move { ada.post("/auth/addresses", london()).await })
        })
        .collect();
    let mut answers = Vec::new();
    for one in adding {
        answers.push(one.await.unwrap().assert_status(201).body.clone());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let keyed = ada.with_header("idempotency-key", "k1");
    assert_eq!(keyed.post("/auth/addresses", london()).await.assert_status(201).body, answers[0]);
    let mut other = london();
    other["city"] = json!("Paris");
    keyed.post("/auth/addresses", other).await.assert_problem(422, "idempotency_key_reused");
    let book = |body: Value| body["items"].as_array().unwrap().len();
    assert_eq!(book(ada.get("/auth/addresses").await.body), 1);
    // The same key is another's for somebody else; and without one each is one more.
    let grace = users.logged_in("grace@example.com").await.with_header("idempotency-key", "k1");
    grace.post("/auth/addresses", london()).await.assert_status(201);
    assert_eq!(book(grace.get("/auth/addresses").await.body), 1);
    ada.post("/auth/addresses", london()).await.assert_status(201);
    assert_eq!(book(ada.get("/auth/addresses").await.body), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_part_is_named_and_a_stranger_s_address_is_not_there() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    users.customer("grace@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let mut wrong = london();
    wrong["country"] = json!("ZZ");
    wrong["line1"] = json!("4242 4242 4242 4242");
    wrong["city"] = json!("\u{200B}");
    let refused = ada.post("/auth/addresses", wrong).await;
    let pointers: Vec<_> = refused.assert_problem(422, "invalid_fields").body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(pointers, ["/line1", "/city", "/country"]);
    let mine = ada.post("/auth/addresses", london()).await.assert_status(201).text_at("/id");
    let grace = users.logged_in("grace@example.com").await;
    let path = format!("/auth/addresses/{mine}");
    grace.send(Method::PUT, &path, Some(london())).await.assert_problem(404, "address_not_found");
    grace.delete(&path).await.assert_problem(404, "address_not_found");
    assert_eq!(ada.get("/auth/addresses").await.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_are_enough_also_for_many_at_once() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    for _ in 0..48 {
        ada.post("/auth/addresses", london()).await.assert_status(201);
    }
    let adding: Vec<_> = (0..6)
        .map(|_| {
            let ada = ada.clone();
            tokio::spawn(async move { ada.post("/auth/addresses", london()).await.status.as_u16() })
        })
        .collect();
    let mut answers = Vec::new();
    for one in adding {
        answers.push(one.await.unwrap());
    }
    answers.sort_unstable();
    assert_eq!(answers, [201, 201, 409, 409, 409, 409]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_is_called_is_changed_and_the_rest_stays() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let changed = json!({ "last_name": "King-Noel", "phone": "+44 20 7946 0018" });
    let changed = ada.send(Method::PATCH, "/auth/current-user", Some(changed)).await.assert_status(200).body.clone();
    let told = (&changed["first_name"], &changed["last_name"], &changed["phone"]);
    assert_eq!(told, (&json!("Ada"), &json!("King-Noel"), &json!("+44 20 7946 0018")));
    let none = ada.send(Method::PATCH, "/auth/current-user", Some(json!({ "phone": "" }))).await;
    assert_eq!(none.assert_status(200).body["phone"], json!(null));
    let wrong = ada.send(Method::PATCH, "/auth/current-user", Some(json!({ "first_name": "Win 500 EUR" }))).await;
    assert_eq!(wrong.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), "/first_name");
    let more = ada.send(Method::PATCH, "/auth/current-user", Some(json!({ "role": "admin" }))).await;
    more.assert_problem(422, "invalid_fields");
}
