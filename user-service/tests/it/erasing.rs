//! An account is to be erased: told to its owner, kept in time, or carried out, and what the other services say of it.

use crate::support::{PASSWORD, Users, ada};
use contracts::{
    AccountId, AccountRequestId, ServiceName,
    events::{
        notification, order, payment, product,
        user::{Erased, ErasureRequested, Registered},
    },
};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use test_kit::{Answer, Client, event, until};
use time::Duration;

async fn ask(person: &Client) -> Answer {
    person.post("/auth/erasure", json!({})).await
}

async fn progress(users: &Users, token: &str) -> Answer {
    users.visitor.post("/auth/erasure/progress", json!({ "token": token })).await
}

/// The job looks once a minute, and whenever somebody asks.
async fn carried_out(users: &Users, token: &str) -> Value {
    until("the account to be erased", || async {
        let shown = progress(users, token).await.assert_status(200).body.clone();
        (shown["status"] != "waiting").then_some(shown)
    })
    .await
}

/// What is left that says who somebody was.
async fn traces(users: &Users, text: &str) -> Vec<String> {
    let tables = "SELECT quote_ident(table_name) FROM information_schema.tables
                  WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(users.database.pool()).await.unwrap();
    let mut found = Vec::new();
    for table in tables {
        let query =
            format!("SELECT count(*) FROM {table} AS searched WHERE strpos(lower(searched::text), lower($1)) > 0");
        let times = sqlx::query_scalar::<_, i64>(AssertSqlSafe(query)).bind(text);
        if times.fetch_one(users.database.pool()).await.unwrap() > 0 {
            found.push(table);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn its_owner_is_told_and_can_keep_it_until_the_time_has_come() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let person = users.logged_in("ada@example.com").await;
    person.get("/auth/erasure").await.assert_problem(404, "erasure_not_found");
    let asked = ask(&person).await;
    assert_eq!(asked.assert_status(202).headers["cache-control"], "no-store");
    assert_eq!(asked.text_at("/erasure/status"), "waiting");
    assert_eq!(ask(&person).await.body, asked.body, "asked twice, it is one");
    let told = users.recorder.wait_for(|event: &ErasureRequested| event.account_id == id).await;
    let request: AccountRequestId = told.data.erasure_id.uuid().into();
    let mail = users.account_mail(request).await.assert_status(200).body.clone();
    assert_eq!((mail["email"].as_str(), mail["link"]["valid_hours"].as_i64()), (Some("ada@example.com"), Some(72)));
    let token = users.request_token(request).await;
    assert_eq!(token, asked.text_at("/token"));
    // With the link, without being logged in.
    let kept = users.visitor.post("/auth/erasure/keep", json!({ "token": token })).await;
    kept.assert_status(204);
    assert_eq!(progress(&users, &token).await.text_at("/status"), "kept");
    users.visitor.post("/auth/erasure/keep", json!({ "token": token })).await.assert_status(204);
    assert_eq!(users.account_mail(request).await.body["link"], Value::Null);
    // And by who is logged in.
    ask(&person).await.assert_status(202);
    person.delete("/auth/erasure").await.assert_status(204);
    person.delete("/auth/erasure").await.assert_problem(404, "erasure_not_found");
    users.advance(100);
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
    assert_eq!(users.announced::<Erased>().await, 0);
    progress(&users, "made-up").await.assert_problem(422, "invalid_link");
    users.visitor.post("/auth/erasure/keep", json!({ "token": "" })).await.assert_problem(422, "invalid_link");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_who_was_erased_and_the_receipts_are_filed() {
    let users = Users::open_with(&[("ERASE_AFTER_HOURS", "0")]).await;
    let other = users.customer("grace@example.com").await;
    let id = users.customer("ada@example.com").await;
    let mut again = ada("Ada@Example.com");
    again["phone"] = json!("+44 canary");
    users.visitor.post("/auth/register", again).await.assert_status(201);
    let person = users.logged_in("ada@example.com").await;
    let address = json!({
        "name": "Ada Canary", "line1": "12 Canary Square", "postal_code": "1", "city": "London", "country": "GB",
    });
    person.post("/auth/addresses", address).await.assert_status(201);
    let change = json!({ "email": "canary@example.com", "password": PASSWORD });
    person.post("/auth/change-email", change).await.assert_status(202);
    users.visitor.post("/auth/forgot-password", json!({ "email": "ada@example.com" })).await.assert_status(202);
    person.post("/auth/exports", json!({})).await.assert_status(202);
    let asked = ask(&person).await;
    let token = asked.assert_status(202).text_at("/token");
    let shown = carried_out(&users, &token).await;
    assert_eq!(shown["status"], "erasing");
    assert_eq!(shown["account_id"], id.to_string());
    // Whoever was logged in is out, and nobody gets in.
    person.get("/auth/current-user").await.assert_problem(401, "token_revoked");
    users.login("ada@example.com", PASSWORD).await.assert_problem(401, "invalid_credentials");
    for text in ["ada@example.com", "canary"] {
        assert_eq!(traces(&users, text).await, Vec::<String>::new(), "{text}");
    }
    users.login("grace@example.com", PASSWORD).await.assert_status(200);
    let told = users.recorder.wait_for(|event: &Erased| event.account_id == id).await;
    assert!(told.data.also.len() >= 3, "the second registration, the change, the forgotten password: {told:?}");
    users.visitor.post("/auth/erasure/keep", json!({ "token": token })).await.assert_problem(409, "erasure_begun");
    receipts(&users, id).await;
    until("the end", || async { (progress(&users, &token).await.text_at("/status") == "done").then_some(()) }).await;
    let admin = users.login_as_staff().await;
    let seen = admin.get(&format!("/users/{id}/erasure")).await.assert_status(200).body.clone();
    assert!(seen["services"].as_array().unwrap().iter().all(|service| service["done_at"].is_string()), "{seen}");
    admin.get(&format!("/users/{other}/erasure")).await.assert_problem(404, "erasure_not_found");
    // The address is free again, for somebody new.
    let anew = users.customer("ada@example.com").await;
    assert_ne!(anew, id);
    let fresh = users.logged_in("ada@example.com").await;
    assert_eq!(fresh.get("/auth/addresses").await.body["items"], json!([]));
    fresh.get("/auth/erasure").await.assert_problem(404, "erasure_not_found");
    assert!(users.announced::<Registered>().await >= 3);
}

/// Locks and full disks pass: whoever could not be erased then is a moment later, not at the next look.
#[tokio::test(flavor = "multi_thread")]
async fn what_failed_once_is_carried_out_soon() {
    let users = Users::open_with(&[("ERASE_AFTER_HOURS", "0")]).await;
    users.customer("ada@example.com").await;
    let person = users.logged_in("ada@example.com").await;
    let stuck = "CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''stuck''; END';
                 CREATE TRIGGER stuck BEFORE DELETE ON accounts FOR EACH ROW EXECUTE FUNCTION stuck()";
    sqlx::raw_sql(stuck).execute(users.database.pool()).await.unwrap();
    let token = ask(&person).await.assert_status(202).text_at("/token");
    let put_off = "SELECT count(*) FROM erasures WHERE due_at > asked_at";
    until("it to fail", || async { (users.database.count(put_off).await == 1).then_some(()) }).await;
    sqlx::raw_sql("DROP TRIGGER stuck ON accounts").execute(users.database.pool()).await.unwrap();
    users.clock.advance(Duration::seconds(2));
    assert_eq!(carried_out(&users, &token).await["status"], "erasing");
}

/// As each of the other services announces it; one comes twice.
async fn receipts(users: &Users, account_id: AccountId) {
    for receipt in [
        event(1, product::PersonErased { account_id, rows: 0 }),
        event(1, order::PersonErased { account_id, rows: 3 }),
        event(1, payment::PersonErased { account_id, rows: 0 }),
        event(1, notification::PersonErased { account_id, rows: 5 }),
        event(1, order::PersonErased { account_id, rows: 3 }),
    ] {
        until("user-service to take the receipt", || async {
            users.bus.deliver_to(ServiceName::User, &receipt).await.ok()
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_did_not_prove_a_moment_ago_who_they_are_is_asked_to() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let begun = users.login("ada@example.com", PASSWORD).await.assert_status(200).body.clone();
    users.clock.advance(Duration::minutes(6));
    let person = users.visitor.with_token(begun["token"].as_str().unwrap());
    ask(&person).await.assert_problem(401, "step_up_required");
    person.post("/auth/exports", json!({})).await.assert_problem(401, "step_up_required");
    let proved = person.post("/auth/step-up", json!({ "password": PASSWORD })).await;
    let person = users.visitor.with_token(proved.assert_status(200).text_at("/token"));
    ask(&person).await.assert_status(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_erase_who_asked_them_to_but_not_the_last_administrator() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let id = users.customer("ada@example.com").await;
    let asked = admin.post(&format!("/users/{id}/erasure"), json!({})).await;
    assert_eq!(asked.assert_status(202).text_at("/status"), "waiting");
    assert!(asked.body.get("token").is_none(), "the token is the owner's");
    users.recorder.wait_for(|event: &ErasureRequested| event.account_id == id).await;
    admin.delete(&format!("/users/{id}/erasure")).await.assert_status(204);
    ask(&admin).await.assert_problem(409, "last_administrator");
    let nobody = AccountId::from(uuid::Uuid::new_v4());
    admin.post(&format!("/users/{nobody}/erasure"), json!({})).await.assert_problem(404, "account_not_found");
    let audit = admin.get(&format!("/users/audit?subject={id}")).await.assert_status(200).body.clone();
    let actions: Vec<_> = audit["items"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert!(actions.contains(&json!("account.erasure_requested")) && actions.contains(&json!("account.kept")));
    assert_eq!(ServiceName::ALL.len(), asked.body["services"].as_array().unwrap().len());
}
