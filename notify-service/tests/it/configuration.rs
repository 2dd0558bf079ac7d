//! What notify-service is told, and what it refuses to start with.

use contracts::ServiceName;
use notify_service::{Config, Way};
use service_kit::{Env, Settings};

fn config(variables: &[(&str, &str)]) -> Result<Config, String> {
    let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let env = Env::of([("DATABASE_URL", "postgres://localhost/notification_db"), ("SECRETS_KEY", key)]);
    let env = variables.iter().fold(env, |env, (name, value)| env.with(name, *value));
    let kit = Settings::read(&env, ServiceName::Notify).unwrap();
    Config::read(kit, &env).map_err(|cause| cause.to_string())
}

fn folder(variables: &[(&str, &str)]) -> String {
    config(variables).unwrap().folder().unwrap().display().to_string()
}

#[test]
fn without_a_mail_server_mails_go_to_a_folder() {
    assert_eq!(folder(&[]), "./.ecom/mails");
    assert_eq!(folder(&[("ECOM_DATA", "/data")]), "/data/mails");
    assert_eq!(folder(&[("ECOM_DATA", "/data"), ("MAIL_FOLDER", "/mails")]), "/mails");
}

#[test]
fn production_refuses_to_start_without_a_mail_server() {
    let production = [("ECOM_ENV", "production"), ("PUBLIC_URL", "https://shop.example")];
    let refused = config(&production).unwrap_err();
    assert_eq!(
        refused,
        "SMTP_URL is not set: expected smtp://host:port or smtps://user:password@host (only in development are mails \
         kept in a folder)"
    );
    // Compose's catcher is for development.
    let catcher = ("DEVELOPMENT_SMTP_URL", "smtp://mailpit:1025");
    assert_eq!(config(&[production[0], production[1], catcher]).unwrap_err(), refused);
    assert!(matches!(config(&[catcher]).unwrap().mail.way, Way::Smtp(_)));
    let accepted = config(&[production[0], production[1], ("SMTP_URL", "smtps://shop:secret@mail.example.com")]);
    assert!(matches!(accepted.unwrap().mail.way, Way::Smtp(_)));
}

#[test]
fn production_sends_no_mail_that_others_can_read_on_its_way() {
    let sent_by = |url: &str, more: &[(&str, &str)]| {
        let production = [("ECOM_ENV", "production"), ("PUBLIC_URL", "https://shop.example"), ("SMTP_URL", url)];
        config(&[&production, more].concat())
    };
    for plain in [
        "smtp://mail.example.com",
        "smtp://shop:secret@10.0.0.7:25",
        "smtp://mail.example.com?tls=opportunistic",
        "smtp://localhost.example.com",
    ] {
        let refused = sent_by(plain, &[]).unwrap_err();
        assert!(refused.starts_with("SMTP_URL is not encrypted") && !refused.contains("secret"), "{refused}");
        assert!(sent_by(plain, &[("PLAINTEXT_ALLOWED", "SMTP_URL")]).is_ok(), "{plain}");
        assert!(config(&[("SMTP_URL", plain)]).is_ok(), "development takes {plain}");
    }
    for good in [
        "smtps://mail.example.com",
        "smtp://mail.example.com:587?tls=required",
        "smtp://localhost:25",
        "smtp://127.0.0.1",
        "smtp://[::1]:25",
    ] {
        assert!(sent_by(good, &[]).is_ok(), "{good}");
    }
}

#[test]
fn a_wrong_mail_server_is_refused_without_its_password() {
    for url in ["mail.example.com", "https://shop:secret@mail.example.com", "smtp://", "smtp:secret"] {
        let refused = config(&[("SMTP_URL", url)]).unwrap_err();
        assert!(refused.starts_with("SMTP_URL=") && !refused.contains("secret"), "{refused}");
    }
}

#[test]
fn a_wrong_sender_is_refused_by_name() {
    for from in [
        "shop",
        "Shop <shop>",
        "Shop <shop@example.com>\r\nBcc: x@example.com",
        "<a@b.c> <d@e.f>",
        "Shop\u{2028} <shop@example.com>",
        "\u{3164} <shop@example.com>",
        "\u{202E}Shop <shop@example.com>",
    ] {
        let refused = config(&[("MAIL_FROM", from)]).unwrap_err();
        assert!(refused.starts_with("MAIL_FROM=") && refused.contains("Ecom-Micro <shop@example.com>"), "{refused}");
    }
    for from in ["shop@example.com", "Ecom-Micro <shop@localhost>", "Der Kaufladen Müller <shop@example.com>"] {
        config(&[("MAIL_FROM", from)]).unwrap();
    }
}

#[test]
fn mails_come_from_the_shop_by_its_name() {
    let name = |variables: &[(&str, &str)]| config(variables).unwrap().mail.from.name;
    assert_eq!(name(&[]).as_deref(), Some("Ecom-Micro"));
    let from = ("MAIL_FROM", "Kaufladen <shop@example.com>");
    assert_eq!(name(&[from]).as_deref(), Some("Kaufladen"));
    assert_eq!(
        name(&[from, ("SHOP_NAME", " Ada's \"Engines\" & Söhne ")]).as_deref(),
        Some("Ada's \"Engines\" & Söhne")
    );
    let longest = "x".repeat(60);
    assert_eq!(name(&[("SHOP_NAME", &longest)]), Some(longest.clone()));
    for wrong in [" ", "two\nlines", "Shop\u{0}", "a\r\nBcc: x@example.com", "\u{202E}pohS", &format!("{longest}x")] {
        let refused = config(&[("SHOP_NAME", wrong)]).unwrap_err();
        assert!(refused.starts_with("SHOP_NAME=") && refused.contains("1 to 60 characters on one line"), "{refused}");
    }
}

#[test]
fn the_senders_domain_is_written_as_the_dns_has_it() {
    let from = config(&[("MAIL_FROM", "B\u{fc}cher <shop@b\u{fc}cher.example>")]).unwrap().mail.from;
    assert_eq!((from.name.as_deref(), from.email.domain()), (Some("B\u{fc}cher"), "xn--bcher-kva.example"));
}

#[test]
fn a_bound_that_is_none_is_refused() {
    for attempts in ["0", "101", "many"] {
        let refused = config(&[("MAIL_ATTEMPTS", attempts)]).unwrap_err();
        assert!(refused.contains("a whole number from 1 to 100"), "{refused}");
    }
}

#[test]
fn messages_are_kept_for_a_year_and_never_shorter_than_what_repeats_them() {
    let kept = |variables: &[(&str, &str)]| config(variables).map(|config| config.messages_kept);
    assert_eq!(kept(&[]), Ok(Some(365)));
    assert_eq!(kept(&[("RETENTION_MESSAGES", "90")]), Ok(Some(90)));
    assert_eq!(kept(&[("RETENTION_EVENTS", "700")]), Ok(Some(700)));
    assert_eq!(kept(&[("RETENTION", "off")]), Ok(None));
    for (messages, events) in [("89", "30"), ("100", "101"), ("a year", "90")] {
        let refused = kept(&[("RETENTION_MESSAGES", messages), ("RETENTION_EVENTS", events)]).unwrap_err();
        assert!(refused.starts_with("RETENTION_MESSAGES="), "{refused}");
    }
}
