//! Configuration: by environment, also from files; a wrong value is refused by name; production refuses defaults.

use crate::support::{MIGRATIONS, database};
use contracts::ServiceName;
use secrecy::ExposeSecret;
use service_kit::{Bus, Clock, Env, Environment, Kit, Migrations, Settings};
use std::{collections::BTreeMap, fs, time::Duration};
use test_kit::refusing_postgres;

fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
    Settings::read(&Env::of(variables.iter().copied()), ServiceName::Order).map_err(|cause| cause.to_string())
}

const KEY: (&str, &str) = ("SECRETS_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");

/// With a database, a broker and a key that nothing is wrong with.
fn with(variables: &[(&str, &str)]) -> Result<Settings, String> {
    let good =
        [("DATABASE_URL", "postgres://order:secret@db/order_db"), ("AMQP_URL", "amqp://order:secret@broker"), KEY];
    let all: BTreeMap<&str, &str> = good.into_iter().chain(variables.iter().copied()).collect();
    read(&all.into_iter().collect::<Vec<_>>())
}

fn url(settings: &Settings) -> &str {
    settings.database_url.expose_secret()
}

#[test]
fn with_only_a_database_everything_else_has_a_default() {
    let settings = read(&[("DATABASE_URL", "postgres://order:secret@db:5433/order_db")]).unwrap();
    assert_eq!(url(&settings), "postgres://order:secret@db:5433/order_db");
    assert_eq!((settings.environment, settings.port), (Environment::Development, 8083));
    assert_eq!((settings.database_pool, settings.max_in_flight.get()), (10, 256));
    assert!(settings.amqp_url.is_none() && settings.flow);
    assert_eq!((settings.migrations, settings.shutdown_delay), (Migrations::On, Duration::ZERO));
    assert_eq!(settings.peers[&ServiceName::User].as_str(), "http://127.0.0.1:8081/");
    assert_eq!(settings.public_url.as_str(), "http://localhost:8080/");
}

#[test]
fn who_migrates_and_how_long_it_serves_on_can_be_said() {
    let settings = with(&[("MIGRATIONS", "off"), ("SHUTDOWN_DELAY", "5")]).unwrap();
    assert_eq!((settings.migrations, settings.shutdown_delay), (Migrations::Off, Duration::from_secs(5)));
    for (name, value) in [("MIGRATIONS", "no"), ("SHUTDOWN_DELAY", "301"), ("SHUTDOWN_DELAY", "5s")] {
        let refused = with(&[(name, value)]).unwrap_err();
        assert!(refused.starts_with(&format!("{name}={value:?} is not valid: expected ")), "{refused}");
    }
}

#[test]
fn the_original_s_names_make_a_database_url() {
    assert_eq!(url(&read(&[("DB_HOST", "db")]).unwrap()), "postgres://postgres@db:5432/order_db");
    let all = [
        ("DB_HOST", "db"),
        ("DB_PORT", "5435"),
        ("DB_USER", "order"),
        ("DB_NAME", "orders"),
        // Whatever is in a password must reach the server as it is.
        ("DB_PASSWORD", "p%41ss/w:o@rd?#"),
    ];
    assert_eq!(url(&read(&all).unwrap()), "postgres://order:p%2541ss%2Fw%3Ao%40rd%3F%23@db:5435/orders");
    let both = [("DB_HOST", "db"), ("DATABASE_URL", "postgres://other/order_db")];
    assert_eq!(url(&read(&both).unwrap()), "postgres://other/order_db");
}

