//! `ecom admin create`, which is [`user_service::create_admin`].

use crate::support::{Users, config};
use contracts::AccountId;
use serde_json::json;
use user_service::{NewAdmin, create_admin};

fn grace(email: &str, password: &str) -> NewAdmin {
    NewAdmin {
        email: email.to_owned(),
        first_name: "Grace".to_owned(),
        last_name: "Hopper".to_owned(),
        password: password.to_owned(),
    }
}

async fn create(users: &Users, new: NewAdmin) -> Result<AccountId, String> {
    create_admin(config(&users.database, &[]), new).await.map_err(|cause| cause.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_made_at_the_machine_logs_in_as_one() {
    let users = Users::open().await;
    let id = create(&users, grace("Grace@example.com", "a moth in the relay")).await.unwrap();
    let answer = users.login("grace@example.com", "a moth in the relay").await;
    assert_eq!(answer.assert_status(200).body["user"]["id"], json!(id));
    assert_eq!(answer.body["user"]["role"], "admin");
    let staff = users.visitor.with_token(answer.text_at("/token"));
    staff.post("/auth/introspect", json!({"token": "x"})).await.assert_status(200);
    // Nobody has to be told.
    assert_eq!(users.database.count("SELECT count(*) FROM event_log").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_refused() {
    let users = Users::open().await;
    let customer = users.customer("ada@example.com").await;
    let before = users.password_hash(customer).await;
    let refused = create(&users, grace("ADA@example.com", "a moth in the relay")).await.unwrap_err();
    assert_eq!(refused, "an account with the address ADA@example.com exists already: choose another address");
    assert_eq!(users.password_hash(customer).await, before);
    assert_eq!(users.database.count("SELECT count(*) FROM accounts WHERE role = 'admin'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_and_nothing_made() {
    let users = Users::open().await;
    let good = "a moth in the relay";
    let nameless = NewAdmin { last_name: String::new(), ..grace("grace@example.com", good) };
    for (new, said) in [
        (grace("grace", good), "--email \"grace\" is not an e-mail address"),
        (grace("grace@example.com", "short"), "the password is too short: at least 8 characters"),
        (grace("grace@example.com", "password1"), "the password is among the passwords that are tried first"),
        (grace("grace@example.com", "GraceHopper1906"), "the password is among the passwords that are tried first"),
        (nameless, "--last-name must hold 1 to 100 characters"),
    ] {
        let refused = create(&users, new).await.unwrap_err();
        assert!(refused.starts_with(said), "{refused}");
    }
    assert_eq!(users.database.count("SELECT count(*) FROM accounts").await, 0);
}
