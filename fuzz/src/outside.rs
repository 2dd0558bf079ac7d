//! What an outside OpenID provider says, or somebody in its place.

use crate::support::{choice, chosen, is_signed, line, public_key, signed, text};
use serde_json::{Value, json};
use user_service::fuzzed::{Provider, Somebody};

const ISSUER: &str = "https://accounts.example";
const CLIENT: &str = "the-shop";
const NONCE: &str = "n-0S6_WzA2Mj";
const NOW: i64 = 1_800_000_000;

pub(crate) fn outside(data: &[u8]) {
    let provider = Provider::named(ISSUER, CLIENT).expect("a provider");
    let (way, rest) = choice(data, 3);
    let (first, second) = line(rest);
    match way {
        0 => document(&provider, rest),
        // Its keys as they come, and a token as it comes.
        1 => {
            let token = text(second);
            if let Ok(somebody) = provider.somebody(first, &token, NONCE, NOW) {
                believed(&somebody);
            }
        }
        // A head and claims that it has signed: else nothing would get so far.
        _ => {
            let token = signed(first, second);
            if let Ok(somebody) = provider.somebody(keys().as_bytes(), &token, NONCE, NOW) {
                assert!(is_signed(&token));
                believed(&somebody);
                about(&somebody, second);
            }
        }
    }
}

/// Only what is said over TLS, by the issuer itself.
fn document(provider: &Provider, bytes: &[u8]) {
    let Ok(addresses) = provider.document(bytes) else { return };
    // What is not known is passed over, whatever bytes its text holds.
    let said: Value = serde_json::from_str(&text(bytes)).expect("taken, and no JSON");
    assert_eq!(said["issuer"], ISSUER);
    assert!(addresses.iter().all(|address| address.starts_with("https://")), "{addresses:?}");
}

fn believed(somebody: &Somebody) {
    assert!((1..=255).contains(&somebody.subject.len()), "{} bytes of subject", somebody.subject.len());
}

fn about(somebody: &Somebody, claims: &[u8]) {
    let said: Value = serde_json::from_str(&text(claims)).expect("taken, and no JSON");
    assert_eq!((&said["iss"], &said["nonce"], &said["sub"]), (&json!(ISSUER), &json!(NONCE), &json!(somebody.subject)));
    assert!(
        said["aud"] == CLIENT
            || said["aud"] == json!([CLIENT])
            || said["aud"].as_array().is_some_and(|all| all.iter().all(|one| one == CLIENT)),
        "{}",
        said["aud"]
    );
    assert!(said["azp"].is_null() || said["azp"] == CLIENT);
    if let Some(email) = &somebody.email {
        assert_eq!(said["email"], json!(email));
        assert!(said["email_verified"] == true || said["email_verified"] == "true", "an address that nobody confirmed");
    }
}

fn keys() -> String {
    let unknown = json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA", "kid": "two"});
    let known = json!({"kty": "OKP", "crv": "Ed25519", "x": public_key(), "kid": "one", "alg": "EdDSA", "use": "sig"});
    json!({"keys": [unknown, known]}).to_string()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let document = json!({
        "issuer": ISSUER, "authorization_endpoint": "https://accounts.example/auth",
        "token_endpoint": "https://accounts.example/token", "jwks_uri": "https://accounts.example/jwks",
        "userinfo_endpoint": "https://accounts.example/me", "response_types_supported": ["code"],
    });
    let head = json!({"alg": "EdDSA", "kid": "one", "typ": "JWT"}).to_string();
    let claims = json!({
        "iss": ISSUER, "aud": [CLIENT], "azp": CLIENT, "sub": "248289761001", "nonce": NONCE, "iat": NOW, "exp": NOW + 60,
        "email": "ada@example.com", "email_verified": true, "given_name": "Ada", "family_name": "Lovelace",
    });
    let as_texts = claims.to_string().replace("true", "\"true\"").replace("[\"the-shop\"]", "\"the-shop\"");
    let rsa = r#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"one","alg":"RS256"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}"#;
    let token = signed(head.as_bytes(), claims.to_string().as_bytes());
    let rs256 = signed(br#"{"alg":"RS256","kid":"one"}"#, claims.to_string().as_bytes());
    vec![
        chosen(0, document.to_string()),
        chosen(0, format!("[\"{ISSUER}\",\"https://a.example/\",\"https://a.example/\",\"https://a.example/\",null]")),
        chosen(0, document.to_string().replace("https://accounts.example/jwks", "http://127.0.0.1/jwks")),
        chosen(1, format!("{}\n{token}", keys())),
        chosen(1, format!("{rsa}\n{rs256}")),
        chosen(2, format!("{head}\n{claims}")),
        chosen(2, format!("{head}\n{as_texts}")),
        chosen(2, format!("{}\n{claims}", head.replace("EdDSA", "HS256"))),
    ]
}

#[cfg(test)]
mod tests {
    use super::{CLIENT, ISSUER, NONCE, NOW, keys, seeds};
    use crate::support::{choice, line, signed};
    use user_service::fuzzed::Provider;

    #[test]
    fn an_honest_provider_is_believed() {
        let (provider, seeds) = (Provider::named(ISSUER, CLIENT).unwrap(), seeds());
        assert_eq!(provider.document(choice(&seeds[0], 3).1).unwrap().len(), 4);
        let honest = seeds.iter().filter(|seed| seed[0] == 2).filter(|seed| {
            let (head, claims) = line(&seed[1..]);
            provider.somebody(keys().as_bytes(), &signed(head, claims), NONCE, NOW).is_ok_and(|it| it.email.is_some())
        });
        assert_eq!(honest.count(), 2);
    }
}
