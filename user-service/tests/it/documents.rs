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
      "post /auth/accept-invitation",
      "get /auth/addresses",
      "post /auth/addresses",
      "delete /auth/addresses/{id}",
      "put /auth/addresses/{id}",
      "post /auth/change-email",
      "post /auth/change-password",
      "post /auth/confirm-email",
      "get /auth/current-user",
      "patch /auth/current-user",
      "delete /auth/erasure",
      "get /auth/erasure",
      "post /auth/erasure",
      "post /auth/erasure/keep",
      "post /auth/erasure/progress",
      "get /auth/exports",
      "post /auth/exports",
      "get /auth/exports/{id}/file",
      "post /auth/forgot-password",
      "post /auth/guests",
      "post /auth/guests/forget",
      "post /auth/guests/join",
      "post /auth/guests/link",
      "post /auth/guests/token",
      "get /auth/health",
      "post /auth/introspect",
      "post /auth/login",
      "post /auth/login/passkey",
      "post /auth/login/passkey/begin",
      "post /auth/login/second-factor",
      "post /auth/login/second-factor/passkey",
      "post /auth/login/second-factor/passkey/begin",
      "post /auth/logout",
      "post /auth/oauth/introspect",
      "post /auth/oauth/revoke",
      "get /auth/passkeys",
      "post /auth/passkeys",
      "post /auth/passkeys/begin",
      "delete /auth/passkeys/{id}",
      "patch /auth/passkeys/{id}",
      "get /auth/provider",
      "post /auth/provider/begin",
      "post /auth/provider/finish",
      "post /auth/refresh",
      "post /auth/register",
      "post /auth/resend-verification",
      "post /auth/reset-password",
      "delete /auth/second-factor",
      "get /auth/second-factor",
      "post /auth/second-factor/recovery-codes",
      "post /auth/second-factor/totp",
      "post /auth/second-factor/totp/confirm",
      "delete /auth/sessions",
      "get /auth/sessions",
      "delete /auth/sessions/{id}",
      "post /auth/step-up",
      "post /auth/step-up/passkey",
      "post /auth/step-up/passkey/begin",
      "post /auth/verify-email",
      "post /internal/account-requests/{id}/mail",
      "get /internal/accounts/{id}/contact",
      "post /internal/accounts/{id}/verification-link",
      "post /internal/api-keys/exchange",
      "post /internal/contacts",
      "post /internal/exports/{id}/pieces",
      "post /internal/registrations/{id}/mail",
      "get /internal/revocations",
      "get /users",
      "get /users/api-keys",
      "post /users/api-keys",
      "delete /users/api-keys/{id}",
      "post /users/api-keys/{id}/rotate",
      "get /users/audit",
      "get /users/dead-letters",
      "get /users/dead-letters/{id}",
      "post /users/dead-letters/{id}/drop",
      "post /users/dead-letters/{id}/replay",
      "get /users/events",
      "get /users/events/{id}",
      "get /users/guests",
      "get /users/guests/{id}",
      "post /users/invitations",
      "get /users/roles",
      "post /users/roles",
      "delete /users/roles/{name}",
      "put /users/roles/{name}",
      "get /users/{id}",
      "delete /users/{id}/erasure",
      "get /users/{id}/erasure",
      "post /users/{id}/erasure",
      "post /users/{id}/restore",
      "put /users/{id}/role",
      "delete /users/{id}/sessions",
      "post /users/{id}/suspend"
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
