//! Failed logins are slowed down, per account, and for nobody for good.

use crate::support::{PASSWORD, Users};
use contracts::events::user::LoginsSlowedDown;
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use test_kit::until;

async fn fail(users: &Users, email: &str, times: usize) {
    for _ in 0..times {
        users.login(email, "wrong horse").await.assert_problem(401, "invalid_credentials");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_failures_it_says_when_to_come_again() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    fail(&users, "ada@example.com", 10).await;
    let answer = users.login("ADA@example.com", "wrong horse").await;
    answer.assert_problem(429, "too_many_failed_logins");
    let seconds: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((20..=30).contains(&seconds), "{seconds}");
    assert!(answer.text_at("/detail").contains(&format!("in {seconds} s")), "{}", answer.text);
    // Also with the right password: else the answer would tell which one it is.
    users.login("ada@example.com", PASSWORD).await.assert_problem(429, "too_many_failed_logins");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_is_slowed_down_alike() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    fail(&users, "ada@example.com", 10).await;
    fail(&users, "nobody@example.com", 10).await;
    let (known, unknown) =
        (users.login("ada@example.com", PASSWORD).await, users.login("nobody@example.com", PASSWORD).await);
    assert_eq!(known.assert_status(429).body["code"], unknown.assert_status(429).body["code"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn others_log_in_meanwhile() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    users.customer("grace@example.com").await;
    fail(&users, "ada@example.com", 10).await;
    users.login("grace@example.com", PASSWORD).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_logs_in_often_is_never_slowed_down() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    for _ in 0..25 {
        users.login("ada@example.com", PASSWORD).await.assert_status(200);
    }
    // A success forgives what failed before.
    for _ in 0..3 {
        fail(&users, "ada@example.com", 9).await;
        users.login("ada@example.com", PASSWORD).await.assert_status(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_locked_out_for_good() {
    let users = Users::open_with(&[("LOGIN_FAILURES", "2"), ("LOGIN_RECOVERY", "1")]).await;
    users.customer("ada@example.com").await;
    fail(&users, "ada@example.com", 2).await;
    users.login("ada@example.com", PASSWORD).await.assert_problem(429, "too_many_failed_logins");
    until("the account to be let in again", || async {
        (users.login("ada@example.com", PASSWORD).await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_guesses_at_once_are_no_way_around() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let guesses = (0..40).map(|number| {
        let visitor = users.visitor.clone();
        let body = serde_json::json!({"email": "ada@example.com", "password": format!("horse {number}")});
        tokio::spawn(async move { visitor.post("/auth/login", body).await.status.as_u16() })
    });
    let mut checked = 0;
    for guess in guesses.collect::<Vec<_>>() {
        let status = guess.await.unwrap();
        assert!(matches!(status, 401 | 429 | 503), "{status}");
        checked += usize::from(status == 401);
    }
    // Some may have found the queue full: that is no guess.
    assert!((1..=10).contains(&checked), "{checked}");
}

#[test]
fn limits_that_are_none_are_refused_by_name() {
    for (name, value) in [("LOGIN_FAILURES", "0"), ("LOGIN_FAILURES", "many"), ("LOGIN_RECOVERY", "0")] {
        let env = service_kit::Env::of([("DATABASE_URL", "postgres://unused")]);
        let settings = service_kit::Settings::read(&env, contracts::ServiceName::User).unwrap();
        let refused = user_service::Config::read(settings, &service_kit::Env::of([(name, value)])).unwrap_err();
        assert!(refused.to_string().starts_with(&format!("{name}={value:?} is not valid")), "{refused}");
    }
}

/// Whoever holds sixty connections with invented addresses must not shut out everybody else.
#[tokio::test(flavor = "multi_thread")]
async fn while_one_client_floods_the_queue_another_logs_in() {
    let users = Users::open_with(&[("TRUSTED_PROXIES", "127.0.0.1"), ("BCRYPT_COST", "11")]).await;
    users.customer("ada@example.com").await;
    let stop = Arc::new(AtomicBool::new(false));
    let flood = (0..80).map(|number| {
        let attacker = users.visitor.with_header("x-forwarded-for", "198.51.100.7");
        let stop = Arc::clone(&stop);
        tokio::spawn(async move {
            let (mut busy, mut round) = (0, 0);
            while !stop.load(Ordering::Relaxed) {
                let email = format!("nobody{number}-{round}@example.com");
                let body = serde_json::json!({"email": email, "password": "wrong horse"});
                busy += usize::from(attacker.post("/auth/login", body).await.status == 503);
                round += 1;
            }
            busy
        })
    });
    let flood: Vec<_> = flood.collect();
    for address in ["203.0.113.5", "2001:db8::1", "192.0.2.77"] {
        let ada = users.visitor.with_header("x-forwarded-for", address);
        let body = serde_json::json!({"email": "ada@example.com", "password": PASSWORD});
        ada.post("/auth/login", body).await.assert_status(200);
    }
    stop.store(true, Ordering::Relaxed);
    let mut busy = 0;
    for one in flood {
        busy += one.await.unwrap();
    }
    assert!(busy > 0, "the flood filled its share");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_found_the_queue_full_was_no_guess() {
    let users = Users::open_with(&[("BCRYPT_COST", "9"), ("LOGIN_FAILURES", "3"), ("LOGIN_RECOVERY", "3600")]).await;
    users.customer("ada@example.com").await;
    // More at once than one client's share, over and over: the failures that count are those that were checked.
    for round in 0..3 {
        let logins = (0..40).map(|number| {
            let visitor = users.visitor.clone();
            let email = format!("nobody{number}@example.com");
            tokio::spawn(async move {
                let body = serde_json::json!({"email": email, "password": "wrong horse"});
                (visitor.post("/auth/login", body).await.status.as_u16(), number)
            })
        });
        for login in logins.collect::<Vec<_>>() {
            let (status, number) = login.await.unwrap();
            assert!(matches!(status, 401 | 503), "round {round}, {number}: {status}");
        }
    }
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
}

/// A stranger who gives a wrong password once a second keeps nobody out.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_known_gets_in_whatever_strangers_try_and_the_owner_is_told() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let known = users.login("ada@example.com", PASSWORD).await.assert_status(200).text_at("/device_token");
    fail(&users, "ada@example.com", 10).await;
    for _ in 0..3 {
        users.login("ada@example.com", PASSWORD).await.assert_problem(429, "too_many_failed_logins");
        let body = json!({ "email": "ADA@example.com", "password": PASSWORD, "device_token": known });
        let again = users.visitor.post("/auth/login", body).await;
        assert_eq!(again.assert_status(200).text_at("/device_token"), known);
    }
    users.recorder.wait_for(|event: &LoginsSlowedDown| event.account_id == id).await;
    assert_eq!(users.announced::<LoginsSlowedDown>().await, 1, "once a day");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_device_has_its_own_few_guesses_and_is_known_for_one_account() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    users.customer("grace@example.com").await;
    let known = users.login("ada@example.com", PASSWORD).await.text_at("/device_token");
    let guess = |email: &str, token: &str| {
        let body = json!({ "email": email, "password": "wrong horse", "device_token": token });
        let visitor = users.visitor.clone();
        async move { visitor.post("/auth/login", body).await }
    };
    for _ in 0..10 {
        guess("ada@example.com", &known).await.assert_problem(401, "invalid_credentials");
    }
    guess("ada@example.com", &known).await.assert_problem(429, "too_many_failed_logins");
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
    for _ in 0..10 {
        guess("grace@example.com", &known).await.assert_problem(401, "invalid_credentials");
    }
    guess("grace@example.com", "made-up").await.assert_problem(429, "too_many_failed_logins");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_s_guesses_are_bounded_whatever_the_accounts() {
    let users = Users::open_with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    users.customer("ada@example.com").await;
    let thief = users.visitor.with_header("x-forwarded-for", "203.0.113.7".to_owned());
    let mut slowed_down = 0;
    for number in 0..110 {
        let body = json!({ "email": format!("somebody{number}@example.com"), "password": "password" });
        let answer = thief.post("/auth/login", body).await;
        slowed_down += usize::from(answer.status == 429);
    }
    assert!((5..=10).contains(&slowed_down), "{slowed_down}");
    let elsewhere = users.visitor.with_header("x-forwarded-for", "198.51.100.7".to_owned());
    let body = json!({ "email": "ada@example.com", "password": PASSWORD });
    elsewhere.post("/auth/login", body).await.assert_status(200);
}
