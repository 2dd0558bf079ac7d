//! Bodies of requests: JSON by the real extractors, and OAuth's forms.

use crate::support::{answered, choice, chosen, done, refused, sent};
use axum::extract::{FromRequest, Request};
use contracts::api::{
    account::{
        AcceptInvitationBody, ChangeEmailBody, ChangePasswordBody, ChangeProfileBody, ConfirmEmailBody, LoginBody,
        LoginSecondFactorBody, ProviderFinishBody, RefreshBody, RegisterBody, ResetPasswordBody, StepUpBody,
        VerifyEmailBody,
    },
    address_book::AddressBody,
    user::ContactsRequest,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use service_kit::{
    Problem, card_number,
    extract::{Body, NoBody},
    fuzzed::arrived,
};
use std::pin::Pin;

type Reading = Pin<Box<dyn Future<Output = Result<(), Problem>>>>;
type Reader = fn(Request) -> Reading;

/// Pieces a customer may hold.
const MOST_PIECES: i64 = 5000;

/// How each body is read, and one of its kind.
const BODIES: [(Reader, &str); 21] = [
    (
        |request| Box::pin(order(request)),
        r#"{"lines":[{"sku":"MUG-0042","quantity":2},{"sku":"LAMP-7","quantity":1}],"payment_method":"sim_ok","shipping_address":{"name":"Ada Lovelace","line1":"12 St James's Square","line2":"2nd floor","postal_code":"SW1Y 4JH","city":"London","region":"Greater London","country":"GB"}}"#,
    ),
    (
        |request| Box::pin(product_service::fuzzed::create(request)),
        r#"{"sku":"MUG-0042","name":"Stoneware mug","description":"Holds\n0.3 l","category":"desk-lamps","price":{"amount":1999,"currency":"EUR"},"stock":25,"status":"draft"}"#,
    ),
    (
        |request| Box::pin(product_service::fuzzed::update(request)),
        r#"{"name":"Mug","description":"","category":"mugs","price":{"amount":1.5e3,"currency":"JPY"},"status":"active"}"#,
    ),
    (
        |request| Box::pin(product_service::fuzzed::adjust(request)),
        r#"{"quantity":-3.0,"reason":"damaged","note":"fell"}"#,
    ),
    (
        |request| Box::pin(reservation(request)),
        r#"[{"checkout_id":"0192d3a4-0000-7000-8000-000000000001","order_id":"0192d3a4-0000-7000-8000-000000000002","lines":[{"sku":"MUG-0042","quantity":2}]}]"#,
    ),
    (
        |request| Box::pin(registration(request)),
        r#"{"first_name":"Ada","last_name":"Lovelace","address":"12 St James's Square","email":"ada@bücher.example","phone":"+44 20 7946 0000","password":"correct horse battery"}"#,
    ),
    (
        |request| Box::pin(address(request)),
        r#"{"name":"Ada","line1":"1 Road","postal_code":"1","city":"Town","country":"de","default_shipping":true,"default_billing":null}"#,
    ),
    (read::<VerifyEmailBody>, r#"{"token":"t","password":null,"new_password":"p","first_name":"Ada"}"#),
    (read::<LoginBody>, r#"{"email":"ada@example.com","password":"correct horse","device_token":"AAAA"}"#),
    (read::<LoginSecondFactorBody>, r#"{"ticket":"t","code":"287 082"}"#),
    (read::<StepUpBody>, r#"{"password":"correct horse","code":"287082"}"#),
    (read::<ProviderFinishBody>, r#"{"token":"t","state":"s","code":"c","iss":"https://accounts.example"}"#),
    (read::<RefreshBody>, r#"{"refresh_token":"ecomrt_AAAA"}"#),
    (read::<ChangeProfileBody>, r#"{"first_name":"Ada","last_name":"Lovelace","phone":""}"#),
    (read::<ResetPasswordBody>, r#"{"token":"t","new_password":"correct horse"}"#),
    (read::<ChangePasswordBody>, r#"{"password":"one","new_password":"other"}"#),
    (read::<ChangeEmailBody>, r#"{"email":"ada@example.com","password":"correct horse"}"#),
    (read::<ConfirmEmailBody>, r#"{"token":"\u0074\ud83d\ude00"}"#),
    (read::<AcceptInvitationBody>, r#"{"token":"t","first_name":"A","last_name":"B","password":"correct horse"}"#),
    (read::<ContactsRequest>, r#"{"account_ids":["0192d3a4-0000-7000-8000-000000000001"]}"#),
    (|request| Box::pin(nothing(request)), "{}"),
];

/// What is taken is JSON without a name that stands twice, and is taken again; what is not is the sender's fault.
pub(crate) fn body(data: &[u8]) {
    let (number, json) = choice(data, BODIES.len());
    let (reader, _) = BODIES[number];
    let first = done(reading(reader, json));
    let second = done(reading(reader, json));
    match (first, second) {
        (Ok(()), Ok(())) => {
            let empty = json.trim_ascii().is_empty();
            assert!(empty || serde_json::from_slice::<Value>(json).is_ok(), "taken, and no JSON");
        }
        (Err(first), Err(second)) => {
            assert!(matches!(first.status, 400 | 413 | 422), "{first:?}");
            assert_eq!(serde_json::to_value(&first).ok(), serde_json::to_value(&second).ok());
            refused(first);
        }
        (first, second) => assert!(first.is_ok() == second.is_ok(), "one body, two judgements"),
    }
}

/// As a request comes in: whole first, then read.
async fn reading(reader: Reader, json: &[u8]) -> Result<(), Problem> {
    let request = arrived(sent("application/json", json)).await;
    let Ok(request) = request.map_err(|answer| answered(*answer)) else { return Ok(()) };
    reader(request).await
}

fn read<T: DeserializeOwned + 'static>(request: Request) -> Reading {
    Box::pin(async move { Body::<T>::from_request(request, &()).await.map(drop) })
}

async fn nothing(request: Request) -> Result<(), Problem> {
    NoBody::from_request(request, &()).await.map(drop)
}

async fn order(request: Request) -> Result<(), Problem> {
    let (pieces, method, address) = order_service::fuzzed::place(request, MOST_PIECES).await?;
    assert!((1..=MOST_PIECES).contains(&pieces), "{pieces} pieces");
    assert!(card_number::refuse(&method).is_ok() && method.len() <= 64, "{method}");
    let lines = serde_json::to_value(address).expect("an address is JSON");
    let lines = lines.as_object().expect("an object").values().filter_map(Value::as_str);
    lines.into_iter().for_each(|line| assert!(card_number::refuse(line).is_ok(), "a card number is kept"));
    Ok(())
}

async fn reservation(request: Request) -> Result<(), Problem> {
    product_service::fuzzed::reserve(request).await.map(drop)
}

async fn registration(request: Request) -> Result<(), Problem> {
    let Body(body) = Body::<RegisterBody>::from_request(request, &()).await?;
    user_service::fuzzed::registration(&body)?;
    assert!(user_service::fuzzed::email(&body.email).is_ok() && body.password.chars().count() >= 8);
    Ok(())
}

async fn address(request: Request) -> Result<(), Problem> {
    Body::<AddressBody>::from_request(request, &()).await.map(drop)
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<_> = BODIES.iter().enumerate().map(|(number, (_, example))| chosen(number, example)).collect();
    for odd in [
        "null",
        "[]",
        "{\"lines\":[],\"lines\":[]}",
        "\u{feff}{}",
        "{} {}",
        "1e999",
        "{\"\\u0000\":1}",
        "[\"token\",\"password\"]",
        "{\"lines\":[{\"sku\":\"A\",\"quantity\":9007199254740993}]}",
    ] {
        seeds.push(chosen(0, odd));
    }
    seeds.push(chosen(0, "[".repeat(200)));
    seeds.push(chosen(1, format!("{{\"name\":{}1{}}}", "{\"a\":".repeat(120), "}".repeat(120))));
    seeds
}

/// RFC 6749, 5.2: what is taken has one token that is not empty; what is not gets a 400 that says why.
pub(crate) fn form(data: &[u8]) {
    let request = sent("application/x-www-form-urlencoded", data);
    let tokens: Vec<_> = url::form_urlencoded::parse(data).filter(|(name, _)| name == "token").collect();
    match done(user_service::fuzzed::form(request)) {
        Ok(token) => {
            assert_eq!(tokens.len(), 1, "of two tokens one was taken");
            assert!(!token.is_empty() && tokens[0].1 == token.as_str());
        }
        Err(answer) => {
            let said = answered(answer);
            assert!(said["error"].is_string() && said["error_description"].is_string(), "{said}");
        }
    }
}

pub(crate) fn forms() -> Vec<Vec<u8>> {
    let texts = [
        "token=ecomrt_AAAA&token_type_hint=refresh_token",
        "token=a&token=b",
        "token=&token_type_hint=access_token&token_type_hint=x",
        "client_id=a&token=%e2%82%ac+x%00",
        "token",
        "=&&=token",
        "%74oken=a%zz",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::{BODIES, reading};
    use crate::support::done;

    #[test]
    fn the_example_of_each_body_is_taken() {
        for (reader, example) in BODIES {
            assert!(done(reading(reader, example.as_bytes())).is_ok(), "{example}");
        }
    }
}
