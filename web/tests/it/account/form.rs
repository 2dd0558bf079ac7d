//! What every form has: for whoever cannot see it, whoever has no mouse, and whoever typed something wrong.

use crate::stand_in::{logged_in, open, problem, second_factor, wrong};

/// With their fields, and what a browser may fill them with.
const FORMS: &[(&str, &[(&str, &str)])] = &[
    ("/login", &[("email", "username"), ("password", "current-password")]),
    (
        "/register",
        &[("first_name", "given-name"), ("last_name", "family-name"), ("email", "email"), ("password", "new-password")],
    ),
    ("/resend-verification", &[("email", "email")]),
    ("/forgot-password", &[("email", "email")]),
    ("/reset-password?token=abc", &[("new_password", "new-password")]),
    ("/confirm-email?token=abc", &[]),
    (
        "/accept-invitation?token=abc",
        &[("first_name", "given-name"), ("last_name", "family-name"), ("password", "new-password")],
    ),
    ("/account/password", &[("password", "current-password"), ("new_password", "new-password")]),
    ("/account/email", &[("email", "email"), ("password", "current-password")]),
    (
        "/account/addresses/new",
        &[
            ("name", "name"),
            ("line1", "address-line1"),
            ("line2", "address-line2"),
            ("postal_code", "postal-code"),
            ("city", "address-level2"),
            ("region", "address-level1"),
            ("country", "country"),
            ("default_shipping", ""),
            ("default_billing", ""),
        ],
    ),
    ("/account/second-factor/begin", &[("password", "current-password")]),
    ("/account/second-factor/recovery-codes", &[("password", "current-password"), ("code", "one-time-code")]),
    ("/account/second-factor/give-up", &[("password", "current-password"), ("code", "one-time-code")]),
    ("/account/data/copy", &[("password", "current-password"), ("code", "one-time-code")]),
    ("/account/data/erasure", &[("understood", ""), ("password", "current-password"), ("code", "one-time-code")]),
];

/// The attribute of the input with this name.
fn attribute<'a>(page: &'a str, input: &str, name: &str) -> &'a str {
    let mut tags =
        page.split('<').filter(|tag| tag.starts_with("input ") && tag.contains(&format!(" name=\"{input}\"")));
    let tag = tags.next_back().unwrap_or_else(|| panic!("no input {input} in {page}"));
    tag.split_once(&format!(" {name}=\"")).map_or("", |(_, rest)| rest.split('"').next().unwrap())
}

#[tokio::test]
async fn every_page_has_one_title_landmarks_and_a_label_for_every_input() {
    let (desk, browser) = logged_in(900).await;
    desk.answer("GET /auth/second-factor", 200, second_factor(true));
    let (_, nobody) = open().await;
    for (path, fields) in FORMS {
        let who = if path.starts_with("/account") { &browser } else { &nobody };
        let page = who.get(path).await;
        page.holds(200, &["<html lang=\"en\">", "<header", "<main id=\"main\"", "<nav aria-label=", "href=\"#main\""]);
        assert_eq!(page.text.matches("<h1>").count(), 1, "{path}");
        let title = page.text.split("<title>").nth(1).unwrap().split(" · ").next().unwrap();
        page.holds(200, &[&format!("<h1>{title}</h1>")]);
        let visible = page.text.matches("<input ").count() - page.text.matches("type=\"hidden\"").count();
        assert_eq!(visible, fields.len(), "{path}");
        for (name, autocomplete) in *fields {
            let id = attribute(&page.text, name, "id");
            page.holds(200, &[&format!("<label for=\"{id}\">")]);
            assert_eq!(attribute(&page.text, name, "autocomplete"), *autocomplete, "{path} {name}");
            let box_to_tick = attribute(&page.text, name, "type") == "checkbox";
            assert_eq!(attribute(&page.text, name, "value"), if box_to_tick { "yes" } else { "" }, "{path} {name}");
            assert!(!page.text.contains(" checked"), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_on_top_and_what_was_typed_is_kept() {
    let (desk, browser) = open().await;
    let refusal = wrong(&[("/email", "is no address"), ("/password", "is too short"), ("/shoe_size", "is unknown")]);
    desk.answer("POST /auth/register", 422, refusal);
    let typed = [("first_name", "A \"<da"), ("last_name", "Lovelace"), ("email", "ada"), ("password", "tell nobody")];
    let page = browser.send("/register", &typed).await;
    page.holds(
        422,
        &[
            "<title>Error: Register · ",
            "role=\"alert\" tabindex=\"-1\" autofocus",
            "<li><a href=\"#register-email\">E-mail address is no address.</a></li>",
            "<li><a href=\"#register-password\">Password is too short.</a></li>",
            "<li>The shoe size is unknown.</li>",
            "id=\"register-email-trouble\">E-mail address is no address.</span>",
        ],
    );
    page.lacks(&["tell nobody", "<da"]);
    insta::assert_snapshot!(page.text.as_str());
    assert_eq!(attribute(&page.text, "email", "aria-invalid"), "true");
    assert_eq!(attribute(&page.text, "email", "aria-describedby"), "register-email-trouble");
    assert_eq!(
        attribute(&page.text, "password", "aria-describedby"),
        "register-password-hint register-password-trouble"
    );
    assert_eq!(attribute(&page.text, "first_name", "aria-invalid"), "");
    for (name, kept) in
        [("first_name", "A &#34;&#60;da"), ("last_name", "Lovelace"), ("email", "ada"), ("password", "")]
    {
        assert_eq!(attribute(&page.text, name, "value"), kept);
    }
    assert!(!browser.has("__Host-registration"));
}

#[tokio::test]
async fn too_many_and_not_now_are_told_in_plain_words_with_the_time_to_come_again() {
    let (desk, browser) = open().await;
    let sent = [("email", "ada@example.com"), ("password", "correct horse")];
    let inner = problem("too_many_failed_logins", "Too many logins failed: try again in 840 s.");
    desk.answer_later("POST /auth/login", 429, inner, 840);
    let page = browser.send("/login", &sent).await;
    page.holds(
        429,
        &["Too many log-ins with this address failed. Try again in 14 minutes.", "value=\"ada@example.com\""],
    );
    assert_eq!(page.headers["retry-after"], "840");
    desk.anew().answer_later("POST /auth/login", 503, problem("busy", "inner words"), 3);
    let page = browser.send("/login", &sent).await;
    page.holds(503, &["This cannot be done at the moment. Try again in 3 seconds.", "value=\"ada@example.com\""]);
    page.lacks(&["inner words", "correct horse"]);
    assert_eq!(page.headers["retry-after"], "3");
    for status in [500, 200] {
        desk.anew().answer("POST /auth/login", status, problem("internal", "inner words"));
        let page = browser.send("/login", &sent).await;
        page.holds(503, &["Try again in 60 seconds."]).lacks(&["inner words"]);
        assert_eq!(page.headers["retry-after"], "60");
    }
}

#[tokio::test]
async fn user_service_is_told_for_whom_a_page_asks() {
    let (desk, browser) = open().await;
    browser.send("/forgot-password", &[("email", "ada@example.com")]).await;
    assert_eq!(desk.asked()[0].header("x-forwarded-for"), "203.0.113.7");
}
