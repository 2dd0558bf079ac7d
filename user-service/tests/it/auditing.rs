//! Who did what is written down, in a chain that shows what was changed.

use crate::support::{PASSWORD, Users};
use serde_json::{Value, json};
use service_kit::audit::{Broken, verify};
use test_kit::{Client, until};

async fn log(admin: &Client, query: &str) -> Vec<Value> {
    let page = admin.get(&format!("/users/audit?{query}")).await;
    page.assert_status(200).body["items"].as_array().unwrap().clone()
}

/// When every entry stands in a link.
async fn chained(users: &Users) {
    let pool = users.database.pool();
    until("the chain is closed", || async { verify(pool).await.ok().filter(|chain| chain.waiting == 0) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_who_what_to_whom_and_from_where() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let staff = admin.get("/auth/current-user").await.body["id"].clone();
    let id = users.customer("ada@example.com").await;
    admin.post(&format!("/users/{id}/suspend"), json!({ "reason": "charge-backs" })).await.assert_status(204);
    let found = log(&admin, &format!("subject={id}")).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["action"], "account.suspended");
    assert_eq!((&found[0]["actor"], &found[0]["actor_kind"]), (&staff, &json!("person")));
    assert_eq!(
        (&found[0]["after"], &found[0]["network"]),
        (&json!({"reason": "charge-backs"}), &json!("127.0.0.0/24"))
    );
    let all = log(&admin, "limit=100").await;
    let actions: Vec<_> = all.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["account.suspended", "session.began"]);
    let next = admin.get("/users/audit?limit=1").await.body["next"].clone();
    let second = log(&admin, &format!("limit=1&after={}", next.as_str().unwrap())).await;
    assert_eq!(second[0]["action"], "session.began");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_was_not_let_is_written_down_once_a_minute() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let id = users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    for _ in 0..5 {
        ada.get("/users").await.assert_problem(403, "forbidden");
    }
    let found = || async {
        let found = log(&admin, &format!("actor={id}&action=permission.missed")).await;
        (!found.is_empty()).then_some(found)
    };
    let found = until("it is written down", found).await;
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["allowed"], &found[0]["after"]), (&json!(false), &json!({"permission": "users:read"})));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_a_gap_and_a_cut_are_seen() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let id = users.customer("ada@example.com").await;
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
    chained(&users).await;
    admin.post(&format!("/users/{id}/suspend"), json!({ "reason": "charge-backs" })).await.assert_status(204);
    chained(&users).await;
    let whole = verify(users.database.pool()).await.unwrap();
    assert!(whole.links >= 2 && whole.entries == 3, "{whole:?}");
    // Whoever owns the tables can do all that; the chain tells.
    let open = "ALTER TABLE audit_entries DISABLE TRIGGER USER; ALTER TABLE audit_links DISABLE TRIGGER USER";
    let pool = users.database.pool();
    for (harm, expected) in [
        ("UPDATE audit_entries SET after = '{}' WHERE action = 'account.suspended'", "Changed"),
        ("DELETE FROM audit_entries WHERE action = 'account.suspended'", "Changed"),
        ("UPDATE audit_links SET previous = 'x' WHERE number = 2", "Elsewhere"),
        ("DELETE FROM audit_links WHERE number = 1", "Missing"),
        ("DELETE FROM audit_links WHERE number = (SELECT max(number) FROM audit_links)", "Unchained"),
    ] {
        sqlx::raw_sql(open).execute(pool).await.unwrap();
        let copy = "CREATE TABLE kept_entries AS TABLE audit_entries; CREATE TABLE kept_links AS TABLE audit_links";
        sqlx::raw_sql(copy).execute(pool).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(harm.to_owned())).execute(pool).await.unwrap();
        let broken = verify(pool).await.unwrap_err();
        assert!(format!("{broken:?}").starts_with(expected), "{harm}: {broken:?}");
        assert!(!matches!(broken, Broken::Database(_)));
        let back = "DELETE FROM audit_entries; INSERT INTO audit_entries TABLE kept_entries; DELETE FROM audit_links;
                    INSERT INTO audit_links TABLE kept_links; DROP TABLE kept_entries; DROP TABLE kept_links";
        sqlx::raw_sql(back).execute(pool).await.unwrap();
        verify(pool).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_append_only() {
    let users = Users::open().await;
    users.login_as_staff().await;
    chained(&users).await;
    for harm in ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries", "TRUNCATE audit_links"] {
        let refused = sqlx::raw_sql(harm).execute(users.database.pool()).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
}
