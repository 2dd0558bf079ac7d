//! Each change for many at once: what one gets from the doors, each gets here.

use super::{confirm, register, resend};
use crate::{
    Config, Error, app,
    domain::{Email, Person},
    state::App,
    store::MIGRATIONS,
};
use contracts::{AccountId, ServiceName};
use service_kit::{Bus, Cause, Clock, Env, KitError, bus::LocalBus};
use test_kit::{TestDatabase, settings};
use time::Duration;

async fn open() -> (App, TestDatabase) {
    let database = TestDatabase::new(ServiceName::User, &MIGRATIONS).await;
    let config = Config::read(settings(ServiceName::User, &database, &[]), &Env::of([("BCRYPT_COST", "4")])).unwrap();
    let clock = Clock::manual(Clock::system().now());
    (app::open(config, Bus::Local(LocalBus::new()), clock).await.unwrap(), database)
}

fn person(email: &str) -> Person {
    Person {
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
        email: email.to_owned(),
        email_key: email.to_owned(),
        phone: (email != "ada@example.com").then(|| "+44 20 7946 0000".to_owned()),
        address: None,
        password_hash: "not checked here".to_owned(),
    }
}

async fn registered(app: &App, emails: &[&str]) -> Vec<AccountId> {
    let wish = |email: &&str| register::Wish { person: person(email), cause: Cause::current() };
    let answers = register::register(app, emails.iter().map(wish).collect()).await;
    answers.into_iter().map(Result::unwrap).collect()
}

async fn confirmed(app: &App, wishes: &[(AccountId, &str)]) -> Vec<Result<AccountId, &'static str>> {
    let wish = |(registration, email): &(AccountId, &str)| confirm::Wish {
        registration: *registration,
        email_key: (*email).to_owned(),
        own: None,
        cause: Cause::current(),
    };
    let answers = confirm::confirm(app, wishes.iter().map(wish).collect()).await;
    answers.into_iter().map(|answer| answer.map_err(|error| service_kit::Fault::code(&error))).collect()
}

const USED: Result<AccountId, &str> = Err("verification_token_used");

#[tokio::test]
async fn many_register_at_once_and_each_gets_a_mail_and_a_link() {
    let (app, database) = open().await;
    let ids = registered(&app, &["ada@example.com", "grace@example.com", "ada@example.com"]).await;
    let kept: Vec<(uuid::Uuid, String, Option<String>, i64)> =
        sqlx::query_as("SELECT id, email, phone, version FROM registrations ORDER BY id")
            .fetch_all(database.pool())
            .await
            .unwrap();
    let phone = Some("+44 20 7946 0000".to_owned());
    let ada = |id: AccountId| (id.uuid(), "ada@example.com".to_owned(), None, 1);
    assert_eq!(kept, [ada(ids[0]), (ids[1].uuid(), "grace@example.com".to_owned(), phone, 1), ada(ids[2])]);
    let asked = "SELECT count(*) FROM event_log JOIN registration_links USING (event_id)
                 WHERE event_log.subject = registration_id AND type = 'user.verification_requested'";
    assert_eq!(database.count(asked).await, 3);
}

#[tokio::test]
async fn whoever_asks_twice_at_once_gets_two_mails() {
    let (app, database) = open().await;
    let ids = registered(&app, &["ada@example.com", "ada@example.com", "grace@example.com"]).await;
    let wish = |email| resend::Wish { email: Email::parse(email).unwrap(), cause: Cause::current() };
    let wishes = ["ada@example.com", "nobody@example.com", "grace@example.com", "ada@example.com"].map(wish);
    for answer in resend::resend(&app, wishes.into()).await {
        answer.unwrap();
    }
    let versions: Vec<(uuid::Uuid, i64)> =
        sqlx::query_as("SELECT id, version FROM registrations ORDER BY id").fetch_all(database.pool()).await.unwrap();
    assert_eq!(versions, [(ids[0].uuid(), 1), (ids[1].uuid(), 3), (ids[2].uuid(), 2)]);
    let links = "SELECT count(*) FROM registration_links WHERE registration_id = (SELECT id FROM registrations
                 WHERE version = 3)";
    assert_eq!(database.count(links).await, 3);
    assert_eq!(database.count("SELECT count(DISTINCT token_hash) FROM registration_links").await, 6);
}

#[tokio::test]
async fn of_all_who_confirm_an_address_at_once_the_first_gets_it() {
    let (app, database) = open().await;
    let ids = registered(&app, &["ada@example.com", "ada@example.com", "grace@example.com", "joan@example.com"]).await;
    let grace = (ids[2], "grace@example.com");
    assert_eq!(confirmed(&app, &[grace]).await, [Ok(ids[2])]);
    let (first, second, joan) =
        ((ids[1], "ada@example.com"), (ids[0], "ada@example.com"), (ids[3], "joan@example.com"));
    // The same link again, and the address of somebody who has an account.
    let answers = confirmed(&app, &[first, second, first, grace, joan]).await;
    assert_eq!(answers, [Ok(ids[1]), USED, USED, USED, Ok(ids[3])]);
    assert_eq!(database.count("SELECT count(*) FROM registrations").await, 0);
    let accounts: Vec<(uuid::Uuid, i64)> =
        sqlx::query_as("SELECT id, version FROM accounts ORDER BY id").fetch_all(database.pool()).await.unwrap();
    assert_eq!(accounts, [ids[1], ids[2], ids[3]].map(|id| (id.uuid(), 3)));
    let led = "SELECT count(*) FROM registration_links JOIN accounts ON accounts.id = account_id
               JOIN event_log ON event_log.event_id = registration_links.event_id";
    assert_eq!(database.count(led).await, 4);
    let announced =
        "SELECT count(*) FROM event_log WHERE (type, sequence) IN (('user.registered', 2), ('user.verified', 3))";
    assert_eq!(database.count(announced).await, 6);
}

#[tokio::test]
async fn a_registration_that_has_ended_is_refused_and_the_others_are_confirmed() {
    let (app, database) = open().await;
    let ids = registered(&app, &["ada@example.com", "grace@example.com"]).await;
    app.kit.clock.advance(Duration::hours(25));
    let gone = sqlx::query("DELETE FROM registrations WHERE id = $1").bind(ids[0].uuid());
    gone.execute(database.pool()).await.unwrap();
    let answers = confirmed(&app, &[(ids[0], "ada@example.com"), (ids[1], "grace@example.com")]).await;
    assert_eq!(answers, [Err("verification_token_expired"), Ok(ids[1])]);
    assert_eq!(database.count("SELECT count(*) FROM accounts").await, 1);
    // Nobody has the address: its link leads nowhere still.
    assert_eq!(database.count("SELECT count(*) FROM registration_links WHERE account_id IS NULL").await, 1);
}

#[tokio::test]
async fn when_the_transaction_fails_each_is_told_so_and_nothing_is_kept() {
    let (app, database) = open().await;
    let broken = "ALTER TABLE registration_links ADD CHECK (false)";
    sqlx::query(broken).execute(database.pool()).await.unwrap();
    let wish = |email| register::Wish { person: person(email), cause: Cause::current() };
    let answers = register::register(&app, ["ada@example.com", "grace@example.com"].map(wish).into()).await;
    let [Err(Error::Kit(KitError::Database(_))), Err(Error::Kit(KitError::NotDone))] = answers.as_slice() else {
        panic!("{answers:?}")
    };
    assert_eq!(database.count("SELECT count(*) FROM registrations").await, 0);
    assert_eq!(database.count("SELECT count(*) FROM event_log").await, 0);
}
