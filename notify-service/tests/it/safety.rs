//! Names and texts are strangers': they stay what they are.

use crate::support::{Shop, created, event, fixed, paid, registered};
use contracts::events::user;
use service_kit::auth::Role;

#[tokio::test(flavor = "multi_thread")]
async fn a_name_with_a_line_break_makes_no_header() {
    let shop = Shop::open().await;
    shop.users.everybody_is_called("Ada\r\nBcc: everybody@example.com\r\n\r\nBuy!", "\"<x@example.com>\", Ümläut");
    shop.deliver(&event(10, paid(fixed(1), fixed(2)))).await;
    let mail = shop.mails(1).await.remove(0);
    let (headers, _) = mail.raw.split_once("\r\n\r\n").unwrap();
    let names: Vec<_> = headers
        .lines()
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split(':').next().unwrap().to_ascii_lowercase())
        .collect();
    assert!(!names.contains(&"bcc".to_owned()), "{headers}");
    let message = mail_parser::MessageParser::default().parse(mail.raw.as_bytes()).unwrap();
    let to: Vec<_> = message.to().unwrap().iter().map(|address| address.address().unwrap().to_owned()).collect();
    assert_eq!(to, ["ada@example.com"], "{headers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_names_is_shown_and_not_obeyed() {
    let shop = Shop::open().await;
    shop.users.everybody_is_called("<img src=x onerror=alert(1)>", "Lovelace");
    shop.deliver(&event(10, created(fixed(1), fixed(2), "<script>alert('mug')</script> & \"co\""))).await;
    let mail = shop.mails(1).await.remove(0);
    assert!(!mail.html.contains("<script") && !mail.html.contains("<img"), "{}", mail.html);
    assert!(
        mail.html.contains("&#60;script&#62;alert(&#39;mug&#39;)&#60;/script&#62; &#38; &#34;co&#34;"),
        "{}",
        mail.html
    );
    // In plain text it is what it is.
    assert!(mail.text.contains("2 × <script>alert('mug')</script> & \"co\" (MUG-1): 25.98 EUR"), "{}", mail.text);
}

/// Whoever types a stranger's address must not be able to write to them through us.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_somebody_typed_is_mailed_to_an_address_that_is_not_confirmed() {
    let shop = Shop::open().await;
    shop.users.everybody_is_called("Win 500 EUR https://evil.example", "Canarylast");
    shop.deliver(&event(10, registered(fixed(1)))).await;
    shop.deliver(&event(11, user::VerificationRequested { account_id: fixed(1) })).await;
    shop.deliver(&event(12, user::RegistrationRepeated { account_id: fixed(1) })).await;
    for mail in shop.mails(3).await {
        for typed in ["Win", "500", "evil", "Canary"] {
            let all = format!("{}{}{}{}", mail.raw, mail.subject, mail.text, mail.html);
            assert!(!all.contains(typed), "{typed}: {all}");
        }
        assert!(mail.text.starts_with("Hello,\n") && mail.html.contains("Hello,</p>"), "{}", mail.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_begins_with_a_dot_does_not_end_the_mail() {
    let shop = Shop::open().await;
    shop.users.everybody_is_called(".", "\r\n.\r\n");
    shop.deliver(&event(10, created(fixed(1), fixed(2), "\r\n.\r\nMAIL FROM:<x@example.com>\r\n"))).await;
    let mail = shop.mails(1).await.remove(0);
    assert!(mail.text.contains("Total: 32.38 EUR"), "{}", mail.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_name_nor_address_is_stored() {
    let shop = Shop::open().await;
    shop.users.everybody_is_called("Canaryfirst", "Canarylast");
    shop.deliver(&event(10, created(fixed(1), fixed(2), "Mug"))).await;
    shop.mails(1).await;
    shop.deliveries("sent", 1).await;
    let found = "SELECT (SELECT count(*) FROM messages WHERE messages::text ~* 'canary|ada@')
                      + (SELECT count(*) FROM deliveries WHERE deliveries::text ~* 'canary|ada@')
                      + (SELECT count(*) FROM event_log WHERE event_log::text ~* 'canary|ada@')";
    assert_eq!(shop.database.count(found).await, 0);
    let inbox = shop.client(shop.signer.person(fixed(1), Role::Customer)).get("/notifications").await;
    assert!(!inbox.text.contains("Canary"), "{}", inbox.text);
}