#[test]
fn a_value_may_come_from_a_file() {
    let folder = std::env::temp_dir().join(format!("service-kit-{}", uuid::Uuid::new_v4()));
    fs::create_dir(&folder).unwrap();
    let file = folder.join("password");
    fs::write(&file, "from a file \n").unwrap();
    let path = file.to_str().unwrap();
    let settings = read(&[("DB_HOST", "db"), ("DB_PASSWORD_FILE", path)]).unwrap();
    // The end of the line goes, the space before it stays.
    assert_eq!(url(&settings), "postgres://postgres:from%20a%20file%20@db:5432/order_db");
    let settings = read(&[("DB_HOST", "db"), ("DB_PASSWORD", "set"), ("DB_PASSWORD_FILE", path)]).unwrap();
    assert_eq!(url(&settings), "postgres://postgres:set@db:5432/order_db");
    fs::remove_dir_all(&folder).unwrap();
    let refused = read(&[("DB_HOST", "db"), ("DB_PASSWORD_FILE", path)]).unwrap_err();
    assert!(refused.starts_with(&format!("DB_PASSWORD_FILE={path:?} cannot be read")), "{refused}");
    assert!(refused.ends_with("name a readable file that holds the value of DB_PASSWORD"), "{refused}");
}

#[test]
fn a_password_may_stand_apart_from_its_url() {
    let apart = |user: &str, password: &str| {
        let url = format!("amqp://{user}broker:5672");
        let settings = with(&[("AMQP_URL", &url), ("AMQP_PASSWORD", password)]).unwrap();
        settings.amqp_url.unwrap().expose_secret().to_owned()
    };
    assert_eq!(apart("order@", "p%41ss/w:o@rd"), "amqp://order:p%2541ss%2Fw%3Ao%40rd@broker:5672");
    // A URL that says all by itself, and one that names no user, stay as they are.
    assert_eq!(apart("order:secret@", "other"), "amqp://order:secret@broker:5672");
    assert_eq!(apart("", "other"), "amqp://broker:5672");
    let default = [("AMQP_URL", "amqp://order@broker"), ("AMQP_PASSWORD", "order"), ("ECOM_ENV", "production")];
    assert!(with(&default).unwrap_err().starts_with("AMQP_URL holds the default secret"));
}

#[test]
fn consul_is_asked_where_it_is_named() {
    let consul = |variables: &[(&str, &str)]| with(variables).map(|settings| settings.consul);
    assert!(consul(&[]).unwrap().is_none());
    let settings = consul(&[("CONSUL_HTTP_ADDR", "consul:8500"), ("SERVICE_ADDRESS", "10.0.0.7")]).unwrap().unwrap();
    assert_eq!((settings.address.as_str(), settings.own_address.as_deref()), ("http://consul:8500/", Some("10.0.0.7")));
    assert!(settings.token.is_none());
    let refused = consul(&[("CONSUL_HTTP_ADDR", "unix:///consul.sock")]).unwrap_err();
    let expected = "expected a URL starting with http:// or https://";
    assert_eq!(refused, format!("CONSUL_HTTP_ADDR=\"unix:///consul.sock\" is not valid: {expected}"));
}

#[test]
fn what_is_missing_is_named_with_what_was_expected() {
    let expected =
        "DATABASE_URL is not set: expected postgres://user:password@host:5432/order_db (or DB_HOST and its siblings)";
    for nothing in [&[][..], &[("DATABASE_URL", "")]] {
        assert_eq!(read(nothing).unwrap_err(), expected);
    }
}

#[test]
fn a_wrong_value_is_named_with_what_was_expected() {
    for (name, value, expected) in [
        ("PORT", "many", "PORT=\"many\" is not valid: expected a port number from 1 to 65535"),
        ("PORT", "0", "PORT=\"0\" is not valid: expected a port number from 1 to 65535"),
        ("PORT", "65536", "PORT=\"65536\" is not valid: expected a port number from 1 to 65535"),
        ("ECOM_ENV", "testing", "ECOM_ENV=\"testing\" is not valid: expected development or production"),
        ("FLOW", "yes", "FLOW=\"yes\" is not valid: expected on or off"),
        ("DATABASE_POOL", "0", "DATABASE_POOL=\"0\" is not valid: expected a whole number of connections from 2"),
        ("DATABASE_POOL", "1", "DATABASE_POOL=\"1\" is not valid: expected a whole number of connections from 2"),
        ("MAX_IN_FLIGHT", "0", "MAX_IN_FLIGHT=\"0\" is not valid: expected a whole number of requests from 1 to 65535"),
        ("PUBLIC_URL", "shop", "PUBLIC_URL=\"shop\" is not valid: expected a URL starting with http:// or https://"),
        (
            "USER_SERVICE_URL",
            "ftp://users",
            "USER_SERVICE_URL=\"ftp://users\" is not valid: expected a URL starting with http:// or https://",
        ),
        (
            "DATABASE_URL",
            "mysql://db/order_db",
            "DATABASE_URL=\"mysql://db/order_db\" is not valid: expected a URL starting with postgres:// or postgresql://",
        ),
    ] {
        assert_eq!(with(&[(name, value)]).unwrap_err(), expected);
    }
    let refused = read(&[("DB_HOST", "db"), ("DB_PORT", "x")]).unwrap_err();
    assert_eq!(refused, "DB_PORT=\"x\" is not valid: expected a port number from 1 to 65535");
}

