//! `ecom broker`, as a program, on a real RabbitMQ.

use crate::program::{ecom, text};
use serde_json::Value;
use service_kit::Env;
use std::process::Command;
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

const FIVE: [&str; 5] = ["USER_AMQP_URL", "PRODUCT_AMQP_URL", "ORDER_AMQP_URL", "PAYMENT_AMQP_URL", "NOTIFY_AMQP_URL"];

/// With a user for each service, in a virtual host of this test's own.
fn broker(folder: &TempDir, own: &str) -> Command {
    let mut command = ecom(folder.path(), 8080);
    for name in FIVE {
        command.env(name, format!("amqp://{own}-{name}:s%C3%A9cret@localhost:5672/{own}"));
    }
    command.arg("broker").env_remove("RABBITMQ_MANAGEMENT_URL");
    command
}

fn management() -> String {
    let hint = "TEST_RABBITMQ_MANAGEMENT_URL is not set: run the tests with `cargo xtask test`";
    Env::process().text("TEST_RABBITMQ_MANAGEMENT_URL").unwrap().expect(hint)
}

/// What an administrator is told.
async fn asked(path: &str) -> Value {
    let answer = reqwest::get(format!("{}/api/{path}", management())).await.unwrap();
    answer.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_gets_five_users_with_their_rights_and_queues_as_often_as_it_is_told() {
    let (folder, own) = (TempDir::new().unwrap(), Uuid::new_v4().simple().to_string());
    let made = reqwest::Client::new().put(format!("{}/api/vhosts/{own}", management())).send().await.unwrap();
    assert!(made.status().is_success());
    for _ in 0..2 {
        let told = broker(&folder, &own).env("RABBITMQ_MANAGEMENT_URL", management()).output().unwrap();
        assert!(told.status.success(), "{}", text(&told));
        assert!(text(&told).contains(&format!("the broker knows {own}-USER_AMQP_URL, ")), "{}", text(&told));
        // Whoever made the virtual host has them all in it.
        assert_eq!(asked(&format!("vhosts/{own}/permissions")).await.as_array().unwrap().len(), 6);
        assert_eq!(asked(&format!("queues/{own}")).await.as_array().unwrap().len(), 10);
    }
    // Each comes in by the password of its URL, and sees to its own.
    let mut url = Url::parse(&Env::process().text("TEST_AMQP_URL").unwrap().unwrap()).unwrap();
    url.set_username(&format!("{own}-ORDER_AMQP_URL")).unwrap();
    url.set_password(Some("sécret")).unwrap();
    url.set_path(&format!("/{own}"));
    let connection = lapin::Connection::connect(url.as_str(), lapin::ConnectionProperties::default()).await.unwrap();
    let none = lapin::types::FieldTable::default;
    for (queue, comes_in) in [("order-service.events", true), ("payment-service.events", false)] {
        let channel = connection.create_channel().await.unwrap();
        let options = lapin::options::BasicConsumeOptions::default();
        let consumed = channel.basic_consume(queue.into(), "test".into(), options, none()).await;
        assert_eq!(consumed.is_ok(), comes_in, "{queue}");
    }
}

#[test]
fn what_is_printed_for_another_way_holds_no_password() {
    let folder = TempDir::new().unwrap();
    let printed = broker(&folder, "shop").arg("--print").output().unwrap();
    assert!(printed.status.success(), "{}", text(&printed));
    let definitions: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(definitions["users"].as_array().unwrap().len(), 5);
    assert!(definitions.get("vhosts").is_none() && !text(&printed).contains("cret\""), "{definitions}");
    let orders = &definitions["topic_permissions"][2];
    assert_eq!(
        orders["write"],
        r"^(order\.cancelled|order\.created|order\.fulfilled|order\.paid|order\.person_erased|withdrawal\.declared)$"
    );
}

#[test]
fn what_is_lacking_or_wrong_is_told_with_what_to_do() {
    let folder = TempDir::new().unwrap();
    let said = |change: &dyn Fn(&mut Command)| {
        let mut command = broker(&folder, "shop");
        change(&mut command);
        let ended = command.output().unwrap();
        assert!(!ended.status.success(), "{}", text(&ended));
        text(&ended)
    };
    for (variable, value, expected) in [
        (
            "RABBITMQ_MANAGEMENT_URL",
            None,
            "RABBITMQ_MANAGEMENT_URL is not set: expected http://user:password@host:15672",
        ),
        ("ORDER_AMQP_URL", None, "ORDER_AMQP_URL is not set: expected amqp://order-service:password@host:5672"),
        ("ORDER_AMQP_URL", Some("amqp://order@localhost/shop"), "give it there, or in ORDER_AMQP_PASSWORD"),
        ("ORDER_AMQP_URL", Some("amqp://shop-USER_AMQP_URL:x@localhost/shop"), "each service has one of its own"),
        ("ORDER_AMQP_URL", Some("amqp://order:x@localhost/other"), "name different virtual hosts (shop, other, shop)"),
        ("ORDER_AMQP_URL", Some("http://order:x@localhost"), "ORDER_AMQP_URL"),
    ] {
        let said = said(&|command| {
            match value {
                Some(value) => command.env(variable, value),
                None => command.env_remove(variable),
            };
        });
        assert!(said.contains(expected), "{variable}={value:?}: {said}");
    }
    // Production takes no password that is everybody's.
    for (variable, value) in
        [("ORDER_AMQP_URL", "amqp://order:order@h/shop"), ("RABBITMQ_MANAGEMENT_URL", "http://guest:guest@h")]
    {
        let said = said(&|command| {
            command
                .env("RABBITMQ_MANAGEMENT_URL", "http://boss:secret@h")
                .env("ECOM_ENV", "production")
                .env(variable, value);
        });
        assert!(said.contains(variable) && !said.contains("guest:guest"), "{said}");
    }
}
