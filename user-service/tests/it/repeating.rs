//! `POST /auth/register` and `POST /auth/resend-verification` with addresses that are known: nothing tells them from
//! new ones but the mail to their owner. And whoever registers a stranger's address never owns the stranger's account.

use crate::support::{PASSWORD, Users, ada};
use contracts::{
    AccountId,
    events::user::{Registered, RegistrationRepeated, VerificationRequested},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn mallory(email: &str) -> Value {
    json!({
        "first_name": "Mallory", "last_name": "Mallet", "email": email, "password": "mallory waits here",
        "address": "1 Mallory's Lane", "phone": "+44 20 7946 0958",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_address_gets_the_same_answer_with_a_fresh_id() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let (known, new) = (users.register("ADA@example.com").await, users.register("grace@example.com").await);
    assert_eq!(known.status, new.status);
    assert_eq!(known.body["message"], new.body["message"]);
    let keys = |body: &Value| body.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&known.body), keys(&new.body));
    let headers = |answer: &test_kit::Answer| answer.headers.keys().map(ToString::to_string).collect::<BTreeSet<_>>();
    assert_eq!(headers(&known), headers(&new));
    let given: AccountId = known.text_at("/user_id").parse().unwrap();
    assert_ne!(given, id);
    assert_eq!(given.uuid().get_version_num(), 7);
}

/// `/flow` and `/dev/events` show the events under an id: those under the answered one must not tell.
#[tokio::test(flavor = "multi_thread")]
async fn a_known_address_has_the_same_events_under_the_answered_id() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let mut told = Vec::new();
    for address in ["ada@example.com", "grace@example.com", "Ada@Example.com"] {
        let id = users.register(address).await.text_at("/user_id");
        let events: Vec<(String, i64, bool)> = sqlx::query_as(
            "SELECT type, sequence, envelope -> 'data' = jsonb_build_object('account_id', subject)
             FROM event_log WHERE correlation_id = $1::uuid OR subject = $1::uuid",
        )
        .bind(id)
        .fetch_all(users.database.pool())
        .await
        .unwrap();
        told.push(events);
    }
    assert_eq!(told[0], [("user.verification_requested".to_owned(), 1, true)]);
    assert!(told.iter().all(|events| *events == told[0]), "{told:?}");
    assert_eq!(users.announced::<RegistrationRepeated>().await, 0);
}

/// Whoever registers an address and logs in with what they registered gets one answer, whether it has an account or not.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_with_what_was_just_registered_does_not_tell_whether_there_is_an_account() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    for address in ["ada@example.com", "nobody@example.com", "Ada@EXAMPLE.com"] {
        users.visitor.post("/auth/register", mallory(address)).await.assert_status(201);
        users.login(address, "mallory waits here").await.assert_problem(403, "email_not_verified");
        users.login(address, "mallory waits there").await.assert_problem(401, "invalid_credentials");
    }
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
    // Nor does that give anybody more guesses at the account.
    for _ in 0..5 {
        users.login("ada@example.com", "a guess of mallory's").await.assert_problem(401, "invalid_credentials");
        users.login("ada@example.com", "mallory waits here").await.assert_problem(403, "email_not_verified");
    }
    users.login("ada@example.com", "a guess of mallory's").await.assert_problem(429, "too_many_failed_logins");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_with_a_known_address_changes_nothing_of_the_account() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let before = users.password_hash(id).await;
    users.visitor.post("/auth/register", mallory("ada@example.com")).await.assert_status(201);
    assert_eq!(users.password_hash(id).await, before);
    users.login("ada@example.com", "mallory waits here").await.assert_problem(403, "email_not_verified");
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
}

