//! The mail folder and its pages.

use crate::support::{Shop, event, fixed, paid, registered};
use serde_json::json;
use std::path::Path;
use test_kit::Client;
use tokio::net::TcpListener;

/// A shop whose mails go to `folder`, and a client of the pages over it.
async fn shop(folder: &Path) -> (Shop, Client) {
    let shop = Shop::open_with(&[("SMTP_URL", ""), ("MAIL_FOLDER", folder.to_str().unwrap())]).await;
    (shop, pages(folder).await)
}

async fn pages(folder: &Path) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(format!("http://{}", listener.local_addr().unwrap()));
    let router = notify_service::dev_mails(folder.to_owned());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_in_the_folder_is_listed_shown_and_its_link_found() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, pages) = shop(folder.path()).await;
    shop.deliver(&event(10, registered(fixed(1)))).await;
    shop.deliveries("sent", 1).await;
    let json = pages.get("/dev/mails.json").await;
    let mail = &json.assert_status(200).body[0];
    let link = "http://shop.test/verify-email?token=9fffffffffff7000800000000000000a";
    let expected = json!([{
        "name": mail["name"], "time": mail["time"], "text": mail["text"],
        "from": "The Shop <shop@shop.test>", "to": "ada@example.com",
        "subject": "Confirm your e-mail address", "links": [link, "http://localhost:8080/"],
        "message_id": "9fffffff-ffff-7000-8000-00000000000a.verify_email@shop.test",
    }]);
    assert_eq!(json.body, expected);
    assert!(mail["text"].as_str().unwrap().contains(link));

    let name = mail["name"].as_str().unwrap();
    let list = pages.get("/dev/mails").await;
    assert!(list.text.contains(&format!("<a href=\"/dev/mails/{name}\">Confirm your e-mail address</a>")));
    let shown = pages.get(&format!("/dev/mails/{name}")).await;
    assert!(shown.text.contains(&format!("<a href=\"{link}\">")), "{}", shown.text);
    assert!(shown.text.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\""));
    assert!(
        shown.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'; style-src 'self'")
    );
    let html = pages.get(&format!("/dev/mails/{name}/html")).await;
    assert!(html.assert_status(200).text.contains("Confirm my address"));
    assert!(html.headers["content-security-policy"].to_str().unwrap().contains("sandbox allow-popups"));
    let raw = pages.get(&format!("/dev/mails/{name}/raw")).await;
    assert!(raw.text.contains("Message-ID: <9fffffff-ffff-7000-8000-00000000000a.verify_email@shop.test>"));
    assert_eq!(raw.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(pages.get("/dev/mails/style.css").await.headers["content-type"], "text/css; charset=utf-8");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_come_first_and_can_be_asked_for_by_address() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, pages) = shop(folder.path()).await;
    shop.deliver(&event(10, registered(fixed(1)))).await;
    shop.deliveries("sent", 1).await;
    shop.deliver(&event(11, paid(fixed(1), fixed(2)))).await;
    shop.deliveries("sent", 2).await;
    let found = pages.get("/dev/mails.json?to=ADA@example.com").await;
    let subjects: Vec<_> = found.body.as_array().unwrap().iter().map(|mail| mail["subject"].clone()).collect();
    assert_eq!(subjects, ["Payment received: order 1001 is confirmed", "Confirm your e-mail address"]);
    assert_eq!(pages.get("/dev/mails.json?to=bob@example.com").await.body, json!([]));
    // A misspelt filter must not show everybody's.
    pages.get("/dev/mails.json?for=bob@example.com").await.assert_status(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_written_twice_is_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, pages) = shop(folder.path()).await;
    // The first time nobody can mark it as sent.
    let break_marking = "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'dead'; END $$;
         CREATE TRIGGER die BEFORE UPDATE ON deliveries FOR EACH ROW WHEN (NEW.status = 'sent' AND NEW.attempts = 1)
         EXECUTE FUNCTION die()";
    sqlx::raw_sql(break_marking).execute(shop.database.pool()).await.unwrap();
    shop.deliver(&event(10, paid(fixed(1), fixed(2)))).await;
    shop.in_time("the second sending", || async {
        let query = "SELECT count(*) FROM deliveries WHERE status = 'sent' AND attempts = 2";
        (shop.database.count(query).await == 1).then_some(())
    })
    .await;
    assert_eq!(pages.get("/dev/mails.json").await.body.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_leads_out_of_the_folder() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("mails");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(outside.path().join("secret.eml"), "Subject: secret\r\n\r\nsecret").unwrap();
    std::fs::write(folder.join("note.eml"), "Subject: note\r\n\r\nnote").unwrap();
    let pages = pages(&folder).await;
    for name in ["..%2Fsecret", "..%2fsecret.eml", "%2E%2E%2Fsecret", "note", "note.eml", "..%5Csecret", "%00"] {
        for part in ["", "/html", "/raw"] {
            let answer = pages.get(&format!("/dev/mails/{name}{part}")).await;
            assert!(answer.status.is_client_error(), "{name}{part} answered {}", answer.status);
            assert!(!answer.text.contains("secret\n") && !answer.text.contains("Subject"), "{}", answer.text);
        }
    }
    let unknown = format!("/dev/mails/{}", uuid::Uuid::nil());
    pages.get(&unknown).await.assert_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_or_missing_folder_shows_an_empty_page() {
    let folder = tempfile::tempdir().unwrap();
    let pages = pages(&folder.path().join("not-made-yet")).await;
    assert_eq!(pages.get("/dev/mails.json").await.assert_status(200).body, json!([]));
    assert!(pages.get("/dev/mails").await.text.contains("No mail yet"));
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_a_mail_stays_text_on_our_pages() {
    let folder = tempfile::tempdir().unwrap();
    let name = uuid::Uuid::nil();
    let mail = "From: a@example.com\r\nTo: \"<b>\" <b@example.com>\r\nSubject: <script>alert(1)</script>\r\n\r\n\
                </pre><script>alert(2)</script> javascript:alert(3)";
    std::fs::write(folder.path().join(format!("{name}.eml")), mail).unwrap();
    let pages = pages(folder.path()).await;
    for path in ["/dev/mails".to_owned(), format!("/dev/mails/{name}")] {
        let page = pages.get(&path).await;
        assert!(!page.assert_status(200).text.contains("<script"), "{}", page.text);
        assert!(!page.text.contains("href=\"javascript"), "{}", page.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_newest_thousand_stay() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..1005_u128 {
        let name = uuid::Uuid::from_u128(number);
        std::fs::write(folder.path().join(format!("{name}.eml")), "Subject: old\r\n\r\nold").unwrap();
    }
    let (shop, _) = shop(folder.path()).await;
    shop.deliver(&event(10, paid(fixed(1), fixed(2)))).await;
    shop.deliveries("sent", 1).await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1000);
    assert!(!folder.path().join(format!("{}.eml", uuid::Uuid::from_u128(5))).exists(), "the oldest go");
    assert!(folder.path().join(format!("{}.eml", uuid::Uuid::from_u128(6))).exists(), "and no others");
}
