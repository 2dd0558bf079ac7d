//! What the service publishes of itself.

use crate::support::Users;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn the_openapi_document_has_every_route() {
    let users = Users::open().await;
    let document = users.visitor.get("/openapi.json").await.assert_status(200).body.clone();
    let paths = document["paths"].as_object().unwrap();
    let routes: Vec<String> = paths
        .iter()
        .flat_map(|(path, methods)| methods.as_object().unwrap().keys().map(move |method| format!("{method} {path}")))
        .collect();
    insta::assert_json_snapshot!(routes, @r#"
    [
      "get /auth/current-user",
      "get /auth/health",
      "post /auth/introspect",
      "post /auth/login",
      "post /auth/register",
      "post /auth/resend-verification",
      "post /auth/verify-email",
      "get /internal/accounts/{id}/contact",
      "post /internal/accounts/{id}/verification-link",
      "post /internal/contacts",
      "post /internal/registrations/{id}/mail"
    ]
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_in_the_table_is_not_there() {
    let users = Users::open().await;
    users.visitor.get("/auth/accounts").await.assert_problem(404, "not_found");
    users.visitor.get("/auth/login").await.assert_problem(405, "method_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_key_is_published_and_the_private_one_never() {
    let users = Users::open().await;
    let jwks = users.visitor.get("/.well-known/jwks.json").await;
    jwks.assert_status(200);
    insta::assert_json_snapshot!(jwks.body, { ".keys[0].kid" => "[kid]", ".keys[0].x" => "[public key]" }, @r#"
    {
      "keys": [
        {
          "alg": "EdDSA",
          "crv": "Ed25519",
          "kid": "[kid]",
          "kty": "OKP",
          "use": "sig",
          "x": "[public key]"
        }
      ]
    }
    "#);
    let members: BTreeSet<&String> = jwks.body["keys"][0].as_object().unwrap().keys().collect();
    assert!(!members.contains(&"d".to_owned()), "{members:?}");
    let (private, public): (Vec<u8>, String) = sqlx::query_as("SELECT private_key, public_key FROM signing_keys")
        .fetch_one(users.database.pool())
        .await
        .unwrap();
    assert_eq!(jwks.body["keys"][0]["x"], Value::String(public));
    // PKCS #8 holds the seed as an OCTET STRING of 32 bytes after this header (RFC 8410, 7).
    let header = [0x04, 0x22, 0x04, 0x20];
    let seed = private.windows(4).position(|bytes| bytes == header).map(|at| &private[at + 4..at + 36]).unwrap();
    assert!(!jwks.text.contains(&URL_SAFE_NO_PAD.encode(seed)));
}