/// The link's token in a mail to the owner of the address, whose password the owner does not know.
async fn with_own_words(users: &Users, token: &str, password: &str) -> test_kit::Answer {
    let own = json!({"token": token, "new_password": password, "first_name": "Ada", "last_name": "Lovelace"});
    users.visitor.post("/auth/verify-email", own).await
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_older_nor_the_newer_link_of_a_strangers_takes_over_the_owners() {
    // The stranger before, after, and on both sides of the owner.
    for order in [["mallory", "ada"].as_slice(), &["ada", "mallory"], &["mallory", "ada", "mallory"]] {
        let users = Users::open().await;
        let (mut own, mut strangers) = (None, Vec::new());
        for who in order {
            match *who {
                "ada" => own = Some(users.register_anew("ada@example.com").await),
                _ => strangers.push(users.register_as(mallory("ada@example.com")).await),
            }
        }
        let (id, token) = own.unwrap();
        // The owner opens a stranger's mail first and gives the password of their own registration: nothing happens.
        users.verify(&strangers[0].1).await.assert_problem(422, "wrong_registration_password");
        users.login("ada@example.com", "mallory waits here").await;
        users.verify(&token).await.assert_status(200);
        let logged_in = users.login("ada@example.com", PASSWORD).await.assert_status(200).body["user"].clone();
        assert_eq!((&logged_in["id"], &logged_in["first_name"]), (&json!(id), &json!("Ada")));
        assert_eq!((&logged_in["address"], &logged_in["phone"]), (&json!(null), &json!(null)));
        // The others have ended, with all they held.
        for (_, token) in strangers {
            users.verify_with(&token, "mallory waits here").await.assert_problem(422, "verification_token_used");
        }
        users.login("ada@example.com", "mallory waits here").await.assert_problem(401, "invalid_credentials");
        assert_eq!(users.database.count("SELECT count(*) FROM registrations").await, 0);
        assert_eq!(users.announced::<Registered>().await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_the_mailbox_chooses_a_password_and_a_name_and_keeps_nothing_of_the_strangers() {
    let users = Users::open().await;
    let (id, token) = users.register_as(mallory("ada@example.com")).await;
    with_own_words(&users, &token, "tell nobody of it").await.assert_status(200);
    let logged_in = users.login("ada@example.com", "tell nobody of it").await.assert_status(200).body["user"].clone();
    assert_eq!(logged_in["id"], json!(id));
    assert_eq!((&logged_in["first_name"], &logged_in["last_name"]), (&json!("Ada"), &json!("Lovelace")));
    assert_eq!((&logged_in["address"], &logged_in["phone"]), (&json!(null), &json!(null)));
    users.login("ada@example.com", "mallory waits here").await.assert_problem(401, "invalid_credentials");
    let traces = "SELECT count(*) FROM accounts WHERE accounts::text ILIKE '%mallory%'";
    assert_eq!(
        users.database.count(traces).await + users.database.count("SELECT count(*) FROM registrations").await,
        0
    );
    with_own_words(&users, &token, "tell nobody of it").await.assert_problem(422, "verification_token_used");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_the_mail_again_gets_the_same_answer() {
    let users = Users::open().await;
    users.customer("verified@example.com").await;
    let (waiting, _) = users.register_anew("waiting@example.com").await;
    let before = users.announced::<VerificationRequested>().await;
    let answers = [
        users.resend("waiting@example.com").await,
        users.resend("verified@example.com").await,
        users.resend("nobody@example.com").await,
    ];
    for answer in &answers {
        assert_eq!(answer.assert_status(202).text, answers[0].text);
    }
    insta::assert_json_snapshot!(answers[0].body, @r#"
    {
      "message": "If somebody registered with this address in the last 24 hours, a mail is on its way."
    }
    "#);
    assert_eq!(users.announced::<VerificationRequested>().await, before + 1);
    let again = users.asked(waiting).await;
    let token = users.link_token(waiting, again).await;
    users.verify(&token).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_asked_for_again_is_that_of_the_newest_registration_and_has_a_link_of_its_own() {
    let users = Users::open().await;
    let (older, first) = users.register_anew("ada@example.com").await;
    let (newer, second) = users.register_as(mallory("ada@example.com")).await;
    users.resend("Ada@example.com").await.assert_status(202);
    let (of_older, of_newer) = (users.asked(older).await, users.asked(newer).await);
    assert_eq!(users.link_token(older, of_older).await, first);
    let third = users.link_token(newer, of_newer).await;
    assert_ne!(third, second);
    with_own_words(&users, &third, "tell nobody of it").await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_address_cannot_be_asked_for() {
    let users = Users::open().await;
    for address in ["nobody", "\u{212a}ate@example.com", "ada@[::1]"] {
        let answer = users.resend(address).await;
        assert_eq!(answer.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), "/email");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_its_mails_a_mailbox_is_told_of_to_whoever_asks_known_or_not() {
    let users = Users::open().await;
    users.customer("known@example.com").await;
    // That took one of the five.
    for (address, left) in [("known@example.com", 4), ("unknown@example.com", 5)] {
        for number in 0..left {
            // Tags lead into the same mailbox.
            let tagged = address.replace('@', &format!("+{number}@"));
            if number % 2 == 0 {
                users.register(&tagged).await.assert_status(201);
            } else {
                users.resend(&tagged).await.assert_status(202);
            }
        }
        for refused in [users.register(address).await, users.resend(&address.to_uppercase()).await] {
            refused.assert_problem(429, "too_many_mails");
            let seconds: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((200..=300).contains(&seconds), "{seconds}");
        }
    }
    // Nothing of what was refused is kept; others are not concerned.
    let kept = "SELECT count(*) FROM registrations WHERE email IN ('known@example.com', 'unknown@example.com')";
    assert_eq!(users.database.count(kept).await, 0);
    users.register("grace@example.com").await.assert_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_may_ask_for_so_many_mails_whatever_the_addresses() {
    let users = Users::open_with(&[("MAILS_PER_CLIENT", "3"), ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let from = |address: &str| users.visitor.with_header("x-forwarded-for", address);
    for greedy in ["198.51.100.7", "2001:db8:1:2::3"] {
        for number in 0..3 {
            let body = ada(&format!("somebody{number}@{}.example", greedy.replace([':', '.'], "-")));
            from(greedy).post("/auth/register", body).await.assert_status(201);
        }
        let body = json!({"email": "somebody4@example.com"});
        from(greedy).post("/auth/resend-verification", body).await.assert_problem(429, "too_many_mails");
        from(greedy).post("/auth/register", ada("other@example.com")).await.assert_problem(429, "too_many_mails");
    }
    // The same subscriber's other address.
    let neighbour = from("2001:db8:1:2:ffff::1").post("/auth/register", ada("other@example.com")).await;
    neighbour.assert_problem(429, "too_many_mails");
    // Who was refused has not used up what others may have sent to that mailbox.
    for _ in 0..3 {
        from("203.0.113.9").post("/auth/register", ada("other@example.com")).await.assert_status(201);
    }
}
