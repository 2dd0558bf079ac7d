//! `POST /auth/login`.

use crate::support::{PASSWORD, Users};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use service_kit::Env;

fn part(token: &str, index: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_password_gets_a_token_and_who_one_is() {
    let users = Users::open().await;
    users.customer("Ada@example.com").await;
    let answer = users.login("ada@EXAMPLE.com", PASSWORD).await;
    answer.assert_status(200);
    assert_eq!(answer.headers["cache-control"], "no-store");
    insta::assert_json_snapshot!(answer.body, {
        ".token" => "[token]", ".refresh_token" => "[token]", ".refresh_expires_at" => "[time]",
        ".session_id" => "[id]", ".device_token" => "[token]", ".user.id" => "[id]", ".user.created_at" => "[time]",
    }, @r#"
    {
      "device_token": "[token]",
      "expires_in": 900,
      "refresh_expires_at": "[time]",
      "refresh_token": "[token]",
      "scope": "",
      "session_id": "[id]",
      "token": "[token]",
      "token_type": "Bearer",
      "user": {
        "address": null,
        "created_at": "[time]",
        "email": "Ada@example.com",
        "first_name": "Ada",
        "id": "[id]",
        "last_name": "Lovelace",
        "phone": null,
        "role": "customer",
        "verified": true
      }
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_signed_by_the_published_key_and_says_who_for_whom_until_when() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let token = users.login("ada@example.com", PASSWORD).await.text_at("/token");

    let jwks = users.visitor.get("/.well-known/jwks.json").await.body;
    let header = part(&token, 0);
    assert_eq!(header, json!({"alg": "EdDSA", "typ": "at+jwt", "kid": jwks["keys"][0]["kid"]}));
    let key = URL_SAFE_NO_PAD.decode(jwks["keys"][0]["x"].as_str().unwrap()).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    UnparsedPublicKey::new(&ED25519, key).verify(signed.as_bytes(), &signature).unwrap();

    let now = users.clock.now().unix_timestamp();
    let mut claims = part(&token, 1);
    for id in ["jti", "sid"] {
        let id = claims.as_object_mut().unwrap().remove(id).unwrap();
        assert_eq!(id.as_str().unwrap().len(), 36);
    }
    assert_eq!(
        claims,
        json!({
            "iss": "user-service", "aud": "ecom-micro", "sub": id, "role": "customer",
            "client_id": "ecom-micro", "scope": "", "generation": 0, "auth_time": now,
            "iat": now, "nbf": now, "exp": now + 900,
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_after_its_quarter_of_an_hour() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    ada.get("/auth/current-user").await.assert_status(200);
    users.advance(1);
    ada.get("/auth/current-user").await.assert_problem(401, "token_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    users.register_anew("waiting@example.com").await;
    let answers = [
        users.login("ada@example.com", "wrong horse").await,
        users.login("nobody@example.com", PASSWORD).await,
        users.login("waiting@example.com", "wrong horse").await,
        users.login("no address", PASSWORD).await,
        users.login("ada@example.com", "").await,
    ];
    for answer in &answers {
        assert_eq!(answer.assert_problem(401, "invalid_credentials").text, answers[0].text);
        let names = |answer: &test_kit::Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(answer), names(&answers[0]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn that_an_address_is_not_verified_is_said_only_to_who_knows_the_password() {
    let users = Users::open().await;
    users.register_anew("ada@example.com").await;
    users.login("ada@example.com", PASSWORD).await.assert_problem(403, "email_not_verified");
    users.login("ada@example.com", "wrong horse").await.assert_problem(401, "invalid_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_none_are_refused() {
    let users = Users::open().await;
    let answer = users.visitor.post("/auth/login", json!({"email": "a@example.com", "password": 1})).await;
    assert_eq!(answer.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), "/password");
    let body = json!({"email": "a@example.com", "password": "x", "role": "admin"});
    users.visitor.post("/auth/login", body).await.assert_problem(422, "invalid_fields");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_of_another_cost_is_replaced_at_the_next_login() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let before = users.password_hash(id).await;
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
    assert_eq!(users.password_hash(id).await, before, "the same cost: nothing to do");

    let Users { running, database, signer, .. } = users;
    running.stop().await;
    let users = Users::on(database, signer, &[("BCRYPT_COST", "5")]).await;
    users.login("ada@example.com", "wrong horse").await.assert_status(401);
    assert_eq!(users.password_hash(id).await, before);
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
    let after = users.password_hash(id).await;
    assert!(after.starts_with("$2b$05$"), "{after}");
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
    assert_eq!(users.password_hash(id).await, after);
}

/// The queue is 12 per core; each login takes long enough that 200 fill it.
#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_at_once_some_are_asked_to_come_again_and_the_others_get_in() {
    let variables = [("BCRYPT_COST", "9"), ("LOGIN_FAILURES", "1000"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let users = Users::open_with(&variables).await;
    users.customer("ada@example.com").await;
    let many = 200.max(50 * std::thread::available_parallelism().unwrap().get());
    let logins = (0..many).map(|number| {
        // From many places: one of them alone gets no further than its share.
        let visitor = users.visitor.with_header("x-forwarded-for", format!("2001:db8:{number:x}::1"));
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        tokio::spawn(async move { visitor.post("/auth/login", body).await })
    });
    let logins: Vec<_> = logins.collect();
    // What hashes nothing is answered meanwhile.
    users.visitor.get("/auth/health").await.assert_status(200);
    let (mut got_in, mut turned_away) = (0, 0);
    for login in logins {
        let answer = login.await.unwrap();
        if answer.status == 200 {
            got_in += 1;
        } else {
            assert_eq!(answer.assert_problem(503, "busy").headers["retry-after"], "2");
            turned_away += 1;
        }
    }
    assert!(got_in >= 12 && turned_away > 0, "{got_in} got in, {turned_away} were turned away");
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_a_login_says_come_again() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    users.running.leaves_queued("its database is away");
    users.running.kit.database.close().await;
    // More often than logins may fail: this is nobody's failure.
    for email in ["ada@example.com", "nobody@example.com"].into_iter().cycle().take(24) {
        let answer = users.login(email, PASSWORD).await;
        assert_eq!(answer.assert_problem(503, "database_unavailable").headers["retry-after"], "2");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn production_refuses_a_low_cost() {
    let users = Users::open().await;
    let settings = |environment: &str| {
        let env = Env::of([("ECOM_ENV", environment), ("DATABASE_URL", users.database.url())]);
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let env = env.with("PUBLIC_URL", "https://shop.example").with("SECRETS_KEY", key);
        service_kit::Settings::read(&env, contracts::ServiceName::User).unwrap()
    };
    let read = |environment: &str, cost: &str| {
        user_service::Config::read(settings(environment), &Env::of([("BCRYPT_COST", cost)]))
            .map(|config| config.bcrypt_cost)
            .map_err(|cause| cause.to_string())
    };
    assert_eq!(read("development", "4"), Ok(4));
    assert_eq!(read("production", "12"), Ok(12));
    let refused = "BCRYPT_COST=\"11\" is not valid: expected a whole number from 12 to 16";
    assert_eq!(read("production", "11"), Err(refused.to_owned()));
    assert_eq!(read("production", ""), Ok(12));
}
