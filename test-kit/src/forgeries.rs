//! Tokens that somebody made who has no key of ours, or who has one and lies: none is taken at any route (RFC 8725).

use crate::{Client, Signer};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::ServiceName;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};

/// Tries each of them at every route that wants a token.
///
/// # Panics
/// One was taken.
pub async fn check_forgeries(service: ServiceName, visitor: &Client, signer: &Signer) {
    let document = visitor.get("/openapi.json").await.assert_status(200).body.clone();
    let closed: Vec<(Method, String)> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, methods)| methods.as_object().expect("methods").iter().map(move |method| (path, method)))
        .filter(|(_, (_, operation))| operation["security"].as_array().is_some_and(|ways| !ways.contains(&json!({}))))
        .map(|(path, (method, _))| {
            let way = path.split('/').map(|part| if part.starts_with('{') { "0" } else { part });
            (method.to_uppercase().parse().expect("a method"), way.collect::<Vec<_>>().join("/"))
        })
        .collect();
    assert!(!closed.is_empty());
    let mut taken = Vec::new();
    for (what, token) in forgeries(service, signer) {
        let client = visitor.with_token(token);
        for (method, path) in &closed {
            let answer = client.send(method.clone(), path, None).await;
            if answer.status != 401 {
                taken.push(format!("{what} at {method} {path}: {}", answer.status));
            }
        }
    }
    assert!(taken.is_empty(), "forged tokens were taken:\n{}", taken.join("\n"));
}

fn forgeries(service: ServiceName, signer: &Signer) -> Vec<(String, String)> {
    let good = signer.admin();
    let (header, claims) = (part(&good, 0), part(&good, 1));
    let now = claims["iat"].as_i64().expect("a time");
    let signature = good.rsplit('.').next().expect("a signature");
    let with = |name: &str, value: Value| changed(&claims, name, value);
    let mut forged = vec![
        ("no signature".to_owned(), format!("{}.", joined(&header, &claims))),
        ("two parts".to_owned(), joined(&header, &claims)),
        ("four parts".to_owned(), format!("{good}.{signature}")),
        ("another's signature".to_owned(), format!("{}.{signature}", joined(&header, &with("sub", json!(uuid(9)))))),
        ("one bit of the signature".to_owned(), flipped(&good)),
        ("another role".to_owned(), format!("{}.{signature}", joined(&header, &with("scope", json!("audit:read"))))),
        ("a token in a token".to_owned(), format!("{}.{signature}", joined(&header, &json!(good)))),
    ];
    for algorithm in ["none", "None", "NONE", "nOnE", ""] {
        let header = changed(&header, "alg", json!(algorithm));
        forged.push((format!("alg {algorithm:?}"), format!("{}.", joined(&header, &claims))));
        forged
            .push((format!("alg {algorithm:?} with a signature"), format!("{}.{signature}", joined(&header, &claims))));
    }
    // The public key as the secret of a signature that both sides know: the oldest trick.
    let public = URL_SAFE_NO_PAD.decode(signer.public_key()).expect("a key");
    for secret in [public, signer.public_key().as_bytes().to_vec(), jwk(signer).to_string().into_bytes()] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let mut header = Header::new(algorithm);
            (header.typ, header.kid) = (Some("at+jwt".to_owned()), Some(signer.kid().to_owned()));
            let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&secret)).expect("a token");
            forged.push((format!("{algorithm:?} with the public key"), token));
        }
    }
    let stranger = Signer::stranger();
    for (name, value) in [
        ("jwk", jwk(&stranger)),
        ("jku", json!("https://thief.example/jwks.json")),
        ("x5u", json!("https://thief.example/chain.pem")),
        ("x5c", json!(["MIIB"])),
        ("kid", json!("../../../dev/null")),
        ("kid", json!("' UNION SELECT 'AAAA' --")),
        ("kid", json!("http://thief.example/key")),
        ("kid", json!("\u{0}")),
        ("kid", json!("x".repeat(10_000))),
    ] {
        forged.push((format!("{name} {value:.40}"), stranger.sign_with(&changed(&header, name, value), &claims)));
    }
    forged.push(("a stranger's key by our name".to_owned(), stranger.sign_with(&header, &claims)));
    // What must be understood and is not makes a token invalid (RFC 7515, 4.1.11).
    let critical = changed(&changed(&header, "crit", json!(["exp"])), "exp", json!(1));
    forged.push(("crit".to_owned(), signer.sign_with(&critical, &claims)));
    let unknown = changed(&changed(&header, "crit", json!(["b64"])), "b64", json!(false));
    forged.push(("crit b64".to_owned(), signer.sign_with(&unknown, &claims)));
    for kind in ["JWT", "service+jwt", "at+jwt; charset=utf-8", ""] {
        forged.push((format!("typ {kind:?}"), signer.sign_with(&changed(&header, "typ", json!(kind)), &claims)));
    }
    for (name, value) in [
        ("iss", json!("order-service")),
        ("iss", json!("user-service ")),
        ("iss", json!(["user-service"])),
        ("iss", Value::Null),
        ("aud", json!("user-service")),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("sub", Value::Null),
        ("sub", json!("' OR 1=1 --")),
        ("exp", json!(now - 300)),
        ("exp", json!("9999999999")),
        ("exp", Value::Null),
        ("exp", json!(-1)),
        ("nbf", json!(now + 600)),
        ("nbf", json!(i64::MAX)),
    ] {
        forged.push((format!("{name} {value}"), signer.sign_with(&header, &with(name, value))));
    }
    // A service's own token at a person's route, and the other way round: the document says which are which.
    let elsewhere = ServiceName::ALL.into_iter().find(|other| *other != service).expect("another service");
    forged.push(("a call to another service".to_owned(), signer.service(ServiceName::Notify, elsewhere)));
    forged
}

fn part(token: &str, place: usize) -> Value {
    let part = token.split('.').nth(place).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
}

fn joined(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

/// With another member; `null` takes it away.
fn changed(object: &Value, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    if value.is_null() {
        object.as_object_mut().expect("an object").remove(name);
    } else {
        object[name] = value;
    }
    object
}

fn flipped(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64");
    bytes[0] ^= 1;
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes))
}

fn jwk(signer: &Signer) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": signer.public_key(), "kid": signer.kid(), "alg": "EdDSA", "use": "sig" })
}

fn uuid(number: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(number)
}
