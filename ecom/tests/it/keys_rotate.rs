//! `ecom keys rotate`, as a program beside a running platform. What customers notice of it is in `rotation.rs`:
//! nothing.

use crate::program::{ecom, free_ports, signed_in, started, stopped, text};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use contracts::ServiceName;
use serde_json::{Value, json};
use service_kit::{Env, standalone::RunFile};
use sqlx::{Connection, PgConnection};
use std::path::Path;
use tempfile::TempDir;
use test_kit::{Client, until};

/// Rotates user-service's keys; gives the new one's id and all that was said besides.
fn rotated(data: &Path, base: u16, arguments: &[&str]) -> (String, String) {
    let output = ecom(data, base).args(["keys", "rotate", "--as", "Grace"]).args(arguments).output().unwrap();
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    let (_, after) = said.split_once("user-service signs with the key ").unwrap_or_else(|| panic!("{said}"));
    let (kid, rest) = after.split_once(' ').unwrap();
    (kid.to_owned(), rest.to_owned())
}

fn run_file(data: &Path) -> RunFile {
    RunFile::find(&Env::of([("ECOM_DATA", data.to_str().unwrap())])).unwrap()
}

/// The ids of the keys that user-service publishes.
async fn published(data: &Path) -> Vec<String> {
    let user_service = Client::new(&run_file(data).services[&ServiceName::User]);
    let set = user_service.get("/.well-known/jwks.json").await.assert_status(200).body.clone();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// Who did what to which key, and how, by the operator's log.
async fn noted(data: &Path) -> Vec<(String, String, String, String)> {
    let mut connection = PgConnection::connect(&run_file(data).databases[&ServiceName::User]).await.unwrap();
    let noted = "SELECT operator, action, target, note FROM operator_log ORDER BY at";
    let noted = sqlx::query_as(noted).fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    noted
}

/// How many of user-service's keys lie open in its database.
async fn open_keys(data: &Path) -> i64 {
    let mut connection = PgConnection::connect(&run_file(data).databases[&ServiceName::User]).await.unwrap();
    let open = "SELECT count(*) FROM signing_keys WHERE position('ecom-sealed-1'::bytea IN private_key) <> 1";
    let open = sqlx::query_scalar(open).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    open
}

/// The person whom [`signed_in`] made logs in again: their token.
async fn token(door: &Client) -> String {
    let login = json!({"email": "ada@example.com", "password": "correct horse battery"});
    door.post("/api/auth/login", login).await.assert_status(200).text_at("/token")
}

/// Which key signed it.
fn signer(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_key_is_published_but_signs_only_later_and_what_was_signed_before_stays_good() {
    let home = TempDir::new().unwrap();
    let (data, base) = (home.path().join("data"), free_ports());
    let door = Client::new(format!("http://127.0.0.1:{base}"));
    let child = started(&data, base).await;
    let ada = signed_in(&door).await;
    let first = signer(&token(&door).await);
    assert_eq!(published(&data).await, [first.as_str()]);

    // A key that its service could not open would keep it from starting.
    let mut with_another = ecom(&data, base);
    with_another.env("SECRETS_KEY", STANDARD.encode([7; 32])).args(["keys", "rotate", "--as", "Grace"]);
    let refused = with_another.output().unwrap();
    let said = text(&refused);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("is sealed, and under another key than this one (set SECRETS_KEY)"), "{said}");

    let later = "in a quarter of an hour.\n";
    let (second, said) = rotated(&data, base, &[]);
    assert_eq!(said, later);
    assert_eq!(signer(&token(&door).await), first);
    // Who is not sure whether it was done does it again: there is one key more, and nothing is lost.
    let (third, said) = rotated(&data, base, &["--service", "user"]);
    assert_eq!(said, later);
    let note = |kid: &String| {
        let note = "in a quarter of an hour";
        ("Grace".to_owned(), "key rotated".to_owned(), kid.clone(), note.to_owned())
    };
    assert_eq!(noted(&data).await, [note(&second), note(&third)]);
    assert_eq!(open_keys(&data).await, 0);

    // A running service looks every five minutes, and one that starts does at once.
    stopped("TERM", child, &data).await;
    let child = started(&data, base).await;
    assert_eq!(published(&data).await, [first.as_str(), &second, &third]);
    assert_eq!(signer(&token(&door).await), first);
    ada.get("/api/orders").await.assert_status(200);
    stopped("TERM", child, &data).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_wrong_hands_signs_for_nobody_once_its_service_was_started_again() {
    let home = TempDir::new().unwrap();
    let (data, base) = (home.path().join("data"), free_ports());
    let door = Client::new(format!("http://127.0.0.1:{base}"));
    let child = started(&data, base).await;
    let ada = signed_in(&door).await;
    let (new, said) = rotated(&data, base, &["--at-once"]);
    assert_eq!(
        said,
        "at once: the one before is forgotten.\n\
         Start user-service again now: until then it goes on signing with the key before.\n"
    );
    let note = "at once: the one before is forgotten";
    let note = ("Grace".to_owned(), "key rotated".to_owned(), new.clone(), note.to_owned());
    assert_eq!(noted(&data).await, [note]);
    ada.get("/api/orders").await.assert_status(200);

    stopped("TERM", child, &data).await;
    let child = started(&data, base).await;
    assert_eq!(published(&data).await, [new.as_str()]);
    until("what the forgotten key has signed to be refused", || async {
        let answer = ada.get("/api/orders").await;
        (answer.status == 401).then_some(())
    })
    .await;
    let anew = token(&door).await;
    assert_eq!(signer(&anew), new);
    door.with_token(anew).get("/api/orders").await.assert_status(200);
    stopped("TERM", child, &data).await;
}

#[test]
fn it_explains_itself_and_refuses_a_service_that_is_none_and_a_change_without_a_name() {
    let home = TempDir::new().unwrap();
    let told = |arguments: &[&str]| {
        let mut command = ecom(home.path(), 8080);
        let output = command.env_remove("USER").args(["keys", "rotate"]).args(arguments).output().unwrap();
        (output.status.code(), text(&output))
    };
    let (code, help) = told(&["--help"]);
    assert_eq!(code, Some(0), "{help}");
    for sentence in [
        "The next key is published now and signs in a quarter of an hour",
        "Nobody is logged out.",
        "The key is in wrong hands: forget it, and sign with another at once",
        "[default: user]",
    ] {
        assert!(help.contains(sentence), "{help}");
    }
    let (code, said) = told(&["--service", "billing", "--as", "Grace"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("invalid value 'billing' for '--service <SERVICE>'"), "{said}");
    let (code, said) = told(&[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("USER is not set, so give --as NAME"), "{said}");
    let (code, said) = told(&["--as", "Grace"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the database of user-service is not known"), "{said}");
}