#[test]
fn production_shows_its_flow_only_where_somebody_says_so() {
    let flow = |variables: &[(&str, &str)]| with(variables).unwrap().flow;
    let production = [("ECOM_ENV", "production"), ("PUBLIC_URL", "https://shop.example")];
    assert!(!flow(&production) && flow(&[production[0], production[1], ("FLOW", "on")]));
    assert!(!flow(&[("FLOW", "off")]));
}

#[test]
fn a_refusal_shows_no_password() {
    for (name, value) in [
        ("AMQP_URL", "http://order:hunter2@broker"),
        ("DATABASE_URL", "mysql://order:hunter2@db"),
        ("DATABASE_URL", "order:hunter2@db"),
    ] {
        let refused = with(&[(name, value)]).unwrap_err();
        assert!(refused.starts_with(name) && !refused.contains("hunter2"), "{refused}");
    }
    let settings = with(&[("DATABASE_URL", "postgres://order:hunter2@db/order_db")]).unwrap();
    assert!(!format!("{settings:?}").contains("hunter2"));
    assert_eq!(format!("{:?}", Env::of([("DB_PASSWORD", "hunter2")])), "{\"DB_PASSWORD\"}");
}

#[test]
fn production_refuses_the_broker_s_default_account() {
    // Without a name or a password, a client uses guest for both.
    for broker in ["amqp://guest:guest@broker", "amqp://broker:5672", "amqp://guest@broker", "amqps://order:order@b"] {
        assert!(with(&[("AMQP_URL", broker)]).is_ok());
        let refused = with(&[("AMQP_URL", broker), ("ECOM_ENV", "production")]).unwrap_err();
        let expected = "AMQP_URL holds the default secret, which ECOM_ENV=production refuses: set one of your own";
        assert_eq!(refused, expected, "{broker}");
    }
    let production = [("ECOM_ENV", "production"), ("PUBLIC_URL", "https://shop.example")];
    assert_eq!(with(&production).unwrap().environment, Environment::Production);
}

#[test]
fn production_refuses_a_database_password_that_is_the_user_s_name() {
    let expected =
        |name| format!("{name} holds the default secret, which ECOM_ENV=production refuses: set one of your own");
    for database in ["postgres://order:order@db/order_db", "postgres://caf%C3%A9:caf%c3%a9@db/order_db"] {
        assert!(with(&[("DATABASE_URL", database)]).is_ok());
        let refused = with(&[("DATABASE_URL", database), ("ECOM_ENV", "production")]).unwrap_err();
        assert_eq!(refused, expected("DATABASE_URL"), "{database}");
    }
    let mut parts = vec![("ECOM_ENV", "production"), ("DB_HOST", "db"), ("DB_PASSWORD", "postgres")];
    assert_eq!(read(&parts).unwrap_err(), expected("DB_PASSWORD"));
    parts.extend([("DB_USER", "order"), ("PUBLIC_URL", "https://shop.example"), KEY]);
    assert!(read(&parts).is_ok());
    // No password at all: the server trusts us in another way (a socket, a certificate).
    let trusting = [("DATABASE_URL", "postgres://order@db/order_db"), parts[0], ("PUBLIC_URL", "https://shop.example")];
    assert!(with(&trusting).is_ok());
}

#[test]
fn production_wants_to_be_told_where_people_reach_it_and_by_a_way_nobody_reads() {
    let production = |more: &[(&str, &str)]| with(&[&[("ECOM_ENV", "production")], more].concat());
    let missing = production(&[]).unwrap_err();
    assert_eq!(missing, "PUBLIC_URL is not set: expected https:// and where people reach the platform");
    for url in ["http://shop.example", "http://localhost:8080", "http://192.0.2.7/shop"] {
        let refused = production(&[("PUBLIC_URL", url)]).unwrap_err();
        assert!(refused.starts_with("PUBLIC_URL is not encrypted, which ECOM_ENV=production refuses"), "{refused}");
        for (allowed, taken) in
            [("PUBLIC_URL", true), ("SMTP_URL, PUBLIC_URL", true), ("yes", false), ("PUBLIC", false)]
        {
            let named = production(&[("PUBLIC_URL", url), ("PLAINTEXT_ALLOWED", allowed)]);
            assert_eq!(named.is_ok(), taken, "{allowed}");
        }
        assert!(with(&[("PUBLIC_URL", url)]).is_ok());
    }
}

#[test]
fn a_database_is_told_of_by_the_variable_it_was_named_with() {
    let url = "postgres://order@db/order_db";
    let variable = |variables: &[(&str, &str)]| read(variables).unwrap().database_variable;
    assert_eq!(variable(&[("DATABASE_URL", url)]), "DATABASE_URL");
    // A platform names each of its databases, and hands the one of a service on as DATABASE_URL.
    assert_eq!(variable(&[("ORDER_DATABASE_URL", url), ("DATABASE_URL", url)]), "ORDER_DATABASE_URL");
    assert_eq!(variable(&[("USER_DATABASE_URL", url), ("DATABASE_URL", url)]), "DATABASE_URL");
    assert_eq!(variable(&[("DB_HOST", "db")]), "DB_HOST, DB_USER, DB_PASSWORD or DB_NAME");
}

async fn refusal(url: &str, variable: &str) -> String {
    let mut settings = read(&[("DATABASE_URL", url)]).unwrap();
    variable.clone_into(&mut settings.database_variable);
    let opened = Kit::open(settings, &MIGRATIONS, Bus::Elsewhere, Clock::system()).await;
    format!("{:#}", anyhow::Error::new(opened.err().expect("it cannot be opened")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_refuses_is_told_in_one_sentence() {
    let database = database().await;
    let (server, name) = database.url().rsplit_once('/').unwrap();
    let (_, address) = server.rsplit_once('@').unwrap();
    let wrong = refusing_postgres("28P01", "password authentication failed for user \"order\"");
    assert_eq!(
        refusal(&format!("postgres://order:secret@{wrong}/order_db"), "DATABASE_URL").await,
        format!(
            "DATABASE_URL: the server at {wrong} refuses the password of user \"order\": correct it, there or in \
             DATABASE_PASSWORD"
        )
    );
    assert_eq!(
        refusal(&format!("postgres://order@{wrong}/order_db"), "DB_HOST, DB_USER, DB_PASSWORD or DB_NAME").await,
        format!(
            "DB_HOST, DB_USER, DB_PASSWORD or DB_NAME: the server at {wrong} refuses the password of user \"order\": \
             correct it"
        )
    );
    assert_eq!(
        refusal(&format!("{server}/nothing_here"), "ORDER_DATABASE_URL").await,
        format!(
            "ORDER_DATABASE_URL: the server at {address} has no database \"nothing_here\": create it, or name another"
        )
    );
    let stranger = refusal(&format!("postgres://nobody@{address}/{name}"), "DATABASE_URL").await;
    assert!(stranger.starts_with(&format!("DATABASE_URL: the server at {address} does not let user \"nobody\" in (")));
}
